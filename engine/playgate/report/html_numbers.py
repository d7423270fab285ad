"""The company's KPIs, its goal, its customers and the alarms: the tables of the commands, on the
page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from playgate.language import say
from playgate.numbers.quality_result import RepMarks
from playgate.numbers.result import Clean, SegmentLine
from playgate.numbers.review import Review
from playgate.records import replace
from playgate.report.coach_digest import alarm_sections
from playgate.report.digest import Section
from playgate.report.experiment_text import experiment_sections
from playgate.report.html_deals import group_key
from playgate.report.html_parts import Ids, Plain, View, section_view, shortened
from playgate.report.kpi_digest import clean_section, company_section, misses_section, tips_section
from playgate.report.people_digest import goals_section, used_section
from playgate.report.quality_digest import quality_sections
from playgate.report.target_digest import (
    barometer_tips,
    goal_section,
    group_section,
    likely_section,
    needs_section,
    product_section,
    running_section,
)

__all__ = ["choices", "customers", "tables"]


def tables(review: Review) -> Iterator[View]:
    """Yields each table with an id, its notes, and how its rows are laid out."""
    plain = Plain(review.playbook)
    misses = [replace(each, name=shortened(each.name)) for each in review.kpis.misses]
    chosen = [each for each in review.kpis.kpis if each.source == "playbook"]
    followed = [each for each in review.kpis.kpis if each.source == "adherence"]
    yield section_view("kpis", company_section(chosen + followed, review.kpis.basis.period))
    yield section_view("misses", misses_section(misses))
    yield section_view("clean", clean_section(_named(review, plain)))
    yield section_view("alarms", next(alarm_sections(review.alarms)))
    if review.quality is not None:
        lines = tuple(_marked(each, plain) for each in review.quality.lines)
        marked = replace(review.quality, lines=lines)
        for place, section in enumerate(quality_sections(marked)):
            if section.rows:
                yield section_view(f"quality{place}", section)
    if review.experiments is not None:
        zone = review.playbook.zone
        for place, section in enumerate(experiment_sections(review.experiments, zone)):
            yield section_view(f"experiment{place}", section)
    goals = goals_section(review.kpis.people)
    if goals.rows:
        yield section_view("aims", goals)
    tips = [("tips", tips_section(chosen))]
    if review.target is not None:
        yield section_view("sofar", running_section(review.target, review.playbook.zone))
        likely = likely_section(review.target, review.playbook.zone)
        if likely.rows:
            yield section_view("likely", likely)
        yield section_view("goal", needs_section(review.target))
        yield section_view("rests", goal_section(review.target, review.playbook.zone))
        tips.append(("more", barometer_tips(review.target)))
    yield from (section_view(name, section) for name, section in tips if section.rows)


def _named(review: Review, plain: Plain) -> Clean:
    """Returns the deals without a miss, with the titles of the rules that are never missed."""
    titles = {each.rule.id: plain(each.rule.title) for each in review.rules}
    found = review.kpis.clean
    return replace(found, never_missed=tuple(titles.get(each, each) for each in found.never_missed))


def _marked(line: RepMarks, plain: Plain) -> RepMarks:
    rules = tuple(replace(each, title=plain(each.title)) for each in line.rules)
    return replace(line, name=shortened(line.name), rules=rules)


def customers(review: Review, group_id: Ids) -> Iterator[View]:
    """Yields effort and value by segment, profile and product; a group leads to its deals."""
    found = review.segments
    for kind, title, lines in _groups(review):
        if lines:
            section = group_section(title, lines, found.unit)
            yield section_view(kind, section, [_to(group_id, kind, line.id) for line in lines])
    if found.products:
        ways = [
            _to(group_id, "product", each.id) if each.business else "" for each in found.products
        ]
        yield section_view("product", product_section(found.products, found.unit), ways)
        said = used_section(found.products)
        if said.rows:
            yield section_view("said", said)
    if found.not_touched:
        yield section_view(
            "untouched",
            Section(
                say("Groups on which nothing was done"),
                (),
                (),
                "",
                f"{', '.join(found.not_touched)}.",
            ),
        )


def choices(review: Review, group_id: Ids) -> Iterator[View]:
    """Yields the groups of customers by which deals can be chosen."""
    for kind, _, lines in _groups(review):
        yield from (_choice(group_id, kind, line) for line in lines)
    sold = [each.business for each in review.segments.products if each.business is not None]
    yield from (_choice(group_id, "product", line) for line in sold)


def _groups(review: Review) -> tuple[tuple[str, str, Sequence[SegmentLine]], ...]:
    found = review.segments
    return (
        ("segment", say("By segment"), found.segments),
        ("profile", say("By profile"), found.profiles),
    )


def _choice(group_id: Ids, kind: str, line: SegmentLine) -> View:
    name = group_key(kind, line.id)
    return {"id": group_id(name), "key": group_id.key(name), "text": line.title}


def _to(group_id: Ids, kind: str, name: str) -> str:
    return f"#group={quote(group_id.key(group_key(kind, name)))}&at=deals"
