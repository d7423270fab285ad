"""What would be paid if: a history with moves that are only supposed."""

from __future__ import annotations

from collections.abc import Mapping

from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.deal import responsible
from playgate.history.event import Event
from playgate.history.spool import Spool
from playgate.history.walk import walk
from playgate.judge.judge import Judge
from playgate.numbers.history import History
from playgate.numbers.occurrences import sale_stages
from playgate.pay.model import PayPlan
from playgate.pay.of_deal import SUPPOSED

__all__ = ["suppose"]


def suppose(
    plan: PayPlan, judge: Judge, history: History, wishes: Mapping[str, str], as_of: int
) -> Spool:
    """Returns a history in which each deal of `wishes` came into a stage (or was `won`, or `lost`)
    as of an instant.

    A deal that is won comes on the way into the stage in which it is paid for. Raises `InputError`
    where there is no such deal or stage.
    """
    ways = {deal: _way(plan, judge, wish) for deal, wish in wishes.items()}
    found = Spool()
    seen: list[str] = []
    for walked in walk(history.deals(), judge.reader(), lambda _: True, as_of=as_of):
        deal = walked.deal
        found.extend(walked.events)
        seen.append(deal.id)
        if deal.id not in ways or not walked.is_one:
            continue
        actor = responsible(deal, len(deal.events) - 1)
        entered = deal.stage_at(as_of)
        place = judge.track.place
        for stage in ways[deal.id]:
            if len(ways[deal.id]) > 1 and place.get(entered, -1) >= place[stage]:
                continue
            found.add(Event(deal.id, as_of, "stage", stage, "", actor, as_of, "", "", SUPPOSED, 0))
    for deal_id in ways:
        if deal_id not in seen:
            raise InputError(
                f'the history has no deal "{deal_id}"', hint=nearest(deal_id, seen), code="no-deal"
            )
    return found


def _way(plan: PayPlan, judge: Judge, wish: str) -> list[str]:
    playbook = judge.playbook
    stages = [stage.id for stage in playbook.stages]
    if wish in stages:
        return [wish]
    if wish == "won":
        sale = sale_stages(playbook)
        first = [stage.id for stage in playbook.track if stage.id in sale][:1]
        place = judge.track.place
        return sorted({*first, plan.due}, key=lambda stage: place[stage])
    if wish == "lost":
        lost = [stage.id for stage in playbook.stages if stage.ends == "lost"]
        if lost:
            return lost[:1]
    known = [*stages, "won", "lost"]
    raise InputError(
        f'stage "{wish}" does not exist', hint=nearest(wish, known), code="unknown-name"
    )
