"""What lies in the folder of lint's cache is trusted only where lint itself could have put it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from playgate.cli.cache import Cache, _sum
from playgate.errors import Mistake, Place

CONTENT = b"playbook: p\n"
MISTAKE = Mistake(Place("p.yaml", 1, 2), "a message", "a-rule")


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLAYGATE_CACHE", str(tmp_path / "cache"))
    Cache.open().keep_mistakes(CONTENT, [MISTAKE])
    (found,) = (tmp_path / "cache").glob("*.json")
    return found


def _deep(path: Path) -> None:
    path.write_text("[" * 200_000)


def _deep_body(path: Path) -> None:
    path.write_text('{"sum": "x", "body": ' + "[" * 50_000 + "]" * 50_000 + "}")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _far_line(path: Path) -> None:
    body = [[1e999, 1, "m", "r", "", "error", None]]
    path.write_text(json.dumps({"sum": _sum(body), "body": body}))


def _text(path: Path) -> None:
    path.write_text('"body"')


@pytest.mark.parametrize(
    "damage",
    [_deep, _deep_body, _pipe, _folder, _device, _far_line, _text],
    ids=lambda f: f.__name__,
)
def test_other_entries_are_passed_over(entry: Path, damage: Callable[[Path], None]) -> None:
    assert Cache.open().mistakes(CONTENT, "p.yaml") == [MISTAKE]
    damage(entry)
    assert Cache.open().mistakes(CONTENT, "p.yaml") is None


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "{secret}", "{secret}"),
        ("audit", "p.yaml", "{secret}"),
        ("audit", "p.yaml", "p.yaml", "--map", "{secret}"),
        ("audit", "p.yaml", "p.yaml", "--people", "{secret}"),
        ("people", "{secret}", "--db", "x.db"),
        ("lint", "{secret}"),
        ("show", "{secret}"),
        ("fmt", "--check", "{secret}"),
        ("test", "p.yaml", "--cases", "{secret}"),
        ("ask", "D", "a", "--facts", "{secret}", "--db", "x.db"),
        ("open", "D", "--playbook", "{secret}", "--db", "x.db"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("text", ["root:x:0:0:root:/root:/bin/bash\n", "hunter2\n"])
def test_nothing_of_a_file_that_is_none_of_ours_is_shown(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[..., object],
    words: tuple[str, ...],
    text: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.yaml").write_text("playbook: p\nversion: 1\nstages: [{stage: a}]\n")
    secret = Path("secret")
    secret.write_text(text * 5)
    done = run(*(word.format(secret=secret) for word in words))
    assert text.strip() not in done.out + done.err  # type: ignore[attr-defined]
    assert done.status == 2 or words[0] == "fmt"  # type: ignore[attr-defined]
