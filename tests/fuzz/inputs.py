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

PLAYBOOK = b"""\
playbook: sales
version: 2
timezone: Europe/Paris
late_after: 2 days
roles: [rep, manager]
may_waive: [manager]
parts: [decider]
activities:
  interview: {title: Interview, outcomes: [done, missed], attributes: {minutes: number}}
  call: {title: Call}
fields:
  amount: {type: number}
  close_date: {type: date}
  note: {type: text}
  kind: {type: choice, options: [new, old]}
  products: {type: choices, options: [loan, account]}
  signed: {type: boolean, by: [manager]}
stages:
  - stage: assess
    activities:
      - {do: interview, outcome: done}
      - {do: call, level: warn, within: 5 business days}
    exit: [{field: note, matches: '^[a-z]+( |$)'}]
    time_limit: 30 days
  - stage: proposal
    entry:
      - {field: amount, more_than: 0}
      - {any: [{field: kind, equals: new}, {activity: call, with: decider, in_last: 2 weeks}]}
    hold: [{field: products, includes: loan}]
    by: [rep]
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
sequence:
  - {id: first, before: {stage: proposal}, need: {activity: interview}}
  - {id: then, after: {activity: interview}, need: {activity: call, actor: same}, within: 3 days}
  - {id: until, until: {field: close_date, minus: 10 days}, need: {field: signed, equals: true}}
limits: {idle: 21 days, age: 90 days}
rules:
  "*/entered": {level: warn}
"""
PEOPLE = b"""\
actor,name,role,team,manager,started
ann,Ann Berg,rep,North,mia,2024-01-01
bob,Bob Stone,rep,South,mia,
mia,Mia Vogel,manager,North,,2020-05-01
"""
HISTORY = b"""\
deal,happened_at,kind,name,value,actor,recorded_at,event_id,attrs
D-1,2026-03-02T09:00:00Z,stage,assess,,ann,,e1,
D-1,2026-03-03T09:00:00Z,activity,interview,done,ann,,,"{""minutes"": 30, ""with"": [""decider""]}"
D-1,2026-03-03T10:00:00+01:00,activity,call,done,ann,2026-03-03T10:00:01.123456789Z,,
D-1,2026-03-04,field,amount,1e3,ann,,,
D-1,2026-03-04T09:00:00Z,field,close_date,2026-04-04,ann,,,
D-1,2026-03-04T09:00:00Z,field,note,"a ""quoted"" text
in two lines",ann,,,
D-1,2026-03-05T09:00:00Z,stage,proposal,,ann,,,
D-2,2026-03-02T09:00:00Z,stage,assess,,bob,,,
D-2,2026-03-03T09:00:00Z,waiver,assess/activity/*,Known for years,mia,,,"{""expires"": ""2026-12-31""}"
D-2,2026-03-31T21:30:00Z,stage,lost,,bob,,,
"""
MAPPING = b"""\
mapping: crm
version: 1
timezone: Europe/Paris
lookups:
  names: {files: "*", key: who, value: who}
tables:
  - files: "*"
    deal: id
    happened_at: {column: at, format: ["%d.%m.%Y %H:%M", iso]}
    actor: who
    identical: once
    start: {kind: {text: new}}
    rows:
      - {kind: stage, where: {what: moved}, name: {column: to, names: {1: assess, 2: proposal}}}
      - {kind: field, where: {what: amount}, name: {text: amount}, value: {column: to, number: {decimal: ","}}}
      - {kind: activity, where: {what: call}, name: {text: call}, value: to, attrs: {minutes: {column: min}}}
"""
TABLE = b"""\
id;at;what;to;who;min
1;02.03.2026 09:00;moved;1;ann;
1;03.03.2026 09:00;amount;1.000,50;ann;
1;04.03.2026 09:00;call;done;ann;12
1;2026-03-05T09:00:00Z;moved;2;bob;
"""
CASES_FILE = b"""\
playbook: sales
start: 2026-03-02
by: ann
people: {ann: rep, mia: manager}
stories:
  begun:
    - {at: day 0, move: assess}
    - {at: day 1, do: interview, outcome: done}
    - {set: {amount: 9000, close_date: day 60}}
cases:
  - case: Nobody called
    given: [begun, {at: day 2, waive: "assess/exit/*", reason: Known, by: mia}]
    when: proposal
    then: {refused: [proposal/entry/any], warned: assess/activity/call}
  - {case: Late, given: begun, when: {audit: day 100}, then: {finds: limit/idle}}
"""
TOML = b"""\
[audit]
fail-on = "warn"
people = "people.csv"
as-of = "2026-05-01"
[deals]
limit = 3
[move]
by = "ann"
"""
REQUESTS = b"""\
{"command": "open", "deal": "N-1", "fields": {"amount": 5}, "at": "2026-03-02T09:00:00Z"}
{"command": "log", "deal": "N-1", "activity": "interview", "outcome": "done", "with": ["decider"], "attrs": {"minutes": 3}}
{"command": "set", "deal": "N-1", "fields": {"note": "abc", "kind": "new", "products": "loan; account"}, "id": "x"}
{"command": "move", "deal": "N-1", "stage": "proposal", "by": "ann", "tag": [1, {"a": null}]}
{"command": "check", "deals": ["N-1", "D-1"], "stage": "won"}
{"command": "allowed", "deal": "D-1"}
{"command": "next", "deal": "D-1"}
{"command": "waive", "deal": "D-1", "rule": "*/entered", "reason": "known", "all": true, "by": "mia", "expires": "2027-01-01"}
{"command": "waiver-request", "deal": "D-1", "rule": "assess/entered", "reason": "why"}
{"command": "retract", "deal": "D-1", "event": "e1", "reason": "no"}
{"command": "merge", "deal": "D-2", "into": "D-1"}
{"command": "history", "deal": "D-1"}
"""
FACTS = b"""\
{"happened_at": "2026-03-02T09:00:00Z", "kind": "activity", "name": "call", "actor": "ann"}
{"happened_at": "2026-03-03", "kind": "field", "name": "amount", "value": 12.50, "event_id": "f1", "attrs": {"origin": "api"}}
"""
_SIDES = {"sales.yaml": PLAYBOOK, "people.csv": PEOPLE, "history.csv": HISTORY, "map.yaml": MAPPING}


