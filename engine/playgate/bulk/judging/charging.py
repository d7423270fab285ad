"""Who is charged with each verdict."""

from __future__ import annotations

import ibis

from playgate.bulk.judging.history import History
from playgate.bulk.judging.setting import Setting
from playgate.bulk.values.expressions import Table, number

__all__ = ["charged"]


def charged(setting: Setting, history: History, verdicts: Table) -> Table:
    """Adds who is charged with each verdict: the actor, else the owner, else the last to act."""
    keep = setting.steps.keep
    bare = (
        verdicts.filter(verdicts.actor == "")
        .select("deal_no", "due_at", "last_move_seen")
        .distinct()
    )
    owned = keep("owners_when_due", _owned(history, bare))
    acted = _last_to_act(history, owned.filter(owned.owner.isnull()))
    row = owned.left_join(
        acted,
        [
            owned.deal_no == acted.deal_no,
            owned.due_at == acted.due_at,
            owned.last_move_seen == acted.last_move_seen,
        ],
    )
    instead = keep(
        "charged_instead",
        row.select(
            charged_deal_no="deal_no",
            charged_due_at="due_at",
            charged_last_move="last_move_seen",
            actor_instead=ibis.coalesce(row.owner, row.last_actor, ibis.literal("")),
        ),
    )
    joined = verdicts.left_join(
        instead,
        [
            verdicts.actor == "",
            verdicts.deal_no == instead.charged_deal_no,
            verdicts.due_at == instead.charged_due_at,
            verdicts.last_move_seen == instead.charged_last_move,
        ],
    )
    actor = ibis.ifelse(joined.actor != "", joined.actor, joined.actor_instead)
    return keep(
        "charged_verdicts",
        joined.select(
            "deal_no",
            "rule",
            "verdict",
            "due_at",
            "moment_no",
            "position",
            "is_made_good",
            "cause",
            charged=actor,
        ),
    )


def _owned(history: History, moments: Table) -> Table:
    fields = history.fields
    owners = fields.filter(fields.name == "owner").select(
        "since", owned_deal_no="deal_no", owner="text", owned_until="until"
    )
    row = moments.left_join(
        owners,
        [
            moments.deal_no == owners.owned_deal_no,
            owners.since <= moments.due_at,
            moments.due_at < owners.owned_until,
        ],
    )
    return row.select("deal_no", "due_at", "last_move_seen", "owner")


def _last_to_act(history: History, moments: Table) -> Table:
    """Finds who acted last by a stage, activity or field event; a move does not see later moves."""
    events = history.events
    others = events.filter((events.is_known == 1) & events.kind.isin(["activity", "field"]))
    moves = history.moves
    acted = ibis.union(
        others.select(
            "effective_at",
            acting_deal_no="deal_no",
            acted_position="position",
            acted_by="actor",
            move_no=number(-1),
        ),
        moves.select(
            "move_no",
            effective_at="at",
            acting_deal_no="deal_no",
            acted_position="position",
            acted_by="actor",
        ),
    )
    acted = acted.filter(acted.acted_by != "")
    row = moments.join(
        acted,
        [
            moments.deal_no == acted.acting_deal_no,
            acted.effective_at <= moments.due_at,
            acted.move_no <= moments.last_move_seen,
        ],
    )
    last = row.group_by("deal_no", "due_at", "last_move_seen").agg(
        acted_position=row.acted_position.max()
    )
    actors = acted.select("acting_deal_no", "acted_position", "acted_by")
    found = last.join(
        actors,
        [last.deal_no == actors.acting_deal_no, last.acted_position == actors.acted_position],
    )
    return found.select("deal_no", "due_at", "last_move_seen", last_actor="acted_by")
