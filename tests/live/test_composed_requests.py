"""Requests say the same whether a letter and its accent were typed as one sign or as two."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from gate import events_of, say

ON_BOTH = True

NFC, NFD = (unicodedata.normalize(form, "Entrée") for form in ("NFC", "NFD"))
PLAYBOOK = f"""\
playbook: small
version: 1
fields: {{{NFD}: {{type: choice, options: [{NFC}]}}}}
activities: {{{NFC}: {{outcomes: [{NFC}], attributes: {{{NFC}: text}}}}}}
stages:
  - stage: {NFC}
  - stage: b
    entry: [{{activity: {NFC}, where: {{{NFD}: {NFC}}}}}, {{field: {NFC}, equals: {NFC}}}]
  - {{stage: won, ends: won}}
  - {{stage: lost, ends: lost}}
"""


@pytest.fixture
def book(tmp_path: Path) -> str:
    path = tmp_path / "book.yaml"
    path.write_text(PLAYBOOK, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("form", [NFC, NFD])
def test_words_of_a_command(form: str, book: str, tmp_path: Path) -> None:
    db = tmp_path / "deals.db"
    assert say("open", form, "--playbook", book, db=db).status == 0
    log = say("log", NFC, form, form, "--attr", f"{form}={form}", "--by", form, db=db)
    assert (log.status, log.err) == (0, "")
    assert say("set", NFC, f"{form}={form}", db=db).status == 0
    assert say("move", NFC, "b", db=db).status == 0
    texts = {text for event in events_of(db, NFC) for text in event}
    assert {text for text in texts if not text.isascii()} == {NFC}


@pytest.mark.parametrize("escaped", [True, False])
def test_lines_of_a_batch(escaped: bool, book: str, tmp_path: Path) -> None:
    db = tmp_path / "deals.db"
    requests = [
        {"command": "open", "deal": NFD, "playbook": book},
        {"command": "log", "deal": NFD, "activity": NFD, "outcome": NFD, "attrs": {NFD: NFD}},
        {"command": "set", "deal": NFC, "fields": {NFD: NFD}},
        {"command": "move", "deal": NFC, "stage": "b"},
    ]
    lines = "\n".join(json.dumps(each, ensure_ascii=escaped) for each in requests)
    said = say("log", "--batch", db=db, stdin=f"{lines}\n".encode())
    assert said.status == 0, said
    assert {event[1] for event in events_of(db, NFC) if not event[1].isascii()} == {NFC}