class Input(NamedTuple):
    """A kind of input."""

    file: str
    """Its name in the folder; `-` is standard input."""
    seeds: Callable[[], list[bytes]]
    commands: tuple[tuple[str, ...], ...]
    packed: Callable[[bytes], bytes] = bytes
    """What makes the file of what is mutated."""
    sides: Mapping[str, bytes] = _SIDES
    """What else lies in the folder."""
    ledger: str = ""
    """Who keeps the record of the ledger that knows the playbook and the history, where there is
    one."""


def _few(paths: Iterator[Path]) -> list[bytes]:
    found = (path.read_bytes() for path in sorted(paths))
    return [content for content in found if len(content) <= _LONGEST_SEED]


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
    return [PLAYBOOK, *_cases("playbook"), *_few(CRM.glob("*/*[a-z].yaml"))]


def _json_rows() -> bytes:
    return (
        b'{"deal":"D-1","happened_at":"2026-03-02T09:00:00Z","kind":"stage","name":"assess","actor":"ann"}\n'
        b'{"deal":"D-1","happened_at":"2026-03-03T09:00:00Z","kind":"activity","name":"interview",'
        b'"value":"done","attrs":{"with":["decider"],"minutes":3}}\n'
        b'{"deal":12345678901234567890,"happened_at":"2026-03-04","kind":"field","name":"amount","value":1.50}\n'
    )


