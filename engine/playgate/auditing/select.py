"""What an audit is asked for: each deal, rep and rule must be there, else the nearest is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from playgate.audit.selection import Selection
from playgate.conditions.instants import SKEW
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.model.playbook import Playbook
from playgate.records import Record
from playgate.rules.list import glob_matches, list_rules

__all__ = ["Scope", "check_deals", "check_rules", "find_actors"]


class Scope(Record, kw_only=True):
    """When an audit is made, as of when, of whom and what."""

    now: int
    """When it is: what happened more than five minutes later is the future."""
    people: People | None = None
    as_of: int | None = None
    """As of when deals are judged; `None` for the latest event."""
    since: int | None = None
    deals: Sequence[str] = ()
    reps: Sequence[str] = ()
    """Ids or names."""
    rules: tuple[str, ...] = ()

    @property
    def until(self) -> int:
        """The last instant that is no future."""
        return self.now + SKEW

    def selection(self, actors: frozenset[str]) -> Selection:
        """Returns what is counted, of actors by their ids."""
        deals = frozenset(self.deals)
        return Selection(deals=deals, actors=actors, rules=self.rules, since=self.since)


def check_rules(globs: Sequence[str], playbook: Playbook) -> None:
    """Raises `InputError` where a glob matches no rule."""
    ids = [rule.info.id for rule in list_rules(playbook)] if globs else []
    for glob in globs:
        if not any(glob_matches(glob, each) for each in ids):
            hint = nearest(glob, ids) or f"playgate show {playbook.file} lists them"
            raise InputError(f'the playbook has no rule "{glob}"', hint=hint, code="unknown-name")


def check_deals(deals: Sequence[str], spool: Spool) -> None:
    """Raises `InputError` where the history has no such deal."""
    if not deals:
        return
    known = {deal for deal, _ in spool.deals()}
    for deal in deals:
        if deal not in known:
            raise InputError(
                f'the history has no deal "{deal}"', hint=nearest(deal, known), code="no-deal"
            )


def find_actors(reps: Sequence[str], spool: Spool, people: People | None) -> frozenset[str]:
    """Returns the actors of these ids or names; raises `InputError` where neither history nor
    people know one."""
    found = {rep: people.called(rep) if people else () for rep in reps}
    if not all(found.values()):
        known = _actors(spool)
        names = _names(known, people)
        for rep in reps:
            if not found[rep] and rep not in known:
                also = " nor do the people" if people else ""
                hint = nearest(rep, known | names)
                raise InputError(
                    f'the history does not know the rep "{rep}"{also}',
                    hint=hint,
                    code="unknown-name",
                )
    return frozenset(actor for rep, actors in found.items() for actor in actors or (rep,))


def _actors(spool: Spool) -> set[str]:
    """Returns everyone who did something, or owned a deal."""
    known: set[str] = set()
    for _, events in spool.deals():
        for event in events:
            known.add(event.actor)
            if event.kind == "field" and event.name == "owner":
                known.add(event.value)
    return known - {""}


def _names(actors: Iterable[str], people: People | None) -> set[str]:
    persons = (people.person(actor) for actor in actors) if people else ()
    return {person.name for person in persons if person and person.name}
