"""Tasks, goals, first weeks, trainings and differentiators as the short tables that text, Markdown
and the page show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.language import say, speaking
from playgate.numbers.peers import is_unlikely
from playgate.numbers.people_result import (
    Certified,
    Hire,
    PersonGoal,
    PersonWork,
    StepSeen,
    Training,
    Used,
    UsedBy,
)
from playgate.numbers.result import ProductLine
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import percent, share
from playgate.report.numbers_words import lasting, money, number, part_of
from playgate.report.words import count, more

__all__ = [
    "aim",
    "amount",
    "goal_line",
    "goals_section",
    "hire_lines",
    "hire_sections",
    "hire_stands",
    "plan_section",
    "so_far",
    "tasks_section",
    "trainings_section",
    "used_section",
]

_ROWS = 40
_PLANS = 5
_NAMED = 4


# Tasks and goals


def tasks_section(people: Sequence[PersonWork]) -> Section:
    """Returns what each role does."""
    columns = (Column(say("Role"), "name"), Column(say("Tasks"), "message"))
    tasks = {each.title: each.tasks for each in people if each.tasks}
    rows: list[tuple[Cell, ...]] = list(tasks.items())
    return Section(say("What each role does"), columns, rows)


def goals_section(people: Sequence[PersonWork]) -> Section:
    """Returns what each person aims at, and what was done."""
    columns = (
        Column(say("Who"), "name"),
        Column(say("Goal"), "message"),
        Column(say("So far"), "mark"),
        Column(say("The last"), "mark"),
        Column(say("On average"), "mark"),
    )
    shown = [(each, goal) for each in people for goal in each.goals]
    rows: list[tuple[Cell, ...]] = [
        (
            (each.name, each.title),
            (goal.title, aim(goal)),
            so_far(goal),
            amount(goal.last, goal),
            _average(goal),
        )
        for each, goal in shown[:_ROWS]
    ]
    note = say(
        "So far in the running week, month, quarter or year, of what is asked in it, and in the "
        "last whole one. ! missed on average, beyond chance; ? missed, and it may be chance; "
        "* too few deals to tell."
    )
    left = more(len(shown) - _ROWS, "goal")
    return Section(say("Goals by person"), columns, rows, left, note if rows else "")


def aim(goal: PersonGoal) -> str:
    """Returns what somebody aims at: `≥ 4 a week`."""
    least = "" if goal.at_least is None else f"≥ {amount(goal.at_least, goal)}"
    most = "" if goal.at_most is None else f"≤ {amount(goal.at_most, goal)}"
    aimed = " ".join(filter(None, (least, most)))
    match goal.per:
        case "week":
            return say("{aim} a week", aim=aimed)
        case "month":
            return say("{aim} a month", aim=aimed)
        case "quarter":
            return say("{aim} a quarter", aim=aimed)
        case "year":
            return say("{aim} a year", aim=aimed)
    return aimed


def so_far(goal: PersonGoal) -> str:
    """Returns what was done, of what is asked."""
    if goal.done is None:
        return ""
    done = amount(goal.done, goal)
    if goal.asked is None:
        return done
    return say("{part} of {whole}", part=done, whole=amount(goal.asked, goal))


def goal_line(goal: PersonGoal) -> str:
    """Returns a goal in a line: what it is, and what was done for it."""
    told = so_far(goal)
    if not told:
        doubt = "" if goal.sure else " ?"
        missed = say("missed") + doubt if goal.target == "missed" else ""
        few = say("too few to tell") if goal.few else ""
        told = ", ".join(filter(None, (_value(goal), missed, few)))
    return f"{goal.title} ({aim(goal)}): {told}"


def _average(goal: PersonGoal) -> str:
    found = goal.figure
    if found.value is None:
        return "–"
    if goal.kind == "ratio":
        return f"{share(found)}{_mark(goal)}"
    between = ""
    if found.low is not None and found.high is not None:
        between = f" ({number(found.low)}–{number(found.high)})"
    return f"{_value(goal)}{between}{_mark(goal)}"


def _mark(goal: PersonGoal) -> str:
    if goal.few:
        return " *" if goal.figure.count else ""
    if goal.target != "missed":
        return ""
    return " !" if goal.sure else " ?"


def _value(goal: PersonGoal) -> str:
    return amount(goal.figure.value, goal)


def amount(given: float | None, goal: PersonGoal) -> str:
    """Returns a value of a goal's KPI."""
    if given is None:
        return "–"
    match goal.kind:
        case "ratio":
            return percent(given)
        case "time":
            return lasting(given)
        case "count":
            return number(given)
    return money(given, goal.unit)


# Who is new


def hire_sections(hires: Sequence[Hire]) -> Iterator[Section]:
    """Yields who is new and how they stand, and the plans of the latest."""
    yield _hires(hires)
    for hire in hires[:_PLANS]:
        yield plan_section(hire)


def _hires(hires: Sequence[Hire]) -> Section:
    columns = (
        Column(say("New"), "name"),
        Column(say("Started"), "mark"),
        Column(say("Week"), "mark"),
        Column(say("Done"), "mark"),
        Column(say("Behind with"), "message"),
        Column(say("Works by the playbook"), "message"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            hire.name,
            speaking().day(hire.started),
            _week(hire),
            _done(hire),
            _behind(hire),
            _certified(hire.certified),
        )
        for hire in hires
    ]
    note = say("Goals rise from week to week until the plan is over.")
    return Section(say("First weeks"), columns, rows, "", note if rows else "")


