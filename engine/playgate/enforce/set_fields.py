"""Values of fields that are set by themselves: asked of the rules that say whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playgate.enforce.decide import decide_values
from playgate.enforce.facts import field_events, keeps_record, record
from playgate.enforce.gate import demands, noted
from playgate.enforce.live import Live
from playgate.enforce.sight import Sight, look
from playgate.enforce.values import Decision, RecordedFact, UnmetRule
from playgate.history.event import Event
from playgate.model.playbook import Playbook
from playgate.records import replace

__all__ = ["set_fields"]


def set_fields(
    live: Live, deal: str, fields: Mapping[str, str], *, at: int, actor: str, known_id: str = ""
) -> RecordedFact | Decision:
    """Records values of fields, an empty text clears one; or returns the decision that refuses
    them, of which nothing is recorded."""
    keeps_record(live, "set", "the CRM keeps it, and an import or a question brings it here")
    playbook = live.pinned(live.row(deal))
    events = field_events(live, deal, playbook, fields, at, actor, known_id)
    asked = _asked(live, playbook, events)
    if not asked:
        return record(live, deal, events, known_id)
    sight = look(live, deal, at)
    unmet = _unmet(live, sight, events, asked, actor)
    refused = any(each.refuses for each in unmet)
    if refused and not live.shadow:
        told = noted(live, sight, "", actor, "")
        return replace(told, governed=True, demands=unmet, fields=tuple(fields))
    found = record(live, deal, events, known_id)
    return replace(found, demands=unmet, would_refuse=refused)


def _asked(live: Live, playbook: Playbook, events: Sequence[Event]) -> list[Event]:
    """Returns the values that not everybody may set, and that the ledger has not yet."""
    owned = {each.field for each in playbook.set_by}
    return [
        event
        for event in events
        if event.name in owned and live.ledger.events.get(event.deal, event.event_id) is None
    ]


def _unmet(
    live: Live, sight: Sight, events: Sequence[Event], asked: Sequence[Event], actor: str
) -> tuple[UnmetRule, ...]:
    names = tuple(event.name for event in asked)
    return live.judged.of(
        lambda: (actor, names, len(events), *live.asked_of(), *sight.asked_of),
        [*sight.events, *events],
        lambda: _judged(live, sight, events, asked, actor),
    )


def _judged(
    live: Live, sight: Sight, events: Sequence[Event], asked: Sequence[Event], actor: str
) -> tuple[UnmetRule, ...]:
    judge = live.judge(sight.playbook)
    known = {event.event_id for event in sight.events}
    news = [event for event in events if event.event_id not in known]
    deal, answers = decide_values(
        judge, live.reader(judge), [*sight.events, *news], asked, now=live.now
    )
    return demands(live, judge, deal, answers, actor, attempt=-1)
