"""Who might work on whom: a proposal by territory, segment and room, for the head to sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from playgate.history.people import People
from playgate.language import say
from playgate.leads.model import Share
from playgate.leads.result import Lead
from playgate.records import replace

__all__ = ["share_out", "sharers"]


def sharers(share: Share, people: People | None) -> tuple[str, ...]:
    """Returns who takes prospects: who holds one of the roles, by id."""
    if people is None:
        return ()
    return tuple(sorted(people.having(frozenset(share.roles)) if share.roles else people.actors()))


def share_out(
    leads: Iterable[Lead], share: Share, people: People, open_deals: Counter[str]
) -> list[Lead]:
    """Gives each free prospect, in the order of rank, to the rep with the most room of those who
    may take it: first those whom the plan names for its segment, then all of its territory."""
    load = Counter(open_deals)
    reps = sharers(share, people)
    shared = []
    for lead in leads:
        if lead.status != "free":
            shared.append(lead)
            continue
        rep, why = _rep_for(lead, share, reps, people, load)
        load[rep] += bool(rep)
        shared.append(replace(lead, rep=rep, why=why))
    return shared


def _rep_for(
    lead: Lead, share: Share, reps: Sequence[str], people: People, load: Counter[str]
) -> tuple[str, str]:
    wanted = lead.cells.get(share.territory, "") if share.territory else ""
    here = [rep for rep in reps if not wanted or _team(people, rep) == wanted.casefold()]
    if not here:
        if wanted:
            return "", say("nobody is of {territory}", territory=wanted)
        return "", say("nobody takes prospects")
    best = [rep for rep in here if rep in share.segments.get(lead.segment, ())]
    for group, why in (
        (best, say("named for {segment}", segment=lead.segment)),
        (here, say("of {territory}", territory=wanted) if wanted else ""),
    ):
        room = [rep for rep in group if share.capacity is None or load[rep] < share.capacity]
        if room:
            rep = min(room, key=lambda each: (load[each], each))
            said = say("{number} before it", number=load[rep])
            return rep, f"{why}, {said}" if why else said
    return "", say("nobody has room")


def _team(people: People, rep: str) -> str:
    person = people.person(rep)
    return person.team.casefold() if person else ""
