"""Lists and a history → what is missing, who is known, who is left, and who might call."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.judge.judge import Judge
from playgate.leads.fit import Fit, FitReader
from playgate.leads.match import Matcher
from playgate.leads.model import LeadsPlan
from playgate.leads.result import Covered, Due, Lead, LeadsResult, Match, Release, Status
from playgate.leads.rows import DOMAIN, Firm
from playgate.leads.share import share_out, sharers
from playgate.leads.worked import Worked, worked_deals
from playgate.model.numbers import Numbers
from playgate.model.playbook import Playbook
from playgate.numbers.gather import gather
from playgate.numbers.history import History
from playgate.numbers.period import running
from playgate.numbers.samples import Measure
from playgate.records import replace

__all__ = ["list_leads"]

_NAMED = 20
"""So many whom nobody touched are named."""
_NAMES = ("name", "company", "contact_name")


def list_leads(
    plan: LeadsPlan,
    playbook: Playbook,
    prospects: Sequence[Firm],
    clients: Sequence[Firm],
    *,
    history: History | None = None,
    people: People | None = None,
    as_of: int,
    problems: int = 0,
) -> LeadsResult:
    """Returns what a list comes to as of an instant, against clients and the deals of a history."""
    judge = Judge(playbook, has_people=people is not None)
    history = history or Spool()
    deals = list(worked_deals(plan, judge, history, people, as_of))
    leads = _ranked(plan, playbook, list(_leads(plan, judge, prospects, clients, deals, as_of)))
    open_deals = Counter(deal.rep for deal in deals if deal.open)
    if plan.share is not None and people is not None:
        leads = share_out(leads, plan.share, people, open_deals)
    return LeadsResult(
        playbook=playbook.name,
        version=str(playbook.version),
        title=plan.title or playbook.title,
        file=playbook.file,
        plan=plan.file,
        plan_sha256=plan.sha256,
        timezone=playbook.zone_name,
        as_of=as_of,
        prospects=len(prospects),
        clients=len(clients),
        deals=len(deals),
        problems=problems + sum(deal.problems for deal in deals),
        usable=sum(lead.status == "free" for lead in leads),
        minimum=plan.minimum,
        minimum_place=plan.minimum_place,
        likeness=plan.fuzzy.at_least if plan.fuzzy else None,
        leads=tuple(leads),
        due=tuple(_due(plan, playbook, history, people, leads, open_deals, as_of)),
        release=tuple(_release(plan, playbook, deals, as_of)),
        covered=tuple(_covered(playbook, leads, deals)),
    )


def _leads(
    plan: LeadsPlan,
    judge: Judge,
    prospects: Sequence[Firm],
    clients: Sequence[Firm],
    deals: Sequence[Worked],
    as_of: int,
) -> Iterator[Lead]:
    matcher, fits = Matcher(plan, clients, deals), FitReader(judge, as_of)
    for firm in prospects:
        matches = matcher.matches(firm)
        matcher.add(firm)
        missing = tuple(column for column in plan.complete if not _has(firm, column))
        yield _lead(firm, missing, matches, fits.fit(firm))


def _has(firm: Firm, column: str) -> bool:
    if column == DOMAIN:
        return "@" in firm.cell("email")
    text = firm.cell(column)
    return "@" in text if column == "email" else bool(text)


def _lead(firm: Firm, missing: tuple[str, ...], matches: tuple[Match, ...], fit: Fit) -> Lead:
    return Lead(
        place=firm.where,
        name=next((firm.cell(each) for each in _NAMES if firm.cell(each)), ""),
        status=_status(missing, matches),
        missing=missing,
        matches=matches,
        fits=fit.fits,
        fit=fit.share,
        nearest=fit.nearest,
        segment=fit.segment,
        rank=None,
        rep="",
        why="",
        cells=firm.cells,
    )


def _status(missing: tuple[str, ...], matches: tuple[Match, ...]) -> Status:
    """Says where a prospect stands; whom it is goes before what is missing, and what is sure before
    what is to be decided."""
    sure = [match for match in matches if match.likeness == 100]
    if any(match.kind == "client" for match in sure):
        return "client"
    if any(match.kind == "deal" and match.open for match in sure):
        return "taken"
    if any(match.kind == "prospect" for match in sure):
        return "twice"
    if any(match.kind != "deal" or match.open for match in matches):
        return "to-decide"
    return "incomplete" if missing else "free"


def _ranked(plan: LeadsPlan, playbook: Playbook, leads: list[Lead]) -> list[Lead]:
    """Returns the leads with the rank of those that are free, these first and in its order."""
    segments = [segment.id for segment in (playbook.numbers or Numbers()).segments]
    worth = {segment: place for place, segment in enumerate(segments)}

    def order(place: int) -> tuple[float, ...]:
        lead = leads[place]
        keys = {
            "profiles": (-len(lead.fits), -lead.fit),
            "segments": (worth.get(lead.segment, len(segments)),),
        }
        return (*(each for name in plan.rank for each in keys[name]), place)

    free = sorted((i for i, lead in enumerate(leads) if lead.status == "free"), key=order)
    rest = [lead for lead in leads if lead.status != "free"]
    return [replace(leads[i], rank=rank) for rank, i in enumerate(free, 1)] + rest


def _due(
    plan: LeadsPlan,
    playbook: Playbook,
    history: History,
    people: People | None,
    leads: Sequence[Lead],
    open_deals: Counter[str],
    as_of: int,
) -> Iterator[Due]:
    given: dict[str, list[str]] = defaultdict(list)
    for lead in leads:
        if lead.rep:
            given[lead.rep].append(lead.name or lead.place)
    contacts, done = plan.contacts, Counter[str]()
    if contacts is not None:
        period = running(contacts.per, as_of, playbook.zone)
        measures = (Measure(contacts.kpi, period),)
        found = gather(
            playbook, history, measures=measures, period=period, people=people, as_of=as_of
        )
        done.update({rep: each.part for rep, each in found.samples[contacts.kpi.id].items()})
    taking = sharers(plan.share, people) if plan.share else ()
    for rep in taking or sorted({*given, *open_deals, *done} - {""}):
        person = people.person(rep) if people else None
        least = contacts.at_least if contacts else 0
        left = max(0, least - done[rep])
        name, team = (person.name or rep, person.team) if person else (rep, "")
        own = given[rep]
        yield Due(
            rep, name, team, open_deals[rep], len(own), done[rep], least, left, tuple(own[:left])
        )


def _release(
    plan: LeadsPlan, playbook: Playbook, deals: Sequence[Worked], as_of: int
) -> Iterator[Release]:
    """Yields the open deals that one rep had for too long and did not sell, the oldest first."""
    if plan.release is None:
        return
    after = plan.release.after(playbook.calendar)
    for deal in sorted(deals, key=lambda deal: (deal.since, deal.deal)):
        if deal.open and not deal.sold and after(deal.since) < as_of:
            yield Release(deal.deal, deal.rep, deal.since, deal.stage)


def _covered(
    playbook: Playbook, leads: Sequence[Lead], deals: Sequence[Worked]
) -> Iterator[Covered]:
    """Yields each segment, and what is in none, with whom nobody touched."""
    touched = {deal.deal for deal in deals if deal.touched}
    titles = {each.id: each.title for each in (playbook.numbers or Numbers()).segments}
    for segment in (*titles, ""):
        own = [lead for lead in leads if lead.segment == segment and lead.status != "twice"]
        if not own and not segment:
            continue
        reached = {
            lead.place
            for lead in own
            if any(match.of in touched for match in lead.matches if _is_deal(match))
        }
        rest = [lead for lead in own if lead.status != "client" and lead.place not in reached]
        yield Covered(
            segment,
            titles.get(segment, "in no segment"),
            len(own),
            sum(lead.status == "client" for lead in own),
            sum(lead.status == "taken" for lead in own),
            len(reached),
            tuple(lead.name or lead.place for lead in rest[:_NAMED]),
            len(rest),
        )


def _is_deal(match: Match) -> bool:
    return match.kind == "deal" and match.likeness == 100
