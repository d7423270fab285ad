"""A ledger with an entry of each kind that there is, made without a clock and without chance."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from unittest import mock

from playgate.documents.document import Document
from playgate.documents.stored import dump
from playgate.documents.yaml12 import parse
from playgate.history.event import Event
from playgate.history.people import Person
from playgate.ledger import schema
from playgate.ledger.erasing import Asked
from playgate.ledger.rows import (
    DecisionRow,
    ExperimentRow,
    MergeRow,
    MigrationRow,
    PlaybookRow,
    RetractionRow,
    StatementLineRow,
    StatementRow,
    TokenRow,
)
from playgate.ledger.store import Ledger

__all__ = ["LEFT", "SECRETS", "erased", "older", "whole_ledger"]

PLAYBOOK = """\
playbook: small
version: {version}
fields: {{note: {{type: text}}}}
activities: {{call: {{title: Call}}}}
stages: [{{stage: a}}, {{stage: b}}, {{stage: won, ends: won}}, {{stage: lost, ends: lost}}]
"""
_FINDINGS = (
    '[{{"rule": "b/entry/x", "level": "warn", "state": "open", "refuses": false,'
    ' "message": "{name} set it"}}]'
)
DEAL, OTHER, LEFT = "Jane Roe's house", "Roe & sons", "d-9"
"""Two deals that become one, and one that stays."""
ACTOR, NAME = "a.lind", "Anna Lind"
SECRETS = (DEAL, OTHER, ACTOR, NAME, "four children")
"""Texts that `erased` takes out."""
_OLD = [
    ("old", "1", 5, "stage", "a", "", ACTOR, 5, "", 1),
    ("old", "calls:2", 6, "activity", "call", "", "bo", 6, '{"x":1}', 0),
]


def _document(version: int) -> tuple[bytes, Document]:
    content = PLAYBOOK.format(version=version).encode()
    document, _ = parse(content, f"small-{version}.yaml")
    assert document is not None
    return content, document


def older(path: Path) -> None:
    """Makes a ledger of before there was a log, with a row in each table."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    with mock.patch.object(schema, "VERSION", 5):
        schema.migrate(connection, bytes)
    content, document = _document(1)
    sha256 = document.sha256
    run = connection.execute
    run(
        "INSERT INTO playbooks VALUES (?, 'small', '1', 'small-1.yaml', ?, ?, 1)",
        (sha256, content, dump(document)),
    )
    run("INSERT INTO deals (deal, playbook, first_decision_at) VALUES ('old', ?, 5)", [sha256])
    connection.executemany(
        "INSERT INTO events (deal, event_id, happened_at, kind, name, value, actor, recorded_at,"
        " attrs, live, bare) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        [(*row[:1], row[1].removeprefix("calls:"), *row[2:]) for row in _OLD],
    )
    run(
        "INSERT INTO decisions (deal, at, recorded_at, actor, from_stage, to_stage, allowed,"
        " playbook, event_id, findings) VALUES ('old', 5, 5, ?, '', 'a', 1, ?, '1', '[]')",
        (ACTOR, sha256),
    )
    run("INSERT INTO people VALUES (1, ?, ?, 'rep', '', '', '', NULL, NULL, '')", (ACTOR, NAME))
    run("INSERT INTO settings VALUES ('record', 'ledger')")
    run("INSERT INTO retractions VALUES (1, 'old', 'gone', 6, 'bo', 'no')")
    run("INSERT INTO merges VALUES (1, 'oldest', 'old', 6, 'bo', '')")
    run(
        "INSERT INTO waiver_requests (deal, rule, reason, expires, at, actor)"
        " VALUES ('old', 'b/entry/x', 'please', '', 6, 'bo')"
    )
    connection.close()


def _event(deal: str, at: int, kind: str, name: str, value: str, known_id: str = "") -> Event:
    return Event(deal, at, kind, name, value, ACTOR, at, known_id, "", 0, 0)


def _move(ledger: Ledger, deal: str, at: int, sha256: str, known_id: str, findings: str) -> None:
    ledger.events.add([_event(deal, at, "stage", "a", "", known_id)], live=True)
    row = DecisionRow(deal, at, at, ACTOR, "", "a", 1, sha256, known_id, findings, f"q-{known_id}")
    ledger.decisions.add(row)


