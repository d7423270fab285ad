"""NDJSON (one JSON object a line) as batches of rows with their line numbers.

Numbers and booleans become their JSON text as it stands in the file, so that an id of 19 digits
stays what it is; `null` is empty.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from playgate.documents.document import composed, nearest
from playgate.errors import InputError
from playgate.history.delimited import Batch
from playgate.history.json_texts import is_once, object_in, once, refuse_deep, text_of, why_not
from playgate.history.source import unreadable

__all__ = ["canonical_json", "read_json", "read_ndjson"]


def canonical_json(data: Any) -> str:
    """Returns JSON in Unicode's form C, with sorted keys and no spaces; raises `ValueError` for
    what JSON cannot carry as text."""
    text = json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    text.encode("utf-8")  # a lone surrogate cannot be written
    found = composed(text)
    return text if found is text else canonical_json(json.loads(found))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_AS_TEXT = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse)
_WATCHED = json.JSONDecoder(
    object_pairs_hook=once, parse_int=str, parse_float=str, parse_constant=_refuse
)
_AS_DATA = json.JSONDecoder(object_pairs_hook=once, parse_constant=_refuse)


def read_json(text: str) -> Any:
    """Returns the data in a JSON text; raises `ValueError` or `RecursionError` where it is none,
    and `DoubledKeyError` where a key stands twice in one object of it."""
    data = _AS_DATA.decode(text)
    refuse_deep(text, data)
    return data


def read_ndjson(
    name: str,
    blocks: Iterator[str],
    columns: Sequence[str],
    required: Sequence[str],
    problem: Callable[[int, str, str], None],
) -> Iterator[Batch]:
    """Yields rows with a cell for each of `columns`, and behind these the line itself where it has
    more; what is no such object goes to `problem`.

    A `required` column that the first object lacks is taken for a wrong file.
    """
    line, checked = 0, False
    known = frozenset(columns)
    for block in blocks:
        lines: list[int] = []
        rows: list[list[str]] = []
        for text in composed(block).replace("\r\n", "\n").removesuffix("\n").split("\n"):
            line += 1
            if not text or text.isspace():
                continue
            if "\0" in text:
                problem(line, *unreadable(text))
                continue
            try:
                data = _object(text)
                row = [_cell(data.get(column), text, column) for column in columns]
            except (RecursionError, ValueError) as error:
                problem(line, *why_not(error))
                continue
            if not checked:
                _check_first(name, data, required)
                checked = True
            row.append("" if known.issuperset(data) else text)
            lines.append(line)
            rows.append(row)
        yield lines, rows


def _object(text: str) -> dict[str, Any]:
    read = _AS_TEXT.decode(text)
    refuse_deep(text, read)
    data = object_in(text, read)
    if not is_once(text, data):
        data = _WATCHED.decode(text)
    return once([(composed(key), data[key]) for key in data]) if "\\u" in text else data


def _cell(value: Any, text: str, column: str) -> str:
    if type(value) is str:
        if "\\u" in text:
            return composed(text_of(value))
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return canonical_json({composed(key): each for key, each in read_json(text).items()}[column])


def _check_first(name: str, data: dict[str, Any], required: Sequence[str]) -> None:
    missing = [column for column in required if column not in data]
    if missing:
        hints = [f"{column}: {hint}" for column in missing if (hint := nearest(column, data))]
        named = ", ".join(f'"{column}"' for column in missing)
        raise InputError(
            f"{name}: its first object has no {named}", hint="; ".join(hints), code="wrong-file"
        )
