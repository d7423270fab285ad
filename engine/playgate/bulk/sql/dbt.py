"""A compiled audit as the models of a dbt project.

Each step is a model of its own, and a table: what is used more than once is computed once. As one
query of nested steps it would be planned and computed anew for every use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlglot import exp

from playgate.bulk.sql.compiled_audit import RESULTS, CompiledAudit
from playgate.bulk.sql.readable_sql import readable_sql
from playgate.bulk.sql.result_tables import COUNTS, FINDINGS
from playgate.bulk.sql.script import NotedStep
from playgate.bulk.sql.statements import comment, full_name, heading, renamed
from playgate.bulk.sql.words import ABOUT
from playgate.findings import LEVELS

__all__ = ["AS_OF", "SOURCE", "files"]

_SIGN = "\ue000"
"""Around names for what templates fill in: a sign that no font has."""

SOURCE = exp.Table(this=exp.Identifier(this=f"{_SIGN}source{_SIGN}", quoted=False))
"""Stands for the project's source."""
AS_OF = exp.Var(this=f"{_SIGN}as_of{_SIGN}")
"""Stands for the text of the project's variable."""

_CONFIG = "{{{{ config(materialized='{made}'{more}) }}}}\n"
_MORE = {
    "clickhouse": ", query_settings={'join_use_nulls': 1, 'aggregate_functions_null_for_empty': 1}"
}
_TEMPLATE = re.compile(r"\{(?=[{%#])")


def files(
    compiled: CompiledAudit,
    dialect: str,
    *,
    prefix: str,
    table: str,
    as_of: str,
    header: Sequence[str],
) -> Iterator[tuple[str, str]]:
    """Writes each file: its path and text. `as_of` is the default of the project's variable."""
    folder = f"models/{prefix}"
    words = {
        SOURCE.name: f"{{{{ source('{prefix}', '{table.rpartition('.')[2]}') }}}}",
        AS_OF.name: f"'{{{{ var('playgate_as_of', '{as_of}') }}}}'",
    }
    for note in compiled.script.notes:
        words[_stand_in(note.name).name] = f"{{{{ ref('{full_name(note.name, prefix)}') }}}}"
        config = _CONFIG.format(
            made="view" if note.is_view else "table", more=_MORE.get(dialect, "")
        )
        place = folder if note.name in RESULTS else f"{folder}/steps"
        text = _model(note, compiled, words)
        yield (
            f"{place}/{full_name(note.name, prefix)}.sql",
            f"{_plain(heading(header))}\n{config}\n{text}",
        )
    yield f"{folder}/schema.yml", "".join(_yaml(_schema(compiled, prefix, table)))
    yield (
        f"tests/{prefix}_unread_is_empty.sql",
        (
            f"{heading(header[:1])}-- Warns where rows of the history were left out.\n"
            "{{ config(severity='warn') }}\n"
            f"select * from {{{{ ref('{full_name('unread', prefix)}') }}}}\n"
        ),
    )


def _model(note: NotedStep, compiled: CompiledAudit, words: Mapping[str, str]) -> str:
    query = readable_sql(renamed(note.query, _stand_in), compiled.script.dialect)
    text = _plain(f"{comment(note, compiled, query)}{query}\n")
    for token, written in words.items():
        text = text.replace(token, written)
    return text


def _stand_in(step: str) -> exp.Identifier:
    return exp.Identifier(this=f"{_SIGN}step:{step}{_SIGN}", quoted=False)


def _plain(text: str) -> str:
    """Writes the text as a template that gives it."""
    return _TEMPLATE.sub("{{ '{' }}", text)


# --- The schema file -----------------------------------------------------------------------------

Yaml = Any


def _schema(compiled: CompiledAudit, prefix: str, table: str) -> Yaml:
    *place, name = table.split(".")
    schema = place[-1] if place else "{{ target.schema }}"
    source: dict[str, Yaml] = {"name": prefix, "schema": schema, "tables": [{"name": name}]}
    if len(place) > 1:
        source["database"] = place[0]
    models = [
        _of_result(note.name, prefix) for note in compiled.script.notes if note.name in RESULTS
    ]
    steps = [
        {"name": full_name(note.name, prefix), "description": ABOUT.get(note.name, "")}
        for note in compiled.script.notes
        if note.name not in RESULTS
    ]
    return {"version": 2, "sources": [source], "models": [*models, *steps]}


def _of_result(step: str, prefix: str) -> Yaml:
    model: dict[str, Yaml] = {"name": full_name(step, prefix), "description": ABOUT[step]}
    if step == "findings":
        model["data_tests"] = [_test("unique", column_name="deal || ' ' || rule")]
        model["columns"] = [_column(name, FINDINGS, prefix) for name in FINDINGS]
    elif step == "counts":
        model["columns"] = [_column(name, COUNTS, prefix) for name in COUNTS]
        model["columns"][0]["data_tests"] = ["unique", "not_null"]
    return model


def _column(name: str, about: Mapping[str, str], prefix: str) -> Yaml:
    tests: list[Yaml] = [] if name in ("cause", "to_stage", "from_stage", "actor") else ["not_null"]
    if name in _VALUES:
        tests.append(_test("accepted_values", values=list(_VALUES[name])))
    elif name == "rule":
        counts = full_name("counts", prefix)
        tests.append(_test("relationships", to=f"ref('{counts}')", field="rule"))
    column = {"name": name, "description": about[name]}
    return {**column, "data_tests": tests} if tests else column


def _test(name: str, **arguments: Yaml) -> Yaml:
    return {name: {"arguments": arguments}}


_VALUES = {
    "level": LEVELS,
    "state": ("open", "made-good", "waived"),
    "cause": ("logged-late", "late", "missing"),
}


def _yaml(value: Yaml, indent: str = "") -> Iterator[str]:
    """Writes YAML of mappings, lists and texts; every text stands in quotes."""
    entries = value.items() if isinstance(value, dict) else ((None, each) for each in value)
    for key, each in entries:
        head = indent + ("- " if key is None else f"{key}:")
        if isinstance(each, dict | list):
            inner = indent + "  "
            body = "".join(_yaml(each, inner))
            yield head + (body[len(inner) :] if key is None else "\n" + body)
        else:
            text = each if isinstance(each, int) else json.dumps(each, ensure_ascii=False)
            yield f"{head}{'' if key is None else ' '}{text}\n"
