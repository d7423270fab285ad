"""The report, the adherence on a playbook and somebody's day, as the page shows them.

All of it is counted from a view of the ledger of its own, by the thread that counts; that thread
imports it, as the libraries behind the numbers take a second, and are of an extra of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC

from playgate.auditing.ledger_history import Kept, spool_ledger
from playgate.auditing.reading import ahead_of, ledger_sources
from playgate.conditions.instants import SKEW, load_zone
from playgate.history.people import People
from playgate.history.spool import Spool
from playgate.ledger.store import Ledger
from playgate.numbers.own_review import own_review
from playgate.numbers.review import Review, review
from playgate.numbers.survey import survey
from playgate.numbers.today import today
from playgate.numbers.today_result import TodayDeal
from playgate.records import Record
from playgate.report import html_followed, html_ways
from playgate.report.digest import Section
from playgate.report.html_page import MOST_DEALS, render
from playgate.report.html_parts import Ids, View
from playgate.report.numbers_words import head_lines
from playgate.report.today_text import day_heading, today_sections

__all__ = ["Day", "day_of", "playbook_view", "report_page", "reviewed"]


@contextmanager
def _opened(
    db: str, name: str, now: int, deals: Collection[str] | None = None
) -> Iterator[tuple[Kept, Spool]]:
    with Ledger.open(db, reading=True) as ledger, Spool(until=now + SKEW) as spool:
        yield spool_ledger(ledger, spool, now=now, name=name, deals=deals), spool


def reviewed(
    db: str,
    name: str,
    now: int,
    *,
    deals: Collection[str] | None = None,
    owners: Collection[str] = (),
) -> Review:
    """Returns all that a report shows of a playbook's deals, or of those that are named: with their
    owners, and who else did something on them."""
    with _opened(db, name, now, deals) as (kept, spool):
        return review(
            kept.playbook,
            spool,
            people=kept.people if deals is None else _known(kept, owners),
            as_of=kept.latest,
            period="",
            problems=[*ahead_of(spool, ledger_sources(db), None)],
            most=MOST_DEALS,
            of_each=True,
            is_live=True,
            document=kept.document,
            step=lambda: None,
        )


def _known(kept: Kept, owners: Collection[str]) -> People | None:
    """Returns who is known on some deals, and by whom they are led."""
    if kept.people is None:
        return None
    known = kept.actors.union(owners)
    persons = (kept.people.person(each) for each in known)
    return kept.people.of(known.union(each.manager for each in persons if each))


def report_page(review: Review, rep: str, leads: Sequence[tuple[str, str]]) -> str:
    """Returns a report, or what one rep is shown of it, with where it leads to."""
    return "".join(render(own_review(review, rep) if rep else review, rep=rep, leads=leads))


def playbook_view(review: Review) -> View:
    """Returns a playbook as a diagram, with how it is followed."""
    ids = Ids("i")
    return {
        "map": html_ways.stage_map(review, ids),
        "edges": list(html_ways.edges(review, ids)),
        "edges_shown": (),
        "kinds": html_ways.kinds(),
        "followed": next(iter(html_followed.followed(review, ids, ids, ids)), None),
        "heat": html_followed.heat(review, ids, ids, ids, ids),
        "lines": head_lines(review.kpis.basis, review.playbook.zone),
        "stages": [stage.title for stage in review.playbook.stages],
    }


class Day(Record, kw_only=True):
    """What somebody is to do."""

    heading: str
    deals: tuple[TodayDeal, ...]
    left_out: int
    sections: tuple[Section, ...]
    """The other parts of the day."""


def day_of(db: str, name: str, now: int, actor: str) -> Day:
    """Returns somebody's day, on the deals of a playbook."""
    with _opened(db, name, now) as (kept, spool):
        problems = [*ahead_of(spool, ledger_sources(db), None)]
        counted = survey(
            kept.playbook, spool, people=kept.people, as_of=now, period="", problems=problems
        )
        found = today(counted, spool, actor, people=kept.people)
    zone = load_zone(found.basis.timezone) or UTC
    _, *sections = today_sections(found, zone)
    return Day(
        heading=day_heading(found),
        deals=found.deals,
        left_out=found.left_out,
        sections=tuple(each for each in sections if each.rows or each.note),
    )
