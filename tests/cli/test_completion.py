"""Completion by the shells themselves, and what is offered where nothing can be read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLAYBOOK = """\
playbook: small
version: 1
fields: {amount: {type: number}, ready: {type: boolean}, region: {type: choice, options: [north]}}
activities: {call: {title: Call}, demo: {title: Demo}}
stages:
  - {stage: first, exit: [{field: amount, is: present}]}
  - {stage: second}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
BASH = """\
eval "$(playgate completion bash)"
while IFS= read -r line; do
    COMP_LINE=$line COMP_POINT=${#line}
    _playgate_completion playgate
    echo "$line -> ${COMPREPLY[*]}"
done
complete -p playgate
"""
OFFERED = {
    "playgate au": "audit",
    "playgate audit --fail-on w": "warn",
    "playgate audit --format=ju": "junit",
    "playgate fmt --c": "--check",
    "playgate init --from bank": "bank-sales",
    "playgate audit --map bpic": "bpic2012",
    "playgate new --map bpic": "bpic2012",
    "playgate new --timezone Europe/Par": "Europe/Paris",
    "playgate move D": "D-1 D-2",
    "playgate move HS:1": "17\\ x",  # behind the colon, which breaks words in bash
    "playgate move D-1 s": "second",
    "playgate move D-1 --from s": "second",
    "playgate log D-1 d": "demo",
    "playgate set D-1 am": "amount=",
    "playgate set D-1 ready=": "yes no",
    "playgate set D-1 amount=1 region=n": "north",
    "playgate waive D-1 first/ex": "first/exit/amount",
    "playgate audit small.yaml --rule first/ex": "first/exit/amount",
    "playgate open D-3 --playbook small.yaml --stage s": "second",
    "playgate log --by an": "ann",
    # Nothing is offered, and nothing said, where nothing can be read.
    "playgate move D-9 s": "",
    "playgate next --db none.db D": "",
    "playgate next --db small.yaml D": "",
    "playgate audit none.yaml --rule first": "",
    "playgate nonsense x": "",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("completion")
    (made / "small.yaml").write_text(PLAYBOOK, encoding="utf-8")
    (made / "team.csv").write_text("actor,role\nann,rep\nbob,rep\n", encoding="utf-8")
    (made / "playgate.toml").write_text('db = "deals.db"\n', encoding="utf-8")
    command = made / "bin" / "playgate"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT / "engine"}" exec "{sys.executable}" '
        '-m playgate.cli.main "$@"\n',
        encoding="utf-8",
    )
    command.chmod(0o755)
    for deal in ("D-1", "D-2", "HS:17 x", "bad\x1b[31m"):
        assert run(made, "playgate", "open", deal, "--playbook", "small.yaml").returncode == 0
    assert run(made, "playgate", "people", "team.csv").returncode == 0
    return made


def run(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(folder), "PLAYGATE_CACHE": str(folder / ".cache")}
    return subprocess.run(
        words, cwd=folder, input=stdin, capture_output=True, encoding="utf-8", env=env
    )


@pytest.mark.thorough
@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash(folder: Path) -> None:
    lines = "".join(f"{line}\n" for line in OFFERED)
    done = run(folder, "bash", "-c", BASH, stdin=lines)
    *offered, registered = done.stdout.splitlines()
    assert dict(line.split(" -> ") for line in offered) == OFFERED
    assert "-F _playgate_completion playgate" in registered
    assert done.stderr == ""
    assert not (folder / "none.db").exists()


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh")
def test_zsh(folder: Path) -> None:
    script = """\
autoload -U compinit; compinit -u -d .zcompdump
eval "$(playgate completion zsh)"
print -r -- ${_comps[playgate]}
compadd() { print -r -- ${(P)@[-1]} }
words=(playgate move D) CURRENT=3
_playgate_completion
"""
    done = run(folder, "zsh", "-f", "-c", script)
    assert done.stdout.splitlines() == ["_playgate_completion", "D-1 D-2"], done.stderr


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish")
def test_fish(folder: Path) -> None:
    script = """\
playgate completion fish | source
complete -C "playgate move D"
complete -C "playgate set D-1 am"
"""
    done = run(folder, "fish", "--no-config", "-c", script)
    assert done.stdout.splitlines() == ["D-1", "D-2", "amount="], done.stderr


def test_a_shell_that_is_not_known(folder: Path) -> None:
    done = run(folder, "playgate", "completion", "tcsh")
    assert done.returncode == 2
    assert "'bash', 'zsh', 'fish'" in done.stderr
