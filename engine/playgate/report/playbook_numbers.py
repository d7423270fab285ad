"""What a playbook declares for its numbers, in words: for `show`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.conditions.describe import describe, describe_patterns
from playgate.conditions.instants import show_instant
from playgate.model.numbers import (
    Coaching,
    Differentiator,
    Kpi,
    Numbers,
    Occurrence,
    Product,
    Quality,
)
from playgate.model.people import Aim
from playgate.model.playbook import Experiment, Playbook
from playgate.records import replace

__all__ = ["numbers_data", "numbers_lines", "numbers_summary"]


def _occurrence(what: Occurrence) -> str:
    """Returns what may happen, as a phrase."""
    said = [*what.words, *(f"{stage} reached" for stage in what.reached)]
    if what.patterns:
        said.append(describe_patterns(what.patterns))
    return " or ".join(said)


def numbers_lines(playbook: Playbook) -> Iterator[tuple[str, str]]:
    """Yields what is declared, a line for each: its kind with its id, and what it says."""
    numbers = playbook.numbers or Numbers()
    for kpi in numbers.kpis:
        yield f"kpi {kpi.id}", _kpi(kpi)
    targets = numbers.targets
    if targets is not None:
        chain = " × ".join((targets.opportunities, *targets.ratios, targets.revenue))
        unit = numbers.kpi(targets.revenue).unit
        yield "target", f"{targets.goal:,.0f} {unit}".rstrip() + f" a {targets.per}: {chain}"
    for segment in numbers.segments:
        known = f"; known by the passing of {segment.known_by}" if segment.known_by else ""
        yield f"segment {segment.id}", describe(segment.when) + known
    for product in numbers.products:
        first = "" if product.priority is None else f"sold as number {product.priority}; "
        yield (
            f"product {product.id}",
            first + "; ".join(map(_differentiator, product.differentiators)) + _renew(product),
        )
    if numbers.coaching != Coaching():
        coaching = numbers.coaching
        who = f"each {' or '.join(coaching.roles)} is" if coaching.roles else "reps are"
        said = f"{who} met every {coaching.every}, nothing is ranked under {coaching.minimum}"
        if coaching.sessions_per_week is not None:
            said += f", at most {coaching.sessions_per_week} a week by each manager"
        if coaching.training is not None:
            said += f", trained together every {coaching.training}"
        if coaching.ramp is not None:
            said += f", the first {coaching.ramp} nobody is ranked"
        yield "coaching", said
    if numbers.quality != Quality():
        yield "quality", _quality(numbers.quality)
    for experiment in playbook.experiments:
        yield f"experiment {experiment.id}", _experiment(experiment, playbook)
    yield from _people(numbers)
    if playbook.automation:
        yield "automation", ", ".join(playbook.automation)


def _differentiator(each: Differentiator) -> str:
    return each.text if each.used is None else f"{each.text} (used: {_occurrence(each.used)})"


def _renew(product: Product) -> str:
    return f"; renewed every {product.renew}" if product.renew is not None else ""


def _people(numbers: Numbers) -> Iterator[tuple[str, str]]:
    """Yields tasks and goals by role, and the first weeks of who is new."""
    for role in numbers.roles:
        goals = [_goal(numbers.kpi(aim.kpi), aim) for aim in role.aims]
        yield f"role {role.id}", "; ".join((role.title, *role.tasks, *goals))
    plan = numbers.onboarding
    if plan is None:
        return
    said = [f"{plan.weeks} weeks"]
    for step in plan.steps:
        what = "" if step.what is None else f": {_occurrence(step.what)}"
        times = f", {step.times} times" * (step.times > 1)
        said.append(f"{step.title}{what}{times}, by week {step.week}")
    if plan.certificate is not None:
        deals = plan.certificate.deals
        said.append(f"{plan.certificate.followed:.0%} of the steps followed on {deals} deals")
    yield "onboarding", "; ".join(said)


def _goal(kpi: Kpi, aim: Aim) -> str:
    aimed = replace(kpi, at_least=aim.at_least, at_most=aim.at_most)
    return _target(aimed).replace("; target", kpi.id) + (f" a {aim.per}" if aim.per else "")


def numbers_summary(playbook: Playbook) -> Iterator[tuple[str, str]]:
    """Yields what is declared in one line for each kind."""
    numbers = playbook.numbers or Numbers()
    yield "KPIs", ", ".join(kpi.id + _target(kpi).replace("; target", "") for kpi in numbers.kpis)
    yield "segments", ", ".join(segment.id for segment in numbers.segments)
    yield "products", ", ".join(product.id for product in numbers.products)
    yield "experiments", ", ".join(each.id for each in playbook.experiments)
    yield from (
        line
        for line in numbers_lines(playbook)
        if line[0] in ("target", "coaching", "onboarding", "quality", "automation")
    )


def _experiment(experiment: Experiment, playbook: Playbook) -> str:
    """Returns what is changed, for whom, when, and by what it is measured."""
    changed = ", ".join(f"{key}: {value}" for key, value in experiment.change.items())
    arms = experiment.arms
    named = f"{'teams' if arms.teams else 'reps'} {', '.join(arms.named)}"
    who = named if arms.share is None else f"{arms.share:.0%} of the deals"
    if arms.against:
        who += f" against {', '.join(arms.against)}"
    first, last = (
        show_instant(at, playbook.zone)[:10] for at in (experiment.starts, experiment.until)
    )
    guarded = f", guarded by {', '.join(experiment.guard)}" if experiment.guard else ""
    return (
        f"{experiment.rule} with {changed}, for {who} that begin from {first} to {last};"
        f" measured by {experiment.measure}{guarded}"
    )


def _quality(quality: Quality | None) -> str:
    """Returns what is looked for in the facts on which rules are met."""
    if quality is None:
        return "not looked at"
    same, batch = quality.same_text, quality.batch
    said = []
    if quality.just_before is not None:
        said.append(f"fields filled {quality.just_before} before a move")
    if same is not None:
        often = [f"{same.deals} deals"] * (same.deals is not None)
        often += [] if same.share is None else [f"{same.share:.0%} of the deals"]
        said.append(f"the same text in {' and '.join(often)}")
    if batch is not None:
        said.append(f"{batch.activities} activities logged within {batch.within}")
    if quality.at_threshold:
        said.append("values that are just enough")
    return ", ".join(said) or "nothing is looked for"


def _kpi(kpi: Kpi) -> str:
    match kpi.kind:
        case "ratio":
            said = f"share of {_occurrence(kpi.first)} followed by {_then(kpi)}"
        case "time":
            said = f"days from {_occurrence(kpi.first)} to {_then(kpi)}"
        case "count":
            said = f"{_occurrence(kpi.first)}, per week"
        case kind:
            said = f"{kind} of {kpi.field} at {_occurrence(kpi.first)}"
    if kpi.within:
        said += f" within {kpi.within}"
    if kpi.customers:
        said += f", {' or '.join(kpi.customers)} customers only"
    if kpi.when:
        said += f", where {describe(kpi.when)}"
    return said + _target(kpi)


def _then(kpi: Kpi) -> str:
    return _occurrence(kpi.then) if kpi.then else ""


def _target(kpi: Kpi) -> str:
    aims = (("at least", kpi.at_least), ("at most", kpi.at_most))
    said = [
        f"{word} {aim:.0%}" if kpi.kind == "ratio" else f"{word} {aim:g}"
        for word, aim in aims
        if aim is not None
    ]
    return f"; target {' and '.join(said)}" if said else ""


def numbers_data(playbook: Playbook) -> list[dict[str, Any]]:
    """Returns the same as data."""
    return [{"what": what, "says": says} for what, says in numbers_lines(playbook)]