def _week(hire: Hire) -> str:
    last = len(hire.weeks)
    return part_of(hire.week, last) if hire.week <= last else say("over")


def _done(hire: Hire) -> str:
    done = sum(each.state in ("done", "late") for each in hire.steps)
    return part_of(done, len(hire.steps))


def _behind(hire: Hire) -> Cell:
    if hire.behind:
        return hire.behind[:_NAMED]
    unknown = any(each.state == "unknown" for each in hire.steps)
    return say("lessons: --sessions tells") if unknown else say("nothing")


def _certified(found: Certified | None) -> Cell:
    if found is None:
        return ""
    if found.state == "too-few":
        deals, of = count(found.figure.count), count(found.deals)
        return say("{deals} of {of} deals: too few to tell", deals=deals, of=of)
    told = say("{share}, asked {asked}", share=share(found.figure), asked=percent(found.followed))
    doubt = "" if found.sure else " ?"
    return (say("yes") if found.state == "met" else say("not yet")) + doubt, told


def plan_section(hire: Hire) -> Section:
    """Returns what somebody new does, and by when."""
    columns = (
        Column(say("By", about="when"), "mark"),
        Column(say("What"), "message"),
        Column(say("Done"), "mark"),
        Column(say("State"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (speaking().day(each.due), each.title, _times(each), _state(each)) for each in hire.steps
    ]
    return Section(say("{name}: the first weeks", name=hire.name), columns, rows)


def hire_stands(hire: Hire) -> str:
    """Returns in a line which week it is, what is done, and whether the playbook is followed."""
    week, done = _week(hire), _done(hire)
    told = [say("week {week}", week=week) if hire.week <= len(hire.weeks) else week]
    told.append(say("{part} done", part=done))
    if hire.behind:
        told.append(say("behind with {what}", what=", ".join(hire.behind[:_NAMED])))
    certified = _certified(hire.certified)
    if certified:
        said = certified if isinstance(certified, str) else ", ".join(certified)
        told.append(say("works by the playbook: {said}", said=said))
    return "; ".join(told)


def hire_lines(hire: Hire) -> Iterator[str]:
    """Yields what is due this week and before, each in a line."""
    for each in hire.steps:
        if each.state in ("behind", "ahead") and each.week <= max(1, hire.week):
            day = speaking().day(each.due)
            yield say("{what}: {done}, by {day}", what=each.title, done=_times(each), day=day)


def _times(step: StepSeen) -> str:
    return part_of(step.done or 0, step.times) if step.done is not None else "–"


def _state(step: StepSeen) -> str:
    match step.state:
        case "done":
            return say("done")
        case "late":
            return say("done late")
        case "behind":
            return say("behind")
        case "ahead":
            return say("ahead")
    return say("not recorded")


# Trainings


def trainings_section(planned: Sequence[Training]) -> Section:
    """Returns what is trained with whom, the largest gap first."""
    columns = (
        Column(say("When"), "mark"),
        Column(say("Skill"), "message"),
        Column(say("With"), "message"),
        Column(say("Too many"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            speaking().day(each.day) if each.day else "–",
            (each.title, *([", ".join(each.tools)] if each.tools else [])),
            ", ".join(each.names),
            number(each.surplus),
        )
        for each in planned
    ]
    note = say("Only gaps that chance explains badly. Too many: beyond the share of the others.")
    return Section(say("Trainings to hold"), columns, rows, "", note if rows else "")


# Differentiators


def used_section(products: Sequence[ProductLine]) -> Section:
    """Returns who says what sets each product apart, and what of it is to be looked at again."""
    columns = (
        Column(say("Product"), "name"),
        Column(say("What sets it apart"), "message"),
        Column(say("Used"), "mark"),
        Column(say("Not by"), "message"),
        Column(say("To renew"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (each.title, each.text, _share(each), _never(each), _renewal(each))
        for product in products
        for each in product.used
    ]
    note = say(
        "Used: of the deals about it that ended. Not by: reps who never used it, on enough deals "
        "to say so; ? it may be chance."
    )
    return Section(say("Differentiators"), columns, rows, "", note if rows else "")


def _share(each: Used) -> str:
    if each.figure is None:
        return ""
    return say("{share} of {deals}", share=share(each.figure), deals=count(each.figure.count))


def _never(each: Used) -> Cell:
    never = [rep for rep in each.reps if rep.never]
    shown = tuple(map(_who, never[:_NAMED]))
    rest = more(len(never) - _NAMED)
    return (*shown, rest) if rest else shown or ""


def _who(rep: UsedBy) -> str:
    doubt = "" if is_unlikely(rep.chance) else " ?"
    return f"{rep.name} ({part_of(rep.figure.part, rep.figure.count)}){doubt}"


def _renewal(each: Used) -> Cell:
    if not each.renew_by:
        return ""
    day = speaking().day(each.renew_by)
    return (day, say("due")) if each.due else day
