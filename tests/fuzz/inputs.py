"""Every kind of input, with what it begins from and the commands that read it."""

from __future__ import annotations

import gzip
import io
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["INPUTS", "Input"]

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
CRM = ROOT / "playbooks" / "crm"
LEDGER = "playgate.db"
_LONGEST_SEED = 12_000
NOW = "2026-06-01"

SEEDS = Path(__file__).parent / "seeds"
_SIDES = ("sales.yaml", "people.csv", "history.csv", "map.yaml")


class Input(NamedTuple):
    """A kind of input."""

    file: str
    """Its name in the folder; `-` is standard input."""
    seeds: Callable[[], list[bytes]]
    commands: tuple[tuple[str, ...], ...]
    packed: Callable[[bytes], bytes] = bytes
    """What makes the file of what is mutated."""
    sides: tuple[str, ...] = _SIDES
    """What else lies in the folder, of the seeds."""
    ledger: str = ""
    """Who keeps the record of the ledger that knows the playbook and the history, where there is
    one."""


def _few(paths: Iterator[Path]) -> list[bytes]:
    found = (path.read_bytes() for path in sorted(paths))
    return [content for content in found if len(content) <= _LONGEST_SEED]


def _seed(name: str) -> bytes:
    return (SEEDS / name).read_bytes()


@cache
def _cases(key: str) -> list[bytes]:
    """What stands under a key of the case files, as it is written there."""
    from playgate.documents import yaml12

    found = []
    for path in sorted((CASES / "judge").glob("*.yaml")):
        document, _ = yaml12.parse(path.read_bytes(), str(path))
        text = document.get((key,)) if document else None
        if isinstance(text, str):
            found.append(text.encode())
    return found


def _playbooks() -> list[bytes]:
    return [_seed("sales.yaml"), *_cases("playbook"), *_few(CRM.glob("*/*[a-z].yaml"))]


