"""Options: the command line, then the environment, then `playgate.toml` here, then the user's."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from running import Ran, Run

Playgate = Callable[..., Ran]

PLAYBOOK = """\
playbook: sales
version: 1
activities: {call: {title: Call}}
stages:
  - {stage: approach, activities: [call]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""


@pytest.fixture
def playgate(run: Run) -> Playgate:
    """Runs playgate in a folder, with some settings of the environment."""

    def ran(*words: str, cwd: Path, env: dict[str, str] | None = None) -> Ran:
        settings = {"LOGNAME": "os-user", **(env or {})}
        with contextlib.chdir(cwd), mock.patch.dict(os.environ, settings):
            return run(*words)

    return ran


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    return tmp_path


def actor(playgate: Playgate, folder: Path, *words: str, env: dict[str, str] | None = None) -> str:
    done = playgate("log", "D", "call", "--format", "json", *words, cwd=folder, env=env)
    assert done.status == 0, done.err
    db = (env or {}).get("PLAYGATE_DB", "own.db" if (folder / "own.db").exists() else "playgate.db")
    shown = playgate("history", "D", "--format", "json", "--db", db, cwd=folder)
    entries = json.loads(shown.out)["entries"]
    last: str = [each for each in entries if each["kind"] == "activity"][-1]["actor"]
    return last


def test_the_command_line_beats_the_environment_beats_the_file(
    folder: Path, playgate: Playgate
) -> None:
    assert playgate("open", "D", "--playbook", "sales.yaml", cwd=folder).status == 0
    assert actor(playgate, folder) == "os-user"
    own = own_file(folder, 'by = "file"\n')
    assert actor(playgate, folder, env=own) == "file"
    own["PLAYGATE_BY"] = "environment"
    assert actor(playgate, folder, env=own) == "environment"
    assert actor(playgate, folder, "--by", "line", env=own) == "line"


def own_file(folder: Path, toml: str) -> dict[str, str]:
    """The environment of a user with settings of their own."""
    file = folder / "config" / "playgate" / "playgate.toml"
    file.parent.mkdir(parents=True)
    file.write_text(toml, encoding="utf-8")
    return {"XDG_CONFIG_HOME": str(folder / "config"), "APPDATA": str(folder / "config")}


def test_the_file_lies_beside_the_playbook(
    folder: Path, playgate: Playgate, tmp_path: Path
) -> None:
    (folder / "books").mkdir()
    (folder / "sales.yaml").rename(folder / "books" / "sales.yaml")
    (folder / "books" / "playgate.toml").write_text('db = "own.db"\n', encoding="utf-8")
    playgate("open", "D", "--playbook", "books/sales.yaml", cwd=folder)
    assert (folder / "books" / "own.db").exists()
    assert not (folder / "playgate.db").exists()


def test_a_table_sets_the_options_of_its_command(folder: Path, playgate: Playgate) -> None:
    (folder / "h.csv").write_text(
        "deal,happened_at,kind,name\nD,2026-03-01,stage,approach\nD,2026-03-02,stage,won\n",
        encoding="utf-8",
    )
    assert playgate("audit", "sales.yaml", "h.csv", cwd=folder).status == 1
    (folder / "playgate.toml").write_text(
        '[audit]\nfail-on = "never"\nformat = "csv"\n', encoding="utf-8"
    )
    done = playgate("audit", "sales.yaml", "h.csv", cwd=folder)
    assert done.status == 0
    assert done.out.startswith("rule,level,deal")
    text = playgate("audit", "sales.yaml", "h.csv", "--format", "text", cwd=folder)
    assert "By stage" in text.out
    done = playgate(
        "audit", "sales.yaml", "h.csv", cwd=folder, env={"PLAYGATE_AUDIT_FAIL_ON": "block"}
    )
    assert done.status == 1


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("\nby = ", "playgate.toml:2:6: the file is not TOML: Invalid value"),
        ('a = "', "playgate.toml:1:6: the file is not TOML: Unterminated"),
        ('actor = "x"\n', 'playgate.toml:1:9: no setting "actor"'),
        ('[audit]\nfailon = "never"\n', 'did you mean "fail-on"?'),
        ('[audit]\nfailon = "never"\n', 'playgate.toml:2:10: audit has no option "failon"'),
        ("[audits]\n", 'playgate.toml:1:1: no command "audits"'),
        ("a = " + "[" * 5000, "nested too deep"),
        ("# " + "a" * 1_000_001, "larger than a megabyte"),
        ("\n\naudit = 5\n", "playgate.toml:3:9: no setting"),
        ("db = 5\n", "playgate.toml:1:6: db must be text, not 5 [wrong-type]"),
        ("db = true\n", "playgate.toml:1:6: db must be text, not true [wrong-type]"),
        ("[audit]\nstrict = 'yes'\n", "playgate.toml:2:10: strict must be true or false"),
        ("[audit]\njobs = '2'\n", "playgate.toml:2:8: jobs must be a whole number, not 2"),
        ("[audit]\njobs = 0\n", "playgate.toml:2:8: jobs: 0 is not in the range 1<=x<=64"),
        ("[audit]\njobs = true\n", "playgate.toml:2:8: jobs must be a whole number"),
        ("[audit]\nrep = 'ann'\n", "playgate.toml:2:7: rep needs a list [wrong-type]"),
        ("[audit]\nrep = [5]\n", "playgate.toml:2:7: rep must be text, not 5"),
        ("[audit]\nformat = 'xml'\n", "playgate.toml:2:10: format cannot be xml [wrong-value]"),
        ("[audit]\nformat = ['json']\n", "playgate.toml:2:10: format must be text"),
        ("[audit]\nsince = 2026-01-01\n", "playgate.toml:2:9: since must be text"),
    ],
)
def test_mistakes_in_the_file_are_said(
    folder: Path, playgate: Playgate, toml: str, said: str
) -> None:
    (folder / "playgate.toml").write_text(toml, encoding="utf-8")
    done = playgate("audit", "sales.yaml", "h.csv", cwd=folder)
    assert done.status == 2
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_command_of_several_takes_settings_too(folder: Path, playgate: Playgate) -> None:
    (folder / "playgate.toml").write_text(
        'db = "own.db"\n[ledger]\nformat = "json"\n', encoding="utf-8"
    )
    own = own_file(folder, '[ledger]\nrecord = "crm"\nformat = "text"\n')
    made = playgate("ledger", "new", cwd=folder, env=own)
    assert made.status == 0, made.err
    shown = json.loads(playgate("ledger", "show", cwd=folder).out)
    assert (shown["path"], shown["record"]) == ("own.db", "crm")
    assert playgate("reconcile", cwd=folder).out.startswith("0 moves of 0 deals")
    (folder / "playgate.toml").write_text('[ledger]\nrecrd = "crm"\n', encoding="utf-8")
    done = playgate("ledger", "show", cwd=folder)
    assert done.status == 2
    assert 'ledger has no option "recrd"' in done.err
    assert 'did you mean "record"?' in done.err