def _parquet() -> list[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [line.split(b",") for line in HISTORY.splitlines()[1:3]]
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

    rows = [[cell.decode() for cell in line.split(b",")[:6]] for line in HISTORY.splitlines()[:4]]
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
        lambda: [MAPPING, *_few(CRM.glob("*/*.mapping.yaml"))],
        (("lint", "{}"), (*_MAPPED[:2], "table.csv", *_MAPPED[3:], "{}")),
        sides={**_SIDES, "table.csv": TABLE},
    ),
    "csv": Input(
        "fuzzed.csv",
        lambda: [HISTORY],
        (_AUDIT, (*_AUDIT, "--engine", "judge", "--format", "json"), ("import", "{}", "-o", "o.csv")),
    ),
    "csv-gz": Input("fuzzed.csv.gz", lambda: [HISTORY], (_AUDIT,), packed=_gzipped),
    "mapped-csv": Input(
        "fuzzed.csv",
        lambda: [TABLE],
        ((*_MAPPED, "map.yaml"), ("import", "{}", "--sniff"), ("import", "{}", "--map", "map.yaml", "--explain")),
    ),
    "ndjson": Input("fuzzed.ndjson", lambda: [_json_rows()], (_AUDIT, (*_AUDIT, "--format", "json"))),
    "json": Input(
        "fuzzed.json",
        lambda: _few(CRM.glob("*/export*/*.json")),
        ((*_MAPPED, "events"), (*_MAPPED, "events-ocel"), ("import", "{}", "--sniff")),
    ),
    "parquet": Input("fuzzed.parquet", _parquet, (_AUDIT,)),
    "xes": Input(
        "fuzzed.xes",
        _xes,
        ((*_MAPPED, "events-xes"),),
    ),
    "ocel-xml": Input("fuzzed.xml", lambda: [_OCEL], ((*_MAPPED, "events-ocel"),)),
    "xlsx": Input("fuzzed.xlsx", _workbook, (_AUDIT,), packed=_packed_workbook),
    "xlsx-bytes": Input(
        "fuzzed.xlsx", lambda: [_packed_workbook(each) for each in _workbook()], (_AUDIT,)
    ),
    "people": Input(
        "fuzzed.csv",
        lambda: [PEOPLE],
        (
            ("audit", "sales.yaml", "history.csv", "--people", "{}", "--as-of", NOW),
            ("lint", "sales.yaml", "--people", "{}"),
        ),
    ),
    "cases": Input(
        "sales.cases.yaml",
        lambda: [CASES_FILE, *_few(CRM.glob("*/*.cases.yaml")), *_few((CASES / "playbook_cases").glob("*.yaml"))],
        (("test", "sales.yaml"), ("lint", "{}")),
    ),
    "settings": Input("playgate.toml", lambda: [TOML], (_AUDIT[:2] + ("history.csv",), ("deals",)), ledger="ledger"),
    "requests": Input("-", lambda: [REQUESTS], (("log", "--batch", "--by", "ann"),), ledger="ledger"),
    "facts": Input(
        "fuzzed.ndjson",
        lambda: [FACTS],
        (("ask", "D-1", "won", "--facts", "{}", "--format", "json"), ("check", "D-1", "won")),
        ledger="crm",
    ),
    "ledger": Input(
        LEDGER,
        list,
        (("audit", "--db"), ("deals",), ("history", "D-1"), ("check", "D-1", "won"), ("log", "D-1", "call")),
        ledger="ledger",
    ),
}


_OCEL = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<log>
<object-types><object-type name="opportunity"><attributes/></object-type></object-types>
<objects>
<object id="S-1" type="opportunity"><attributes><attribute name="amount" time="1970-01-01T00:00:00Z">12</attribute></attributes></object>
<object id="p1" type="employee"><attributes><attribute name="login" time="1970-01-01T00:00:00Z">ann</attribute></attributes></object>
</objects>
<events>
<event id="e1" type="Create Opportunity" time="2026-03-02T09:00:00Z"><attributes/><objects><relationship object-id="S-1" qualifier="deal"/><relationship object-id="p1" qualifier="by"/></objects></event>
</events>
</log>
"""


def filled(words: Sequence[str], file: str) -> list[str]:
    """A command with the name of the input in it."""
    return [word.replace("{}", file) for word in words]
