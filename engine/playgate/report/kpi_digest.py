"""KPIs as the short tables that text and Markdown show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.language import say, speaking
from playgate.numbers.peers import is_unlikely
from playgate.numbers.result import Clean, Figure, Flow, Kpis, KpiTable, Line, Misses, Went
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import percent, share
from playgate.report.numbers_words import called, figure, interval, member, number, part_of, value
from playgate.report.people_digest import goals_section, tasks_section
from playgate.report.words import count, more, plural

__all__ = [
    "clean_section",
    "company_section",
    "kpi_sections",
    "misses_section",
    "tips_section",
    "without_a_miss",
]

_ACROSS = 4
_ROWS = 40
_MOSTLY = 0.5
_NAMED = 6
_MARKS = {"top": " ▲", "bottom": " ▼"}


def kpi_sections(result: Kpis) -> Iterator[Section]:
    """Yields the tables that a manager looks at first, then those behind them."""
    chosen = [table for table in result.kpis if table.source == "playbook"]
    followed = [table for table in result.kpis if table.source == "adherence"]
    yield company_section(chosen + followed, result.basis.period)
    compared = chosen + followed
    for start in range(0, len(compared), _ACROSS):
        yield _reps(compared[start : start + _ACROSS], result.basis.minimum)
    yield tasks_section(result.people)
    yield goals_section(result.people)
    yield _apart(chosen)
    yield misses_section(result.misses)
    yield clean_section(result.clean)
    yield tips_section(chosen)
    yield _flow(result.flows)
    yield _stays([table for table in result.kpis if table.source == "stage"])
    yield _activities([table for table in result.kpis if table.source == "activity"])


def company_section(tables: Sequence[KpiTable], period: str) -> Section:
    """Returns the table of the company's KPIs, against their targets and the best and bottom
    quarter of the reps."""
    columns = (
        Column(say("KPI"), "name"),
        Column(say("Company"), "mark"),
        Column(say("Target"), "mark"),
        Column(say("Best quarter"), "mark"),
        Column(say("Bottom quarter"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = []
    for table in tables:
        line = table.lines[0]
        quarters = {group.quarter: group.figure for group in table.groups}
        shown = figure(line.figure, table), _rests_on(table, line.figure)
        ends = [_of(quarters.get(each), table) for each in ("top", "bottom")]
        title = table.title if table.period == period else (table.title, called(table.period))
        rows.append((title, shown, _target(table, line), *ends))
    note = say(
        "In brackets the 95 % interval; ? where it leaves the answer open. A time is the median of "
        "the deals that get there, of which it tells the share; a count is per rep and week."
    )
    return Section(say("KPIs"), columns, rows, "", note)


def _of(found: Figure | None, table: KpiTable) -> str:
    return "–" if found is None else value(found.value, table)


def _target(table: KpiTable, line: Line) -> str:
    if table.at_least is None and table.at_most is None:
        return ""
    least = "" if table.at_least is None else f"≥ {value(table.at_least, table)}"
    most = "" if table.at_most is None else f"≤ {value(table.at_most, table)}"
    said = {"met": say("met"), "missed": say("missed")}.get(line.target or "", "")
    doubt = "?" if said and not line.sure else ""
    return " ".join(filter(None, (least, most, said, doubt)))


def _rests_on(table: KpiTable, found: Figure) -> str:
    match table.kind:
        case "ratio" if table.source == "adherence":
            return plural(found.count, "deal")
        case "ratio":
            still = ", " + _open(found) if found.open else ""
            return part_of(found.part, found.count) + still
        case "time":
            come = ""
            if found.comes is not None:
                come = ", " + say("{share} get there", share=percent(found.comes))
            return f"{part_of(found.part, found.count)}, {_open(found)}{come}"
        case "count":
            return say("{number} in all", number=count(found.count))
    deals = plural(found.count, "deal")
    if not found.open:
        return deals
    return f"{deals}, " + say("{number} without", number=count(found.open))


def _open(found: Figure) -> str:
    return say("{number} open", number=count(found.open))


def _reps(tables: Sequence[KpiTable], minimum: int) -> Section:
    reps = [line for line in tables[0].lines if line.scope != "company"] if tables else []
    columns = (Column(say("Rep"), "name"), *(Column(table.title, "message") for table in tables))
    rows: list[tuple[Cell, ...]] = []
    for line in reps[:_ROWS]:
        own = [
            next(each for each in table.lines if (each.scope, each.id) == (line.scope, line.id))
            for table in tables
        ]
        name = member(line.scope, line.name) + _new(line)
        rows.append((name, *(_cell(*pair) for pair in zip(own, tables, strict=True))))
    note = say(
        "▲ best quarter, ▼ bottom quarter of those with at least {minimum} to rest on; ≠ unlike "
        "the other reps together, beyond chance; ! target missed, beyond chance.",
        minimum=minimum,
    )
    note += _new_note(reps[:_ROWS])
    note += "".join(_noise(table) for table in tables)
    left = more(len(reps) - _ROWS)
    return Section(say("By team and rep"), columns, rows, left, note if rows else "")


def _noise(table: KpiTable) -> str:
    """Returns a warning where most of what reps differ by is chance."""
    if table.real is None or table.real >= _MOSTLY:
        return ""
    share = percent(1 - table.real)
    said = say("{kpi}: {share} of how the reps differ is chance.", kpi=table.title, share=share)
    return f" {said}"


def _cell(line: Line, table: KpiTable) -> Cell:
    mark = _MARKS.get(line.quarter or "", "") + " ≠" * is_unlikely(line.chance)
    missed = " !" if line.target == "missed" and line.sure else ""
    first = value(line.figure.value, table) + mark + missed
    between, of = interval(line.figure, table), count(line.figure.count)
    rest = say("{interval} of {number}", interval=between, number=of).strip()
    return (first, rest) if line.figure.count else first


def _apart(tables: Sequence[KpiTable]) -> Section:
    columns = (
        Column(say("Rep"), "name"),
        Column(say("KPI"), "message"),
        Column(say("Own"), "mark"),
        Column(say("Others"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.name,
            table.title,
            f"{value(each.value, table)} ({_change(each.change)}){'' if each.sure else ' ?'}",
            value(each.peers, table),
        )
        for table in tables
        for each in table.apart
    ]
    note = say("? It may be chance.")
    return Section(say("Far under the other reps"), columns, rows, "", note if rows else "")


def _change(share: float) -> str:
    return speaking().percent(f"{share * 100:+.0f}")


def misses_section(found: Sequence[Misses]) -> Section:
    """Returns the table of what reps missed against what was to be expected of their work."""
    columns = (
        Column(say("Rep"), "name"),
        Column(say("Deals"), "number"),
        Column(say("Missed"), "number"),
        Column(say("Expected"), "mark"),
        Column(say("Chance keeps to"), "mark"),
        Column(say("Of it"), "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            member(each.scope, each.name) + _new(each),
            count(each.deals),
            count(each.misses),
            number(each.expected),
            _between(each),
            percent(each.misses / each.expected if each.expected else None) + _unlike(each),
        )
        for each in found[:_ROWS]
    ]
    note = say(
        "Expected: the misses of the same chances where each rule is missed as often as by all "
        "reps. ≠ beyond chance, with all reps looked at."
    )
    note += _new_note(found[:_ROWS])
    left = more(len(found) - _ROWS)
    return Section(say("Missed against expected"), columns, rows, left, note if rows else "")


def _new(each: Line | Misses) -> str:
    return f" {say('(new)')}" if each.ramps else ""


def _new_note(lines: Sequence[Line | Misses]) -> str:
    return f" {say('(new): not ranked yet.')}" if any(each.ramps for each in lines) else ""


def _between(each: Misses) -> str:
    if each.low is None or each.high is None:
        return ""
    return f"{number(each.low)}–{number(each.high)}"


def _unlike(each: Misses) -> str:
    return " ≠" if is_unlikely(each.chance) else ""


def without_a_miss(found: Clean) -> str:
    """Says how many deals had no miss."""
    of = plural(found.of, "deal")
    return say("{clean} of {deals} had no miss at all", clean=count(found.deals), deals=of)


def clean_section(found: Clean) -> Section:
    """Returns how many deals had no miss, and the share without what is never missed."""
    if not found.of:
        return Section(say("Deals without a miss"), (), ())
    note = without_a_miss(found) + "."
    if found.never_missed:
        rest = more(len(found.never_missed) - _NAMED)
        named = ", ".join(found.never_missed[:_NAMED]) + (f" {rest}" if rest else "")
        never = say(
            "{share} of the steps were followed without {rules} that are practically never "
            "missed: {named}.",
            share=percent(found.share),
            rules=plural(len(found.never_missed), "rule"),
            named=named,
        )
        note += f" {never}"
    return Section(say("Deals without a miss"), (), (), "", note)


def tips_section(tables: Sequence[KpiTable]) -> Section:
    """Returns the table of what helps, where a target is missed or a rep stands apart."""
    columns = (Column(say("KPI"), "message"), Column(say("What helps"), "message"))
    rows: list[tuple[Cell, ...]] = [
        (table.title, table.tips)
        for table in tables
        if table.tips and (table.lines[0].target == "missed" or table.apart)
    ]
    return Section(say("Tips"), columns, rows)


def _flow(flows: Sequence[Flow]) -> Section:
    columns = (
        Column(say("Stage"), "name"),
        Column(say("Deals"), "number"),
        Column(say("Went on"), "mark"),
        Column(say("Whereto"), "message"),
        Column(say("Still there"), "number"),
    )
    company = [flow for flow in flows if flow.scope == "company"]
    rows: list[tuple[Cell, ...]] = [
        (
            flow.title,
            count(flow.deals),
            share(flow.on),
            ", ".join(map(_went, flow.went)),
            count(flow.open),
        )
        for flow in company
    ]
    note = say("Of the deals that left a stage; by their first time in it.")
    return Section(say("From stage to stage"), columns, rows, "", note if rows else "")


def _went(went: Went) -> str:
    stage, deals = went.stage, count(went.deals)
    match went.kind:
        case "skip":
            return say("{stage} {deals} by a skip", stage=stage, deals=deals)
        case "back":
            return say("{stage} {deals} (back)", stage=stage, deals=deals)
    return f"{stage} {deals}"


def _stays(tables: Sequence[KpiTable]) -> Section:
    columns = (
        Column(say("Stage"), "name"),
        Column(say("A quarter"), "mark"),
        Column(say("Half"), "mark"),
        Column(say("Three quarters"), "mark"),
        Column(say("Left"), "number"),
        Column(say("Still there"), "number"),
    )
    rows: list[tuple[Cell, ...]] = []
    for table in tables:
        found = table.lines[0].figure
        rows.append(
            (
                table.title,
                value(found.lower, table),
                figure(found, table),
                value(found.upper, table),
                count(found.part),
                count(found.open),
            )
        )
    note = say("By which day so many had left (Kaplan–Meier).")
    return Section(say("Time in stage"), columns, rows, "", note if rows else "")


def _activities(tables: Sequence[KpiTable]) -> Section:
    columns = (
        Column(say("Activity"), "message"),
        Column(say("Per rep and week"), "mark"),
        Column(say("In all"), "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (table.title, figure(table.lines[0].figure, table), count(table.lines[0].figure.count))
        for table in tables
    ]
    return Section(say("Activities"), columns, rows)
