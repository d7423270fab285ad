"""The script that exports from Odoo, against an Odoo that is none."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crm.fake_odoo import EXPORT, KEY, FakeOdoo, served
from playgate.documents.shipped import shipped
from support.in_process import Run

FILES = ("field", "lead", "message", "stage", "tracking", "user")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # beside what `init` copies
    path = shipped("playbooks", "crm", "odoo", "export_odoo.py")
    spec = importlib.util.spec_from_file_location("export_odoo", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.PAGE = 3
    return module


@pytest.fixture
def odoo() -> FakeOdoo:
    return FakeOdoo()


@pytest.fixture
def address(odoo: FakeOdoo) -> Iterator[str]:
    with served(odoo) as address:
        yield address


Export = Callable[..., tuple[int, str, str]]


@pytest.fixture
def export(
    script: ModuleType, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Export:
    def run(**environment: str) -> tuple[int, str, str]:
        known = {"ODOO_URL": address, "ODOO_DATABASE": "sales", "ODOO_API_KEY": KEY}
        status = script.main([str(tmp_path / "out")], {**known, **environment})
        out, err = capsys.readouterr()
        return status, out, err

    return run


def _written(folder: Path) -> dict[str, str]:
    return {name: (folder / f"{name}.ndjson").read_text("utf-8") for name in FILES}


def test_it_writes_what_the_mapping_reads(export: Export, tmp_path: Path, run: Run) -> None:
    status, out, err = export()
    assert (status, err) == (0, "")
    assert out == "stage: 4; user: 5; field: 7; lead: 5; message: 22; tracking: 21\n"
    assert _written(tmp_path / "out") == _written(EXPORT)
    files = sorted((tmp_path / "out").glob("*.ndjson"))
    mine = run("import", *files, "--map", "odoo")
    theirs = run("import", *sorted(EXPORT.iterdir()), "--map", "odoo")
    assert mine[:2] == theirs[:2]


def test_it_says_who_asks_and_asks_for_archived_ones(export: Export, odoo: FakeOdoo) -> None:
    export()
    assert {each["X-Odoo-Database"] for each in odoo.headers} == {"sales"}
    assert {each["Authorization"] for each in odoo.headers} == {f"bearer {KEY}"}
    for _, body in odoo.asked:
        assert body["context"] == {"lang": "en_US", "active_test": False}
        assert "body" not in body["fields"]


def test_a_second_time_it_asks_for_what_is_new(
    export: Export, odoo: FakeOdoo, tmp_path: Path
) -> None:
    later = {model: [] for model in ("mail.message", "mail.tracking.value")}
    for model, kept in later.items():
        kept += odoo.records[model][-4:]
        del odoo.records[model][-4:]
    export()
    asked = len(odoo.asked)
    for model, kept in later.items():
        odoo.records[model] += kept
    _change(odoo, 44, write_date="2026-04-20 09:00:00", stage_id=[2, "Qualified"])
    status, out, _ = export()
    assert status == 0
    assert out == "stage: 4; user: 5; field: 7; lead: 1; message: 4; tracking: 4\n"
    again = dict(reversed(odoo.asked[asked:]))
    assert again["mail.message"]["domain"][1] == ["write_date", ">=", "2026-03-27 15:35:00"]
    assert again["mail.tracking.value"]["domain"][-1] == ["id", ">", 3315]
    written = _written(tmp_path / "out")
    assert written["message"] == _written(EXPORT)["message"]
    assert written["tracking"] == _written(EXPORT)["tracking"]
    leads = [json.loads(line) for line in written["lead"].splitlines()]
    assert [(each["id"], each["stage_id"][0]) for each in leads] == [
        (41, 4),
        (42, 3),
        (43, 3),
        (44, 2),
        (45, 2),
    ]


def test_what_was_written_late_with_an_early_id_is_found(
    export: Export, odoo: FakeOdoo, tmp_path: Path
) -> None:
    tracked = odoo.records["mail.tracking.value"]
    late = tracked.pop(-2)
    late["create_date"] = tracked[-1]["create_date"]  # its transaction has not ended
    export()
    tracked.insert(-1, late)
    _, out, _ = export()
    assert out.endswith("tracking: 1\n")
    _, out, _ = export()
    assert out.endswith("tracking: 0\n")
    ids = [json.loads(line)["id"] for line in _lines(tmp_path / "out" / "tracking.ndjson")]
    assert sorted(ids) == [each["id"] for each in tracked]


def test_of_merged_leads_one_goes_and_its_messages_move(
    export: Export, odoo: FakeOdoo, tmp_path: Path
) -> None:
    export()
    odoo.records["crm.lead"] = [each for each in odoo.records["crm.lead"] if each["id"] != 43]
    for message in odoo.records["mail.message"]:
        if message["res_id"] == 43:
            message.update(res_id=41, write_date="2026-04-20 09:00:00")
    assert export()[0] == 0
    second = _written(tmp_path / "out")
    assert {json.loads(line)["id"] for line in second["lead"].splitlines()} == {41, 42, 44, 45}
    assert 43 not in {json.loads(line)["res_id"] for line in second["message"].splitlines()}
    (tmp_path / "out" / "cursor.json").unlink()
    (tmp_path / "out" / "lead.ndjson").unlink()
    export()
    assert _written(tmp_path / "out") == second


def test_what_an_export_that_broke_off_left_goes(
    export: Export, odoo: FakeOdoo, tmp_path: Path
) -> None:
    export()
    file = tmp_path / "out" / "tracking.ndjson"
    with file.open("a", encoding="utf-8") as out:
        out.write('{"id": 99999, "create_da')
    assert export()[0] == 0
    assert _written(tmp_path / "out") == _written(EXPORT)


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines()


def _change(odoo: FakeOdoo, lead: int, **values: Any) -> None:
    record = next(each for each in odoo.records["crm.lead"] if each["id"] == lead)
    record.update(values)


def test_a_wrong_key(export: Export) -> None:
    status, out, err = export(ODOO_API_KEY="wrong")
    assert (status, out) == (2, "")
    assert err.startswith("error: http://127.0.0.1:")
    assert err.endswith("/json/2/crm.stage/search_read: 401 Invalid apikey\n")
    assert "wrong" not in err


def test_a_server_that_is_busy_is_asked_again(
    export: Export, odoo: FakeOdoo, script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(script.time, "sleep", waited.append)
    odoo.faults = [(503, {}), (429, {})]
    assert export()[0] == 0
    assert waited == [2.0, 4.0]
    odoo.faults = [(503, {})] * 4
    status, _, err = export()
    assert status == 2
    assert "503 Service Unavailable" in err


def test_an_answer_that_is_no_list(export: Export, odoo: FakeOdoo) -> None:
    odoo.faults = [(200, {"jsonrpc": "2.0"})]
    status, _, err = export()
    assert status == 2
    assert "is it an Odoo 19?" in err


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"ODOO_URL": ""}, "ODOO_URL must be in the environment"),
        ({"ODOO_URL": "http://odoo.example.com"}, "must begin with https://"),
        ({"ODOO_URL": "file:///etc/hosts"}, "must begin with https://"),
        ({"ODOO_URL": "http://127.0.0.1:1"}, "Connection refused"),
    ],
)
def test_what_is_wrong_around_it(export: Export, environment: dict[str, str], said: str) -> None:
    status, _, err = export(**environment)
    assert status == 2
    assert said in err
    assert "Traceback" not in err


def test_without_a_folder_it_says_what_it_is(
    script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main([], {}) == 2
    assert "python export_odoo.py FOLDER" in capsys.readouterr().err


def test_init_copies_it(run: Run, tmp_path: Path) -> None:
    assert run("init", "ours", "--crm", "odoo", "--into", tmp_path / "ours")[0] == 0
    text = (tmp_path / "ours" / "export_odoo.py").read_text("utf-8")
    compile(text, "export_odoo.py", "exec")
    assert text.startswith('"""Exports what Odoo 19 tells')
    assert {each.name for each in (tmp_path / "ours").iterdir() if each.is_dir()} == {"export"}