def _keep(ledger: Ledger, deal: str, sha256: str) -> None:
    """Keeps a statement with a line of the deal, and one of nobody's deal."""
    statement = StatementRow(0, 45, "small", sha256, "0" * 64, 0, 40, 39, "EUR", ACTOR, "mia")
    place, rules = '{"file":"p.yaml","line":1,"column":1}', '[{"rule":"b/entry/x"}]'
    said = f"2 % of {NAME}'s, with four children" if deal == DEAL else f"2 % of {NAME}'s"
    ledger.statements.add(
        statement,
        [
            StatementLineRow(
                *(20, "deal", "share", 0, "4.20", "0", place, deal, "same", said, rules)
            ),
            StatementLineRow(0, "base", "", 1, "1800.00", "0", place, "", "", "base", "[]"),
        ],
    )


def whole_ledger(path: Path) -> Path:
    """Makes a ledger at `path` with all kinds of entries but that of erasing, and returns it."""
    older(path)
    with Ledger.open(path, salts=random.Random(7).randbytes) as ledger:
        versions = []
        with ledger.writing():
            for version in (2, 3):
                content, document = _document(version)
                row = PlaybookRow(
                    *(document.sha256, "small", str(version), document.file, content),
                    dump(document),
                )
                assert ledger.playbooks.keep(row, version)
                versions.append(document.sha256)
            ledger.settings.set_shadow(False)
            ledger.events.add_imported(
                [Event(*_OLD[1][:1], *_OLD[1][2:8], *_OLD[1][1:2], _OLD[1][8], 0, 0)]
            )
            team = [Person(ACTOR, name=NAME, role="rep"), Person("mia", manager=ACTOR)]
            ledger.people.replace(team, 10, told_by="mia")
            ledger.people.replace(team[:1], 11, told_by=ACTOR)
        for number, deal in enumerate((DEAL, OTHER, LEFT)):
            with ledger.writing():
                ledger.deals.begin(deal, versions[0])
                about = "a garden" if deal == LEFT else "four children"
                said = _FINDINGS.format(name=NAME)
                _move(ledger, deal, 20 + number, versions[0], f"m-{number}", said)
                facts = [("note", f"of {NAME}, with {about}"), ("owner", ACTOR)]
                events = [_event(deal, 30, "field", *fact) for fact in facts]
                events.append(_event(deal, 31, "activity", "call", "", "same"))
                ledger.events.add(events, live=True)
                ledger.events.add([_event(deal, 33, "waiver", "b/*", about)], live=True)
                request = ledger.waiver_requests.add(
                    deal=deal, rule="b/entry/x", reason=about, expires="", at=34, actor=ACTOR
                )
                ledger.waiver_requests.answer(
                    request.id, "declined", at=35, actor="mia", reason=f"no, {NAME}"
                )
                ledger.migrations.add(MigrationRow(deal, 40, ACTOR, *versions, "a", "a", ""))
        with ledger.writing():
            ledger.experiments.add(
                ExperimentRow(
                    *("small", "2", "sooner", "closing-ratio", "open", 0.1, -0.2, 0.4, 7, 8, 45)
                )
            )
            for deal in (DEAL, OTHER, LEFT):
                _keep(ledger, deal, versions[0])
        with ledger.writing():
            ledger.taken_back.retract(RetractionRow(DEAL, "same", 50, ACTOR, "four children"))
            ledger.taken_back.retract(RetractionRow(LEFT, "same", 50, "bo", f"{ACTOR} said so"))
            ledger.taken_back.merge(MergeRow(OTHER, DEAL, 60, ACTOR, "one client"))
        with ledger.writing():
            for known_id in ("aaaaaaaa", "bbbbbbbb"):
                token = (known_id, 61, "0" * 64, "read move", 99, ACTOR, "mia", f"of {NAME}")
                ledger.tokens.add(TokenRow(*token))
            ledger.tokens.revoke("bbbbbbbb", at=62, actor=ACTOR)
            ledger.tokens.used({"aaaaaaaa": 63})
            answer = f"answered {NAME} about {DEAL}"
            ledger.replies.add("aaaaaaaa", "k", asked="x", answer=answer, at=63)
    return path


def erased(path: Path) -> Path:
    """Erases a deal and an actor from such a ledger, and returns it."""
    with Ledger.open(path, salts=random.Random(8).randbytes) as ledger:
        ledger.erase(deal=DEAL, asked=Asked(70, ACTOR, "asked for"))
        ledger.erase(actor=ACTOR, asked=Asked(80, "mia", f"{NAME} left"))
    return path
