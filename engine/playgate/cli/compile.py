"""`playgate compile`: the audit as SQL, to read, to review and to schedule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import click

from playgate.auditing.reading import refuse_problems
from playgate.cli.door import put
from playgate.cli.load import mapping_from, playbook_from
from playgate.cli.options import FILE, as_of_option, map_option, people_option
from playgate.cli.output import write_exactly
from playgate.cli.when import instant_of
from playgate.conditions.instants import show_instant
from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.event import Problem
from playgate.history.mapping import Mapping as HistoryMapping
from playgate.history.own_table import COLUMNS, REQUIRED
from playgate.history.people import People, read_people
from playgate.model.playbook import Playbook
from playgate.version import __version__

__all__ = ["command"]

_DIALECTS = ("snowflake", "bigquery", "spark", "trino", "postgres", "duckdb", "clickhouse")
_TYPES = ("text", "timestamp", "timestamptz", "date", "json")
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LATEST = "the latest event that does not lie in the future"
_TABLE = re.compile(r"[\w$-]{1,128}(\.[\w$-]{1,128}){0,2}")


@click.command("compile")
@click.argument("playbook", metavar="PLAYBOOK", type=FILE)
@click.option("--dialect", required=True, type=click.Choice(_DIALECTS), help="Whose SQL.")
@click.option(
    "--table",
    default="history",
    metavar="NAME",
    show_default=True,
    help="The table of events, or of the rows that the mapping reads.",
)
@map_option
@click.option(
    "--columns",
    metavar="COLUMNS",
    help="The table's columns, where some are no text or missing: deal,happened_at:timestamp,…",
)
@people_option
@as_of_option
@click.option("--dbt", is_flag=True, help="Write models of a dbt project into the folder of -o.")
@click.option(
    "--prefix", metavar="NAME", help="How the tables' names begin (default: the playbook's id)."
)
@click.option(
    "-o", "--output", metavar="FILE|FOLDER", type=FILE, help="Write there instead of the terminal."
)
def command(
    playbook: str,
    dialect: str,
    table: str,
    mapping: str | None,
    columns: str | None,
    people_file: str | None,
    as_of: str | None,
    dbt: bool,
    prefix: str | None,
    output: str | None,
) -> None:
    """Write the audit as SQL that makes a table of findings and one of counts.

    \b
    playgate compile bank-sales.yaml --dialect snowflake --table crm.history -o audit.sql
    playgate compile bank-sales.yaml --dialect postgres --people people.csv --as-of 2026-06-30
    playgate compile bank-sales.yaml --dialect bigquery --dbt -o warehouse
    playgate compile our.yaml --dialect duckdb --table deals --map our-crm.mapping.yaml
    """
    loaded = playbook_from(playbook)
    if loaded.experiments:
        raise InputError(
            f"SQL cannot say {loaded.name}: experiments run in it, and each deal is judged by the"
            " version of its arm",
            hint="playgate audit judges it",
            code="engine-cannot",
        )
    chosen = mapping_from(mapping) if mapping else None
    instant = instant_of("--as-of", as_of, loaded.zone, end=True)
    if _TABLE.fullmatch(table) is None:
        hint = "write NAME, SCHEMA.NAME or CATALOG.SCHEMA.NAME; a view can give another name"
        raise InputError(f'--table: "{table}" is no plain name', hint=hint, code="wrong-value")
    types = _types(columns, table, chosen)
    named = _prefix(prefix, loaded)
    people = _people(people_file)
    if dbt and output is None:
        raise InputError(
            "--dbt needs a folder", hint="-o FOLDER, that of the dbt project", code="usage"
        )
    if find_spec("ibis") is None:
        raise InputError(
            "compile is not installed", hint="pip install 'playgate[bulk]'", code="not-installed"
        )
    header = _header(loaded, dialect, table, chosen, people_file, instant, named)
    from playgate.bulk.sql.compiled_audit import HistorySource, compile_audit
    from playgate.bulk.sql.dbt import AS_OF, SOURCE, files
    from playgate.bulk.sql.statements import render, table_of

    source = HistorySource(table, SOURCE if dbt else table_of(table, dialect), types, chosen)
    compiled = compile_audit(
        loaded, source, dialect, people=people, as_of=AS_OF if dbt else instant
    )
    if dbt:
        default = show_instant(instant) if instant is not None else ""
        _write_all(
            str(output),
            named,
            dict(files(compiled, dialect, prefix=named, table=table, as_of=default, header=header)),
        )
    else:
        write_exactly("".join(render(compiled, dialect, prefix=named, header=header)), output)


def _types(columns: str | None, table: str, mapping: HistoryMapping | None) -> Mapping[str, str]:
    """Returns the columns that are read, with their types: those listed, else all that may be
    there."""
    known = mapping.table_for(table).columns() if mapping else list(COLUMNS)
    if columns is None:
        return dict.fromkeys(known, "text")
    listed = dict(_column(each.strip(), known) for each in columns.split(","))
    missing = [each for each in REQUIRED if each not in listed]
    if mapping is None and missing:
        raise InputError(f"--columns: a history needs {', '.join(missing)}", code="usage")
    return {name: listed.get(name, "text") for name in (known if mapping else listed)}


def _column(text: str, known: Sequence[str]) -> tuple[str, str]:
    name, _, kind = text.partition(":")
    if name not in known:
        hint = nearest(name, known) or f"what is read: {', '.join(known)}"
        raise InputError(f'--columns: no column "{name}" is read', hint=hint, code="unknown-name")
    if kind and kind not in _TYPES:
        hint = nearest(kind, _TYPES) or f"known: {', '.join(_TYPES)}"
        raise InputError(f'--columns: "{kind}" is no type', hint=hint, code="wrong-value")
    return name, kind or "text"


def _prefix(prefix: str | None, playbook: Playbook) -> str:
    if prefix is None:
        plain = re.sub(r"[^a-z0-9]+", "_", playbook.name.lower()).strip("_")
        prefix = (plain if plain[:1].isalpha() else f"playbook_{plain}".rstrip("_"))[:40]
    elif _PREFIX.fullmatch(prefix) is None:
        raise InputError(
            f'--prefix: "{prefix}" cannot begin a name',
            hint="small letters, digits and _, a letter first, at most 40",
            code="wrong-value",
        )
    return prefix


def _people(file: str | None) -> People | None:
    problems: list[Problem] = []
    people = read_people(file, problems.append) if file else None
    refuse_problems(problems)
    return people


def _header(
    playbook: Playbook,
    dialect: str,
    table: str,
    mapping: HistoryMapping | None,
    people: str | None,
    as_of: int | None,
    prefix: str,
) -> list[str]:
    return [
        f"Generated by playgate {__version__}: the audit of a history, in the SQL of {dialect}.",
        "Change the playbook and compile again, rather than this.",
        "",
        f"playbook: {playbook.name}, version {playbook.version}: {playbook.title}",
        f"sha256: {playbook.sha256}",
        f"history: the table {table}" + (f", by the mapping {mapping.name}" if mapping else ""),
        f"people: {Path(people).name if people else 'not given: nobody is asked for a role'}",
        f"as of: {_LATEST if as_of is None else show_instant(as_of)}",
        f"result: {prefix}_findings, {prefix}_counts; {prefix}_unread should be empty",
    ]


def _write_all(folder: str, prefix: str, texts: Mapping[str, str]) -> None:
    """Writes the files of a project; models of an earlier compile that are no more go."""
    root = Path(folder)
    try:
        for path in texts:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
        for old in (root / "models" / prefix / "steps").glob(f"{prefix}_step_*.sql"):
            if str(old.relative_to(root)) not in texts and _is_ours(old):
                old.unlink()
    except OSError as error:
        raise InputError(
            f"cannot write into {folder}: {error.strerror}", code="cannot-write"
        ) from None
    for path, text in texts.items():
        write_exactly(text, str(root / path))
    put([f"wrote {len(texts)} files below {folder}; run: dbt build --select {prefix}\n"])


def _is_ours(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as stream:
        return stream.readline().startswith("-- Generated by playgate")
