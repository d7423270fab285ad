"""KPIs as the short tables that text and Markdown show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.numbers.peers import is_unlikely
from playgate.numbers.result import Clean, Figure, Flow, Kpis, KpiTable, Line, Misses, Went
from playgate.report.digest import Cell, Column, Section
from playgate.report.figures import percent, share
from playgate.report.numbers_words import figure, interval, number, value
from playgate.report.words import count, plural

__all__ = ["clean_section", "company_section", "kpi_sections", "misses_section", "tips_section"]

_ACROSS = 4
_ROWS = 40
_MOSTLY = 0.5
_NEW_NOTE = " (new): not ranked yet."
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
        Column("KPI", "name"),
        Column("Company", "mark"),
        Column("Target", "mark"),
        Column("Best quarter", "mark"),
        Column("Bottom quarter", "mark"),
    )
    rows: list[tuple[Cell, ...]] = []
    for table in tables:
        line = table.lines[0]
        quarters = {group.quarter: group.figure for group in table.groups}
        shown = figure(line.figure, table), _rests_on(table, line.figure)
        ends = [_of(quarters.get(each), table) for each in ("top", "bottom")]
        title = table.title if table.period == period else (table.title, table.period)
        rows.append((title, shown, _target(table, line), *ends))
    note = (
        "In brackets the 95 % interval; ? where it leaves the answer open. A time is the median of "
        "the deals that get there, of which it tells the share; a count is per rep and week."
    )
    return Section("KPIs", columns, rows, "", note)


def _of(found: Figure | None, table: KpiTable) -> str:
    return "–" if found is None else value(found.value, table)


def _target(table: KpiTable, line: Line) -> str:
    if table.at_least is None and table.at_most is None:
        return ""
    least = "" if table.at_least is None else f"≥ {value(table.at_least, table)}"
    most = "" if table.at_most is None else f"≤ {value(table.at_most, table)}"
    said = {"met": " met", "missed": " missed", None: ""}[line.target]
    return " ".join(filter(None, (least, most))) + (said if line.sure or not said else f"{said} ?")


def _rests_on(table: KpiTable, found: Figure) -> str:
    match table.kind:
        case "ratio" if table.source == "adherence":
            return plural(found.count, "deal")
        case "ratio":
            still = f", {count(found.open)} open" if found.open else ""
            return f"{count(found.part)} of {count(found.count)}{still}"
        case "time":
            come = "" if found.comes is None else f", {percent(found.comes)} get there"
            return f"{count(found.part)} of {count(found.count)}, {count(found.open)} open{come}"
        case "count":
            return f"{count(found.count)} in all"
    without = f", {count(found.open)} without" if found.open else ""
    return plural(found.count, "deal") + without


def _reps(tables: Sequence[KpiTable], minimum: int) -> Section:
    reps = [line for line in tables[0].lines if line.scope != "company"] if tables else []
    columns = (Column("Rep", "name"), *(Column(table.title, "message") for table in tables))
    rows: list[tuple[Cell, ...]] = []
    for line in reps[:_ROWS]:
        own = [
            next(each for each in table.lines if (each.scope, each.id) == (line.scope, line.id))
            for table in tables
        ]
        name = f"Team {line.name}" if line.scope == "team" else line.name + _new(line)
        rows.append((name, *(_cell(*pair) for pair in zip(own, tables, strict=True))))
    note = (
        f"▲ best quarter, ▼ bottom quarter of those with at least {minimum} to rest on; ≠ unlike "
        "the other reps together, beyond chance; ! target missed, beyond chance."
    )
    note += _NEW_NOTE * any(line.ramps for line in reps[:_ROWS])
    note += "".join(_noise(table) for table in tables)
    left = f"and {count(len(reps) - _ROWS)} more" if len(reps) > _ROWS else ""
    return Section("By team and rep", columns, rows, left, note if rows else "")


def _noise(table: KpiTable) -> str:
    """Returns a warning where most of what reps differ by is chance."""
    if table.real is None or table.real >= _MOSTLY:
        return ""
    return f" {table.title}: {percent(1 - table.real)} of how the reps differ is chance."


def _cell(line: Line, table: KpiTable) -> Cell:
    mark = _MARKS.get(line.quarter or "", "") + " ≠" * is_unlikely(line.chance)
    missed = " !" if line.target == "missed" and line.sure else ""
    first = value(line.figure.value, table) + mark + missed
    rest = f"{interval(line.figure, table)} of {count(line.figure.count)}".strip()
    return (first, rest) if line.figure.count else first


def _apart(tables: Sequence[KpiTable]) -> Section:
    columns = (
        Column("Rep", "name"),
        Column("KPI", "message"),
        Column("Own", "mark"),
        Column("Others", "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            each.name,
            table.title,
            f"{value(each.value, table)} ({each.change * 100:+.0f} %){'' if each.sure else ' ?'}",
            value(each.peers, table),
        )
        for table in tables
        for each in table.apart
    ]
    note = "? It may be chance."
    return Section("Far under the other reps", columns, rows, "", note if rows else "")


def misses_section(found: Sequence[Misses]) -> Section:
    """Returns the table of what reps missed against what was to be expected of their work."""
    columns = (
        Column("Rep", "name"),
        Column("Deals", "number"),
        Column("Missed", "number"),
        Column("Expected", "mark"),
        Column("Chance keeps to", "mark"),
        Column("Of it", "mark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            f"Team {each.name}" if each.scope == "team" else each.name + _new(each),
            count(each.deals),
            count(each.misses),
            number(each.expected),
            _between(each),
            percent(each.misses / each.expected if each.expected else None) + _unlike(each),
        )
        for each in found[:_ROWS]
    ]
    note = (
        "Expected: the misses of the same chances where each rule is missed as often as by all "
        "reps. ≠ beyond chance, with all reps looked at."
    )
    note += _NEW_NOTE * any(each.ramps for each in found[:_ROWS])
    left = f"and {count(len(found) - _ROWS)} more" if len(found) > _ROWS else ""
    return Section("Missed against expected", columns, rows, left, note if rows else "")


def _new(each: Line | Misses) -> str:
    return " (new)" if each.ramps else ""


def _between(each: Misses) -> str:
    if each.low is None or each.high is None:
        return ""
    return f"{number(each.low)}–{number(each.high)}"


def _unlike(each: Misses) -> str:
    return " ≠" if is_unlikely(each.chance) else ""


def clean_section(found: Clean) -> Section:
    """Returns how many deals had no miss, and the share without what is never missed."""
    if not found.of:
        return Section("Deals without a miss", (), ())
    note = f"{count(found.deals)} of {plural(found.of, 'deal')} had no miss at all."
    if found.never_missed:
        named = ", ".join(found.never_missed[:_NAMED])
        more = len(found.never_missed) - _NAMED
        rest = f" and {count(more)} more" if more > 0 else ""
        note += (
            f" {percent(found.share)} of the steps were followed without"
            f" {plural(len(found.never_missed), 'rule')} that are practically never missed:"
            f" {named}{rest}."
        )
    return Section("Deals without a miss", (), (), "", note)


def tips_section(tables: Sequence[KpiTable]) -> Section:
    """Returns the table of what helps, where a target is missed or a rep stands apart."""
    columns = (Column("KPI", "message"), Column("What helps", "message"))
    rows: list[tuple[Cell, ...]] = [
        (table.title, table.tips)
        for table in tables
        if table.tips and (table.lines[0].target == "missed" or table.apart)
    ]
    return Section("Tips", columns, rows)


def _flow(flows: Sequence[Flow]) -> Section:
    columns = (
        Column("Stage", "name"),
        Column("Deals", "number"),
        Column("Went on", "mark"),
        Column("Whereto", "message"),
        Column("Still there", "number"),
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
    note = "Of the deals that left a stage; by their first time in it." if rows else ""
    return Section("From stage to stage", columns, rows, "", note)


def _went(went: Went) -> str:
    how = {"skip": " by a skip", "back": " (back)"}.get(went.kind, "")
    return f"{went.stage} {count(went.deals)}{how}"


def _stays(tables: Sequence[KpiTable]) -> Section:
    columns = (
        Column("Stage", "name"),
        Column("A quarter", "mark"),
        Column("Half", "mark"),
        Column("Three quarters", "mark"),
        Column("Left", "number"),
        Column("Still there", "number"),
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
    note = "By which day so many had left (Kaplan–Meier)." if rows else ""
    return Section("Time in stage", columns, rows, "", note)


def _activities(tables: Sequence[KpiTable]) -> Section:
    columns = (
        Column("Activity", "message"),
        Column("Per rep and week", "mark"),
        Column("In all", "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (table.title, figure(table.lines[0].figure, table), count(table.lines[0].figure.count))
        for table in tables
    ]
    return Section("Activities", columns, rows)
