"""What is taken back: an event that never happened, and a deal that is one with another."""

from __future__ import annotations

from playgate.conditions.instants import show_instant
from playgate.documents.document import nearest
from playgate.enforce.live import Live
from playgate.enforce.values import Merged, Retracted
from playgate.errors import InputError
from playgate.ledger.rows import DealRow, MergeRow, RetractionRow

__all__ = ["merge", "retract"]


def retract(live: Live, deal: str, known_id: str, reason: str, *, actor: str) -> Retracted:
    """Records that an event never happened: nothing is judged by it from now on; must be called
    inside a transaction.

    An event of a deal that was merged is found by the id that it had there.
    """
    now = live.known_as(deal)
    live.row(now)
    _check_reason(reason)
    event = None
    if now != deal:
        event = live.ledger.events.get(now, f"{deal}/{known_id}")
    event = event or live.ledger.events.get(now, known_id)
    if event is None:
        ids = [each.event_id for each in live.ledger.events.of(now)]
        hint = nearest(known_id, ids) or f"playgate history {deal} tells the ids"
        raise InputError(f"{deal} has no event {known_id}", hint=hint, code="unknown-name")
    before = live.ledger.taken_back.retraction(now, event.event_id)
    if before is not None:
        who = f" by {before.actor}" if before.actor else ""
        note = f"retracted already{who}, at {show_instant(before.at)}: nothing was changed"
        return Retracted(now, event, before.reason, note)
    row = RetractionRow(now, event.event_id, live.now, actor, reason.strip())
    live.ledger.taken_back.retract(row)
    return Retracted(now, event, row.reason)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InputError(
            "what is retracted needs a reason",
            hint="--reason TEXT, for those who read the history",
            code="missing-key",
        )


def merge(live: Live, deal: str, into: str, *, actor: str, reason: str = "") -> Merged:
    """Makes a deal's events, decisions and waivers another's, by whose id it is known from now on;
    must be called inside a transaction.

    What both have stands there once. The gate has known the deal since the earlier first decision.
    """
    target = live.row(live.known_as(into))
    now = live.known_as(deal)
    if now == target.deal:
        if deal in (into, target.deal):
            raise InputError(f"{deal} and {into} are the same deal", code="wrong-value")
        return Merged(deal=deal, into=target.deal, note=f"known as {now} already: nothing changed")
    source = live.row(now)
    _check_same_rules(live, source, target)
    events = len(live.ledger.events.of(source.deal))
    doubles = live.ledger.taken_back.merge(
        MergeRow(source.deal, target.deal, live.now, actor, reason.strip())
    )
    return Merged(deal=source.deal, into=target.deal, events=events, doubles=doubles)


def _check_same_rules(live: Live, source: DealRow, target: DealRow) -> None:
    """Raises `InputError` where the two are not judged by the same version, by the same way."""
    if source.playbook != target.playbook:
        one, other = live.playbook(source.playbook), live.playbook(target.playbook)
        hint = "a deal is judged by one playbook"
        if one.name == other.name:
            hint = "playgate migrate --to VERSION brings both under one version"
        raise InputError(
            f"{source.deal} is under {one.name} version {one.version}, {target.deal} under"
            f" {other.name} version {other.version}",
            hint=hint,
            code="wrong-value",
        )
    steps = [
        [(each.at, each.from_playbook) for each in live.ledger.migrations.of(row.deal)]
        for row in (source, target)
    ]
    if steps[0] != steps[1]:
        raise InputError(
            f"{source.deal} and {target.deal} did not come under their version in the same way:"
            " one was migrated otherwise than the other",
            hint="their events are told in the words of two versions and cannot be put together",
            code="wrong-value",
        )