def _parquet() -> list[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [line.split(b",") for line in _seed("history.csv").splitlines()[1:3]]
    names = ("deal", "happened_at", "kind", "name", "value", "actor")
    table = pa.table({name: [row[at].decode() for row in rows] for at, name in enumerate(names)})
    found = []
    for packed in ("none", "snappy"):
        stream = io.BytesIO()
        pq.write_table(table, stream, compression=packed)
        found.append(stream.getvalue())
    return found


def _workbook() -> list[bytes]:
    """The parts of a spreadsheet one after the other, as `_packed_workbook` reads them."""
    from support.workbook import write_workbook

    rows = [
        [cell.decode() for cell in line.split(b",")[:6]]
        for line in _seed("history.csv").splitlines()[:4]
    ]
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.xlsx"
        write_workbook(path, rows)
        with zipfile.ZipFile(path) as book:
            parts = [(each, book.read(each)) for each in book.namelist()]
    return [b"".join(b"\n@@" + name.encode() + b"\n" + content for name, content in parts)]


def _packed_workbook(content: bytes) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        warnings.simplefilter("ignore")  # a part may be there twice
        for piece in content.split(b"\n@@")[1:]:
            name, _, part = piece.partition(b"\n")
            book.writestr(name.decode("latin-1") or "x", part)
    return stream.getvalue()


def _xes() -> list[bytes]:
    return [path.read_bytes() for path in sorted(CRM.glob("*/export*/*.xes"))]


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


_AUDIT = ("audit", "sales.yaml", "{}", "--people", "people.csv", "--as-of", NOW)
_MAPPED = ("audit", "sales.yaml", "{}", "--as-of", NOW, "--format", "json", "--map")

INPUTS: Mapping[str, Input] = {
    "playbook": Input(
        "fuzzed.yaml",
        _playbooks,
        (
            ("lint", "{}"),
            ("show", "{}"),
            ("audit", "{}", "history.csv", "--people", "people.csv", "--as-of", NOW),
            ("diff", "sales.yaml", "{}", "--format", "json"),
        ),
    ),
    "layout": Input(
        "fuzzed.yaml",
        lambda: [*_playbooks(), *_few((CASES / "fmt").glob("*.in.yaml"))],
        (("fmt", "{}"),),
    ),
    "mapping": Input(
        "fuzzed.mapping.yaml",
        lambda: [_seed("map.yaml"), *_few(CRM.glob("*/*.mapping.yaml"))],
        (("lint", "{}"), (*_MAPPED[:2], "table.csv", *_MAPPED[3:], "{}")),
        sides=(*_SIDES, "table.csv"),
    ),
    "csv": Input(
        "fuzzed.csv",
        lambda: [_seed("history.csv")],
        (
            _AUDIT,
            (*_AUDIT, "--engine", "judge", "--format", "json"),
            ("import", "{}", "-o", "o.csv"),
        ),
    ),
    "csv-gz": Input("fuzzed.csv.gz", lambda: [_seed("history.csv")], (_AUDIT,), packed=_gzipped),
    "mapped-csv": Input(
        "fuzzed.csv",
        lambda: [_seed("table.csv")],
        (
            (*_MAPPED, "map.yaml"),
            ("import", "{}", "--sniff"),
            ("import", "{}", "--map", "map.yaml", "--explain"),
        ),
    ),
    "ndjson": Input(
        "fuzzed.ndjson", lambda: [_seed("history.ndjson")], (_AUDIT, (*_AUDIT, "--format", "json"))
    ),
    "json": Input(
        "fuzzed.json",
        lambda: _few(CRM.glob("*/export*/*.json")),
        ((*_MAPPED, "events"), (*_MAPPED, "events-ocel"), ("import", "{}", "--sniff")),
    ),
    "parquet": Input("fuzzed.parquet", _parquet, (_AUDIT,)),
    "xes": Input("fuzzed.xes", _xes, ((*_MAPPED, "events-xes"),)),
    "ocel-xml": Input("fuzzed.xml", lambda: [_seed("ocel.xml")], ((*_MAPPED, "events-ocel"),)),
    "xlsx": Input("fuzzed.xlsx", _workbook, (_AUDIT,), packed=_packed_workbook),
    "xlsx-bytes": Input(
        "fuzzed.xlsx", lambda: [_packed_workbook(each) for each in _workbook()], (_AUDIT,)
    ),
    "people": Input(
        "fuzzed.csv",
        lambda: [_seed("people.csv")],
        (
            ("audit", "sales.yaml", "history.csv", "--people", "{}", "--as-of", NOW),
            ("lint", "sales.yaml", "--people", "{}"),
        ),
    ),
    "cases": Input(
        "sales.cases.yaml",
        lambda: [
            _seed("sales.cases.yaml"),
            *_few(CRM.glob("*/*.cases.yaml")),
            *_few((CASES / "playbook_cases").glob("*.yaml")),
        ],
        (("test", "sales.yaml"), ("lint", "{}")),
    ),
    "settings": Input(
        "playgate.toml",
        lambda: [_seed("playgate.toml")],
        ((*_AUDIT[:2], "history.csv"), ("deals",)),
        ledger="ledger",
    ),
    "requests": Input(
        "-",
        lambda: [_seed("requests.ndjson")],
        (("log", "--batch", "--by", "ann"),),
        ledger="ledger",
    ),
    "facts": Input(
        "fuzzed.ndjson",
        lambda: [_seed("facts.ndjson")],
        (("ask", "D-1", "won", "--facts", "{}", "--format", "json"), ("check", "D-1", "won")),
        ledger="crm",
    ),
    "proof": Input(
        "fuzzed.proof",
        lambda: [_seed("decision.proof")],
        (("ledger", "verify", "--proof", "{}", "--key", "audit.key.pub"),),
        sides=("audit.key.pub",),
    ),
    "head": Input(
        "fuzzed.head",
        lambda: [_seed("now.head")],
        (
            ("ledger", "verify", "--head", "{}"),
            ("ledger", "verify", "--since", "{}", "--format", "json"),
            ("ledger", "prove", "d-1", "--head", "{}"),
        ),
        ledger="ledger",
    ),
    "key": Input(
        "audit.key.pub",
        lambda: [_seed("audit.key.pub")],
        (("ledger", "verify", "--proof", "decision.proof", "--key", "{}"),),
        sides=("decision.proof",),
    ),
    "ledger": Input(
        LEDGER,
        list,
        (
            ("audit", "--db"),
            ("deals",),
            ("history", "D-1"),
            ("check", "D-1", "won"),
            ("log", "D-1", "call"),
            ("ledger", "verify"),
            ("ledger", "rebuild"),
        ),
        ledger="ledger",
    ),
}


def filled(words: Sequence[str], file: str) -> list[str]:
    """A command with the name of the input in it."""
    return [word.replace("{}", file) for word in words]
