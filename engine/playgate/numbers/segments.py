"""`segments`: where the effort goes, against where the value is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from playgate.numbers.peers import share_figure
from playgate.numbers.result import ProductLine, SegmentLine, Segments
from playgate.numbers.samples import Business
from playgate.numbers.survey import Survey

__all__ = ["segments"]


def segments(survey: Survey) -> Segments:
    """Effort and value by segment, by profile (and outside every one), and by product."""
    numbers, found = survey.numbers, survey.gathered
    declared = [(each.id, each.title) for each in numbers.segments]
    profiles = [(each.id, each.title) for each in survey.playbook.profiles]
    by_segment = _lines([*declared, ("", "No segment")] if declared else [], found.segments)
    by_profile = _lines([*profiles, ("", "Outside every profile")] if profiles else [],
                        found.profiles)  # fmt: skip
    sold = _lines([(each.id, each.title) for each in numbers.products if each.when is not None],
                  found.products)  # fmt: skip
    business = {line.id: line for line in sold}
    ordered = sorted(numbers.products, key=lambda each: (each.priority is None, each.priority or 0))
    field = numbers.kpi(numbers.targets.revenue).unit if numbers.targets else next(
        (kpi.unit for kpi in numbers.kpis if kpi.field), ""
    )
    return Segments(
        survey.basis,
        field,
        by_segment,
        by_profile,
        tuple(
            ProductLine(each.id, each.title, each.priority, each.differentiators,
                        business.get(each.id))
            for each in ordered
        ),
        tuple(line.title for line in (*by_segment, *by_profile) if line.id and not line.activities),
    )  # fmt: skip


def _lines(
    named: Iterable[tuple[str, str]], found: Mapping[str, Business]
) -> tuple[SegmentLine, ...]:
    groups = [(name, title, found.get(name) or Business()) for name, title in named]
    effort = sum(group.activities for _, _, group in groups)
    worth = sum(group.value for _, _, group in groups)
    return tuple(_line(name, title, group, effort, worth) for name, title, group in groups)


def _line(name: str, title: str, group: Business, effort: int, worth: float) -> SegmentLine:
    of_effort = group.activities / effort if effort else None
    of_worth = group.value / worth if worth else None
    return SegmentLine(
        id=name,
        title=title,
        deals=group.deals,
        touched=group.touched,
        activities=group.activities,
        effort=of_effort,
        sold=group.sold,
        lost=group.lost,
        value=group.value,
        worth=of_worth,
        open_value=group.open_value,
        balance=of_effort / of_worth if of_effort is not None and of_worth else None,
        closing=share_figure(group.sold, group.lost),
        untouched=tuple(sorted(group.untouched)),
    )
