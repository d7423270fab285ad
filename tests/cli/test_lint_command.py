"""`playgate lint`: statuses, formats, what kind of file it is, and the cache."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from running import MAPPING, SHIPPED, Run
from running import PLAYBOOK as WITH_ROLES

PLAYBOOK = WITH_ROLES.replace("roles: [rep, manager]", "roles: [manager]")
"""The same without a role that is used nowhere."""
WRONG = PLAYBOOK.replace("- interview\n", "- interveiw\n")
WARNED = PLAYBOOK.replace("may_waive: [manager]", "may_waive: []")


@pytest.fixture
def sales(sales: Path) -> Path:
    """The folder, with nothing to warn of."""
    (sales / "sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    return sales


class TestStatus:
    def test_clean(self, sales: Path, run: Run) -> None:
        done = run("lint", "sales.yaml", "crm.mapping.yaml")
        assert done == (0, "sales.yaml: no mistakes\ncrm.mapping.yaml: no mistakes\n", "")

    def test_a_mistake(self, sales: Path, run: Run) -> None:
        Path("sales.yaml").write_text(WRONG)
        done = run("lint", "sales.yaml")
        assert done.status == 2
        assert done.out.startswith("sales.yaml:15:9: ")
        assert 'did you mean "interview"?' in done.out

    def test_a_warning_counts_only_when_strict(self, sales: Path, run: Run) -> None:
        Path("sales.yaml").write_text(WARNED)
        assert run("lint", "sales.yaml").status == 0
        done = run("lint", "sales.yaml", "--strict")
        assert done.status == 1
        assert "warning: " in done.out

    def test_what_cannot_be_read_does_not_hide_the_rest(self, sales: Path, run: Run) -> None:
        Path("sales.yaml").write_text(WRONG)
        done = run("lint", ".", "sales.yaml", "nowhere.yaml")
        assert done.status == 2
        assert done.out.endswith("1 mistake in 1 file\n")
        assert "error: . is a folder" in done.err
        assert "error: cannot read nowhere.yaml: No such file" in done.err

    def test_bytes_that_are_no_text(self, sales: Path, run: Run) -> None:
        for content, rule in ((b"playbook: caf\xe9\n", "not-utf-8"), (b"a\0b", "not-text")):
            Path("sales.yaml").write_bytes(content)
            done = run("lint", "sales.yaml")
            assert done.status == 2
            assert f"[{rule}]" in done.out

    def test_standard_input(self, run: Run) -> None:
        assert run("lint", "-", given=PLAYBOOK.encode()) == (0, "-: no mistakes\n", "")
        assert run("lint", "-", given=WRONG.encode()).out.startswith("-:15:9: ")


CLASH = PLAYBOOK.replace(
    "{field: amount, more_than: 0}",
    "all: [{field: amount, less_than: 1}, {field: amount, equals: 2}]",
)


class TestProven:
    """What is proven is shown by lint alone, and stops nothing."""

    def test_is_a_warning_with_both_places(self, sales: Path, run: Run) -> None:
        Path("sales.yaml").write_text(CLASH)
        done = run("lint", "sales.yaml")
        assert done.status == 0
        assert "sales.yaml:19:46: warning: proposal/entry/all can never hold: " in done.out
        assert "\n    see sales.yaml:19:15\n" in done.out
        assert run("lint", "sales.yaml", "--strict").status == 1

    def test_formats_name_both_places(self, sales: Path, run: Run) -> None:
        Path("sales.yaml").write_text(CLASH)
        (found,) = json.loads(run("lint", "sales.yaml", "--format", "json").out)["mistakes"]
        assert found["related"] == {"file": "sales.yaml", "line": 19, "column": 15}
        log = json.loads(run("lint", "sales.yaml", "--format", "sarif").out)
        (result,) = log["runs"][0]["results"]
        region = result["relatedLocations"][0]["physicalLocation"]["region"]
        assert (result["level"], region) == ("warning", {"startLine": 19, "startColumn": 15})
        assert "see sales.yaml:19:15" in run("lint", "sales.yaml", "--format", "junit").out

    def test_who_uses_a_playbook_does_not_look_for_it(
        self, sales: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path("sales.yaml").write_text(CLASH)
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "playgate.proof.lint", None)
            assert run("audit", "sales.yaml", "history.csv").status == 1
            assert run("open", "D-9", "--playbook", "sales.yaml").status == 0
        # What they left in the cache is not taken for all that there is.
        assert "can never hold" in run("lint", "sales.yaml").out
        assert "can never hold" in run("lint", "sales.yaml").out

    def test_people_show_roles_that_nobody_has(self, sales: Path, run: Run) -> None:
        Path("few.csv").write_text("actor,role\nann,rep\n")
        done = run("lint", "sales.yaml", "crm.mapping.yaml", "--people", "few.csv")
        assert done.status == 0
        assert 'sales.yaml:6:13: warning: the role "manager" may make exceptions, and' in done.out
        assert "[role-nobody-has]" in done.out
        assert "see few.csv:1:1" in done.out
        assert run("lint", "sales.yaml", "--people", "people.csv").out.endswith("no mistakes\n")
        assert run("lint", "sales.yaml", "--people", "nobody.csv").status == 2


class TestFormats:
    def test_json(self, sales: Path, run: Run) -> None:
        Path("wrong.yaml").write_text(WRONG)
        done = run("lint", "sales.yaml", "wrong.yaml", "--format", "json")
        data = json.loads(done.out)
        assert data["files"] == ["sales.yaml", "wrong.yaml"]
        assert [each["rule"] for each in data["mistakes"]] == ["unknown-activity"]

    @pytest.mark.parametrize("form", ["text", "json", "sarif", "junit"])
    def test_a_file_holds_what_would_be_printed(self, form: str, sales: Path, run: Run) -> None:
        printed = run("lint", "sales.yaml", "--format", form)
        assert run("lint", "sales.yaml", "--format", form, "-o", "out") == (0, "", "")
        assert Path("out").read_text() == printed.out


class TestKind:
    """Which of the two a file is, told by its keys and not by its name."""

    @pytest.mark.parametrize(
        "text",
        [
            MAPPING,
            MAPPING.replace("mapping:", '"mapping":'),
            MAPPING.replace("mapping:", "'mapping' :"),
            "\ufeff" + MAPPING,
            MAPPING.replace("\n", "\r\n"),
            "# playbook: none\n" + MAPPING,
            '{"mapping": "crm", "version": 1, "tables": []}',
            '{\n  "version": 1,\n  "mapping": "crm"\n}',
            "  mapping: crm\n  version: 1\n",
        ],
    )
    def test_a_mapping(self, text: str, run: Run) -> None:
        Path("file.yaml").write_bytes(text.encode())
        out = run("lint", "file.yaml").out
        assert "stages" not in out
        assert "no mistakes" in out or "tables" in out

    @pytest.mark.parametrize(
        "text",
        [
            PLAYBOOK.replace("playbook:", '"playbook":'),
            '{"playbook": "a", "version": 1, "fields": {"mapping": {"type": "text"}}}',
            "playbook: a\nversion: 1\nmapping: b\n",
            "stages: []\nmapping: b\n",
            "- mapping\n",
            "",
        ],
    )
    def test_a_playbook(self, text: str, run: Run) -> None:
        Path("file.yaml").write_text(text)
        assert "tables" not in run("lint", "file.yaml").out


class TestCache:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "cache"

    @pytest.fixture
    def wrong(self, sales: Path) -> Path:
        path = sales / "wrong.yaml"
        path.write_text(WRONG)
        return path

    def poisoned(self, folder: Path) -> Path:
        """The one entry, which now says in the right form that there is no mistake."""
        from playgate.cli.cache import _sum

        (entry,) = folder.glob("*.json")
        entry.write_text(json.dumps({"sum": _sum([]), "proven": True, "body": []}))
        return entry

    def test_a_hit_is_as_good_for_another_path(
        self, wrong: Path, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = run("lint", "wrong.yaml", "--format", "json")
        other = Path("other.yaml")
        other.write_text(WRONG)
        monkeypatch.setitem(sys.modules, "playgate.cli.check_file", None)
        hit = run("lint", "other.yaml", "--format", "json")
        assert hit == first._replace(out=first.out.replace("wrong.yaml", "other.yaml"))
        assert len(list(folder.iterdir())) == 1

    def test_is_used_at_all(self, wrong: Path, folder: Path, run: Run) -> None:
        run("lint", "wrong.yaml")
        self.poisoned(folder)
        assert run("lint", "wrong.yaml").status == 0
        assert run("lint", "wrong.yaml", "--no-cache").status == 2

    @pytest.mark.parametrize(
        "content", ["", "{", "[]", "null", '{"sum": "0", "body": []}', '{"body": []}', "\x00\xff"]
    )
    def test_a_damaged_entry_is_ignored(
        self, content: str, wrong: Path, folder: Path, run: Run
    ) -> None:
        fresh = run("lint", "wrong.yaml")
        (entry,) = folder.glob("*.json")
        entry.write_text(content, encoding="latin-1")
        assert run("lint", "wrong.yaml") == fresh

    @pytest.mark.parametrize("body", [[[1]], [[1, 2, 3, 4, 5, 6, 7]], [None], {"a": 1}, "text"])
    def test_an_entry_of_another_form_is_ignored(
        self, body: object, wrong: Path, folder: Path, run: Run
    ) -> None:
        from playgate.cli.cache import _sum

        fresh = run("lint", "wrong.yaml")
        (entry,) = folder.glob("*.json")
        entry.write_text(json.dumps({"sum": _sum(body), "proven": True, "body": body}))
        assert run("lint", "wrong.yaml") == fresh

    @pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
    def test_an_entry_that_others_can_write_is_ignored(
        self, mode: int, wrong: Path, folder: Path, run: Run
    ) -> None:
        run("lint", "wrong.yaml")
        self.poisoned(folder).chmod(mode)
        assert run("lint", "wrong.yaml").status == 2

    def test_a_folder_that_others_can_write_is_ignored(
        self, wrong: Path, folder: Path, run: Run
    ) -> None:
        run("lint", "wrong.yaml")
        self.poisoned(folder)
        folder.chmod(0o770)
        assert run("lint", "wrong.yaml").status == 2

    def test_what_somebody_else_owns_is_ignored(
        self, wrong: Path, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run("lint", "wrong.yaml")
        self.poisoned(folder)
        mine = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: mine + 1)
        assert run("lint", "wrong.yaml").status == 2

    def test_a_folder_that_cannot_be_is_no_hindrance(
        self, wrong: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PLAYGATE_CACHE", str(wrong / "cache"))
        assert run("lint", "wrong.yaml").status == 2

    def test_its_place(
        self, wrong: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("PLAYGATE_CACHE")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        run("lint", "wrong.yaml")
        assert len(list((tmp_path / "xdg" / "playgate").iterdir())) == 1

    def test_a_changed_file_is_checked_anew(self, wrong: Path, run: Run) -> None:
        assert run("lint", "wrong.yaml").status == 2
        wrong.write_text(PLAYBOOK)
        assert run("lint", "wrong.yaml").status == 0


def test_all_that_ships_is_clean(run: Run) -> None:
    files = [
        path
        for path in SHIPPED.rglob("*.yaml")
        if path.read_text(encoding="utf-8").startswith("# yaml-language-server")
    ]
    assert len(files) >= 5
    assert run("lint", *files, "--strict").status == 0


def test_a_large_file_is_refused(run: Run) -> None:
    for name, given in (("-", b" " * 3_000_000), ("big.yaml", b"")):
        Path("big.yaml").write_bytes(b" " * 3_000_000)
        done = run("lint", name, given=given)
        assert done.status == 2
        assert "[file-too-large]" in done.out
