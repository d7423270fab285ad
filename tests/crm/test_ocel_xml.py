"""An object-centric log as XML is the data of its JSON form; what is no such log is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playgate.documents.document import composed
from playgate.documents.shipped import shipped
from playgate.history.ocel_xml import is_ocel_xml, read_ocel_xml
from support.in_process import Run

LOG = shipped("playbooks", "crm", "events", "export-ocel", "opportunities.json")
XES = shipped("playbooks", "crm", "events", "export-xes", "opportunities.xes")
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=8)


def as_xml(log: dict[str, Any], relation: str = "qualifier") -> str:
    """The log as its XML form has it."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<log>", "<event-types/>", "<object-types/>"]
    for kind in ("events", "objects"):
        lines += [f"<{kind}>", *_items(log[kind], kind[:-1], relation), f"</{kind}>"]
    return "\n".join([*lines, "</log>", ""])


def _items(items: list[dict[str, Any]], tag: str, relation: str) -> Iterator[str]:
    for item in items:
        yield f"<{tag} {_written(item, 'id', 'type', 'time')}>"
        yield "<attributes>"
        for each in item["attributes"]:
            yield f"<attribute {_written(each, 'name', 'time')}>{escape(each['value'])}</attribute>"
        yield "</attributes><objects>"
        for each in item["relationships"]:
            to, how = quoteattr(each["objectId"]), quoteattr(each["qualifier"])
            yield f"<relationship object-id={to} {relation}={how}/>"
        yield f"</objects></{tag}>"


def _written(item: dict[str, Any], *keys: str) -> str:
    return " ".join(f"{key}={quoteattr(item[key])}" for key in keys if key in item)


def items(*, is_event: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Events or objects of a log."""
    stamps = {"time": st.just("2026-03-02T09:00:00Z")}
    attribute = {"name": TEXTS, "value": TEXTS, **({} if is_event else stamps)}
    return st.fixed_dictionaries(
        {
            "id": TEXTS,
            "type": TEXTS,
            **(stamps if is_event else {}),
            "attributes": st.lists(st.fixed_dictionaries(attribute), max_size=2),
            "relationships": st.lists(
                st.fixed_dictionaries({"objectId": TEXTS, "qualifier": TEXTS}), max_size=2
            ),
        }
    )


LOGS = st.fixed_dictionaries(
    {
        "events": st.lists(items(is_event=True), max_size=3),
        "objects": st.lists(items(is_event=False), max_size=3),
    }
)


@given(log=LOGS, relation=st.sampled_from(["qualifier", "relationship"]), size=st.integers(1, 99))
def test_both_forms_are_the_same_data(log: dict[str, Any], relation: str, size: int) -> None:
    content = as_xml(log, relation).encode()
    chunks = (content[at : at + size] for at in range(0, len(content), size))
    assert is_ocel_xml(content)
    assert read_ocel_xml("log.xml", chunks) == json.loads(
        composed(json.dumps(log, ensure_ascii=False))
    )


def test_both_forms_read_as_the_same_events(run: Run, tmp_path: Path) -> None:
    log = json.loads(LOG.read_text(encoding="utf-8"))
    forms = {"a.xmlocel": as_xml(log), "b.jsonocel": json.dumps(log, indent=2)}
    status, expected, _ = run("import", LOG, "--map", "events-ocel")
    assert (status, expected.count("\n")) == (0, 36)
    for name, text in forms.items():
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        assert run("import", file, "--map", "events-ocel")[:2] == (0, expected)


def test_a_log_of_traces_is_another() -> None:
    assert not is_ocel_xml(XES.read_bytes())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<log><events><event id='e'></events></log>", "not well-formed XML: mismatched tag"),
        ("<!DOCTYPE log [<!ENTITY a 'b'>]>\n<log><events/></log>", "a document type"),
        ("<log><events>" + "<event>" * 70, "elements nested more than 64 deep"),
    ],
)
def test_what_is_not_read(content: str, reason: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "log.xml"
    file.write_text(content, encoding="utf-8")
    status, _, err = run("import", file, "--map", "events-ocel")
    assert status == 2
    assert f"{file}, line " in err
    assert reason in err
