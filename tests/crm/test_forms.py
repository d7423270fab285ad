"""The exports of one CRM that tell of the same deals read as the same, whichever their form."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from playgate.documents.shipped import shipped
from support.in_process import Run

FORMS = [
    ("frappe", "frappe-tables", {"stage", "field", "activity"}),
    ("pipedrive", "pipedrive-dlt", {"stage", "field", "activity"}),
    ("salesforce-airbyte", "salesforce-singer", {"stage", "field", "activity"}),
    ("salesforce-bulk", "salesforce-dlt", {"stage", "field", "activity"}),
    ("events", "events-xes", {"stage", "activity"}),
    ("events", "events-ocel", {"stage", "activity"}),
    ("zoho", "zoho-timeline", {"stage", "activity"}),
    ("zoho", "zoho-timeline-csv", {"stage"}),
]


def _events(mapping: str, kinds: set[str], run: Run) -> list[tuple[str, ...]]:
    """What happened to the deals of a form's export, without the ids of its rows."""
    crm = mapping.partition("-")[0]
    folder: Path = shipped("playbooks", "crm", crm, f"export{mapping.removeprefix(crm)}")
    status, out, _ = run("import", *sorted(folder.iterdir()), "--map", mapping)
    assert status == 0
    columns = ("deal", "happened_at", "kind", "name", "value", "actor")
    return sorted(
        tuple(row[column] for column in columns)
        for row in csv.DictReader(io.StringIO(out))
        if row["kind"] in kinds
    )


@pytest.mark.parametrize(("one", "other", "kinds"), FORMS)
def test_two_forms_tell_the_same(one: str, other: str, kinds: set[str], run: Run) -> None:
    found = _events(one, kinds, run)
    assert found == _events(other, kinds, run)
    assert {row[2] for row in found} == kinds
