"""What is known of a deal at the instant at which it is asked about."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from playgate.conditions.instants import show_instant
from playgate.enforce.live import SKEW, Live, last_move
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.ledger.rows import DealRow
from playgate.model.playbook import Playbook
from playgate.records import Record

__all__ = ["Sight", "check_order", "look", "moved_there"]


class Sight(Record):
    """A deal as the gate sees it: what judges it, what happened, and where it stands."""

    row: DealRow
    playbook: Playbook
    events: list[Event]
    """In the words of the playbook, in the order in which they were recorded."""
    at: int
    """The instant of the question."""
    stage: str
    since: int | None
    mover: str
    """By whom it was moved into its stage."""

    @property
    def asked_of(self) -> tuple[Hashable, ...]:
        """What every judgement of it depends on, its events apart."""
        row = self.row
        moved = self.at, self.stage, self.since, self.mover
        return row.deal, row.first_decision_at, row.migrated_at, self.playbook.sha256, *moved


def look(live: Live, deal: str, at: int, *, facts: Sequence[Event] = ()) -> Sight:
    """Returns what is known of a deal for a move at an instant, with facts that only come with the
    question.

    Clocks differ: a last move that lies a little ahead of now is the instant of one that is made
    now.
    """
    row = live.row(deal)
    playbook = live.pinned(row)
    events = [*live.events(row), *facts]
    stage, since, mover = last_move(playbook, events, until=max(at, live.now + SKEW))
    latest = max(since or 0, row.migrated_at or 0)
    if at < latest and live.now < latest and live.now - SKEW <= at:
        at = latest
    return Sight(row, playbook, events, at, stage, since, mover)


def moved_there(sight: Sight) -> str:
    """Returns when a deal was moved into its stage, and by whom."""
    zone = sight.playbook.zone
    at = f" at {show_instant(sight.since, zone)}" if sight.since is not None else ""
    return f"{at} by {sight.mover}" if sight.mover else at


def check_order(sight: Sight) -> None:
    """Raises `InputError` where a move would lie before the deal's last one, or its migration."""
    row, playbook = sight.row, sight.playbook
    if sight.since is not None and sight.at < sight.since:
        raise InputError(
            f"{row.deal} was moved into {sight.stage} later than that,{moved_there(sight)}",
            hint="a move cannot lie before the deal's last one",
            code="too-early",
        )
    if row.migrated_at is not None and sight.at < row.migrated_at:
        when = show_instant(row.migrated_at, playbook.zone)
        raise InputError(
            f"{row.deal} was migrated to version {playbook.version} later than that, at {when}",
            hint="a move cannot lie before it",
            code="too-early",
        )