@pytest.mark.parametrize("option", ["since", "head", "key", "proof", "sign", "output", "replace"])
def test_no_folder_says_how_much_of_a_ledger_is_verified(
    folder: Path, playgate: Playgate, option: str
) -> None:
    assert playgate("ledger", "new", cwd=folder).status == 0
    value = "true" if option == "replace" else '"x"'
    (folder / "playgate.toml").write_text(f"[ledger]\n{option} = {value}\n", encoding="utf-8")
    done = playgate("ledger", "verify", cwd=folder)
    assert (done.status, "[not-trusted]" in done.err) == (2, True), done.err


NOT_TRUSTED = [
    'by = "boss"',
    'db = "../other.db"',
    'db = "/etc/other.db"',
    'db = "link/other.db"',
    '[audit]\noutput = "sales.yaml"',
    '[audit]\nverdicts = "sales.yaml"',
    '[audit]\nengine = "postgres://elsewhere/x"',
    '[audit]\ntable = "other"',
    '[audit]\nverify = "x"',
    '[audit]\npeople = "/etc/passwd"',
    '[audit]\nmap = "../elsewhere.yaml"',
    '[audit]\ndb = "../elsewhere.db"',
]


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("toml", NOT_TRUSTED)
def test_who_hands_over_a_folder_is_not_trusted(
    folder: Path, playgate: Playgate, toml: str, beside: bool
) -> None:
    books = folder / "books"
    books.mkdir()
    (folder / "elsewhere").mkdir()
    (books / "link").symlink_to(folder / "elsewhere")
    (folder / "sales.yaml").rename(books / "sales.yaml")
    (books / "h.csv").write_text("deal,happened_at,kind,name\nD,2026-03-01,stage,approach\n")
    (books / "playgate.toml").write_text(toml + "\n", encoding="utf-8")
    before = {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    done = (
        playgate("audit", "books/sales.yaml", "books/h.csv", cwd=folder)
        if beside
        else playgate("audit", "sales.yaml", "h.csv", cwd=books)
    )
    line = toml.count("\n") + 1
    column = toml.split("\n")[-1].index('"') + 1
    assert done.status == 2
    assert f"playgate.toml:{line}:{column}: " in done.err
    assert "[not-trusted]" in done.err
    assert {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()} == before


def test_a_users_own_file_is_trusted(folder: Path, playgate: Playgate) -> None:
    (folder / "h.csv").write_text("deal,happened_at,kind,name\nD,2026-03-01,stage,approach\n")
    own = own_file(folder, '[audit]\noutput = "out.json"\nformat = "json"\nfail-on = "never"\n')
    assert playgate("audit", "sales.yaml", "h.csv", cwd=folder, env=own).status == 0
    assert json.loads((folder / "out.json").read_text())["rules"]


def test_the_file_of_the_folder_beats_the_users_own(folder: Path, playgate: Playgate) -> None:
    (folder / "h.csv").write_text("deal,happened_at,kind,name\nD,2026-03-01,stage,approach\n")
    own = own_file(folder, '[audit]\nformat = "json"\nfail-on = "never"\n')
    (folder / "playgate.toml").write_text('[audit]\nformat = "csv"\n', encoding="utf-8")
    done = playgate("audit", "sales.yaml", "h.csv", cwd=folder, env=own)
    assert done.status == 0
    assert done.out.startswith("rule,level,deal")
