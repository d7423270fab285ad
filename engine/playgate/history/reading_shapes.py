"""Reads files whose mapping is not flat: lookups first, then tables, whose rows become flat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from playgate.conditions.instants import Zone
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.delimited import read_table
from playgate.history.event import Problem
from playgate.history.lookups import Lookups, lookup_name
from playgate.history.mapped import Columns, ProblemAt, by_line
from playgate.history.mapping import LookupFile, Mapping, TableMap, ValueSource, sole_column
from playgate.history.part import PartOfDeals
from playgate.history.paths import head, is_path
from playgate.history.raw_rows import RawRows, holds_json, is_log, rows_of_file
from playgate.history.source import Source, is_sheet
from playgate.history.tables import table_in
from playgate.history.tally import PassedOver, Tally
from playgate.history.unnest import Around, UnnestedTable, nest_filter

__all__ = ["around_of", "is_flat", "is_tabular", "missed", "read_nested"]

_SAME = "same_deal"


def is_flat(table: TableMap, mapping: Mapping) -> bool:
    """Returns whether each row of a table is read by its cells alone."""
    return not (
        mapping.same_deal
        or table.each
        or table.derived
        or any(rule.each for rule in table.rows)
        or any(value.lookup or value.row or value.after or value.id for value in table.values())
    )


def is_tabular(source: Source, columns: Sequence[str]) -> bool:
    """Returns whether a file is a log, or a table with all of these columns so far as they may be
    paths."""
    if holds_json(source):
        return False
    paths = [column for column in columns if is_path(column)]
    if not paths or is_log(source):
        return True
    header = _header(source)
    return all(path in header or head(path) not in header for path in paths)


def _header(source: Source) -> Sequence[str]:
    if is_sheet(source.name):
        return table_in(source, lambda *_: None).header
    block = next(source.blocks(), "")
    return read_table(source.name, iter((block,)), lambda *_: None).header


def read_nested(
    rows: RawRows,
    tallies: Sequence[Tally],
    around: Around,
    *,
    file: str,
    number: int,
    problem: ProblemAt,
) -> Iterator[list[Columns]]:
    """Yields the events of a file, whose rows `rows` gives, batch by batch."""
    tables = [tally.table for tally in tallies]
    runs = [
        UnnestedTable(tally.table, around, source=number, problem=problem, tally=tally)
        for tally in tallies
    ]
    flat = [table for table in tables if not table.nests()]
    known = list(dict.fromkeys(column for table in flat for column in table.columns()))
    columns = [*known, *(column for table in tables for column in table.columns())]
    derived = {name for table in tables for name in table.derived}

    def check(header: Sequence[str], form: str) -> None:
        needed = [column for column in known if column not in derived]
        if form == "object":
            needed = [table.deal.columns[0] for table in flat if sole_column(table)]
        needed = [each for each in needed if each not in derived]
        _check_header(file, header, needed, form)

    for nest in rows(list(dict.fromkeys(columns)), problem, check):
        if len(runs) == 1:
            yield from runs[0].events(nest)
        else:
            yield by_line([list(chain.from_iterable(run.events(nest))) for run in runs])


def around_of(
    mapping: Mapping,
    paths: Sequence[str],
    report: Callable[[Problem], None],
    *,
    zone: Zone,
    part: PartOfDeals | None = None,
    stable_ids: bool = True,
) -> Around:
    """Reads the lookups, and returns what is the same for all tables."""
    same = mapping.same_deal
    files = (*mapping.lookups, *((same,) if same else ()))
    lookups = Lookups(files, _asked(mapping, files))
    for lookup in files:
        fitting = [path for path in paths if lookup.fits(path)]
        if not fitting:
            patterns = ", ".join(lookup.files)
            raise InputError(
                f"the lookup {lookup.name} of mapping {mapping.name} has no file",
                hint=f"name a file called {patterns} as well",
                code="no-such-file",
            )
        for path in fitting:
            _fill(lookups, lookup, path, report)
    merged = _survivors(lookups, same, paths, report) if same else {}
    return Around(lookups, merged, zone, part, stable_ids)


def missed(mapping: Mapping, lookups: Lookups) -> Iterator[PassedOver]:
    """Yields the keys that lookups do not have, which stay as they are."""
    lines = {each.name: each.line for each in mapping.lookups}
    for name, keys in lookups.missed().items():
        line = lines.get(lookup_name(name), 1)
        yield PassedOver(mapping.file, line, f"{lookup_name(name)} does not have", keys)


def _asked(mapping: Mapping, files: Sequence[LookupFile]) -> Iterator[str]:
    values: list[ValueSource] = [value for table in mapping.tables for value in table.values()]
    for each in files:
        values += [each.key, *([each.value] if each.value else [])]
    yield from (value.lookup for value in values if value.lookup)
    if mapping.same_deal:
        yield _SAME


def _fill(
    lookups: Lookups, lookup: LookupFile, path: str, report: Callable[[Problem], None]
) -> None:
    values = [value for _, value in lookups.asked(lookup.name)]
    if not values:
        return
    tests = [cells.column for cells in lookup.where]
    columns = [*lookup.key.columns, *tests, *(each for value in values for each in value.columns)]

    def problem(line: int, reason: str, hint: str) -> None:
        report(Problem(path, line, reason, hint))

    def check(header: Sequence[str], form: str) -> None:
        asked = lookup.key.columns if form == "object" else columns
        _check_header(path, header, [] if lookup.each else asked, form)

    nests = rows_of_file(path, columns, problem, check)
    lookups.fill(lookup, nests, nest_filter(lookup.where))


def _check_header(file: str, header: Sequence[str], columns: Sequence[str], form: str) -> None:
    """Raises `InputError` where the file has neither a column nor what its path begins with; where
    it has objects, the first tells."""
    missing = [each for each in columns if each not in header and head(each) not in header]
    if not missing:
        return
    named = ", ".join(f'"{column}"' for column in dict.fromkeys(missing))
    hints = [f"{each}: {hint}" for each in missing if (hint := nearest(each, header))[:3] == "did"]
    noun = "columns" if len(missing) > 1 else "column"
    raise InputError(
        f"{file}: its first object has no {named}"
        if form == "object"
        else f"{file} has no {noun} {named}",
        hint="; ".join(hints)
        or f"its {'keys' if form == 'object' else 'columns'}: {', '.join(header[:12])}",
        code="wrong-file",
    )


def _survivors(
    lookups: Lookups, same: LookupFile, paths: Sequence[str], report: Callable[[Problem], None]
) -> dict[str, str]:
    """Returns for each deal that was merged away the one in which its rows count at last."""
    table = lookups[_SAME]
    found: dict[str, str] = {}
    file = next(path for path in paths if same.fits(path))
    for deal, into in table.items():
        seen = [deal]
        while into in table and into not in seen:
            seen.append(str(into))
            into = table[str(into)]
        if isinstance(into, tuple):
            report(Problem(file, 1, f"{deal} was merged into several: {', '.join(into)}"))
        elif into in seen and into != deal:
            if deal < into:
                report(Problem(file, 1, f"{deal} and {into} were merged into each other"))
        elif into and into != deal:
            found[deal] = into
        elif len(seen) > 1 and deal < seen[-1]:
            report(Problem(file, 1, f"{deal} and {seen[-1]} were merged into each other"))
    return found
