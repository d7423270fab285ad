"""Reports that the tests look at."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from playgate.cli.group import playgate

__all__ = ["BANK", "EVIL", "FILES", "bank", "hostile", "run", "until"]

BANK = Path(__file__).parents[2] / "playbooks" / "bank-sales"
FILES = (
    str(BANK / "bank-sales.yaml"),
    str(BANK / "history.csv"),
    "--people",
    str(BANK / "people.csv"),
)

EVIL = (
    "<script>document.title = 'owned'</script>",
    '"><img src=x onerror="document.title = \'owned\'">',
    "</style></script><h1 id=evil>evil",
    "abc\u202egnp.exe\u202c\u200b",
    "{{ 7 * 7 }}{% raw %}",
    "x" * 5_000,
    "javascript:alert(1)' onclick='alert(1)",
    "שלום &amp; مرحبا",
)
"""Names that would break a page, turn its text around or run something."""

_PLAYBOOK = """\
playbook: evil
version: 1
title: "</title><script>document.title = 'owned'</script>"
fields: {amount: {type: number}}
activities: {call: {title: "<b>Call</b>"}}
stages:
  - stage: approach
    title: "<i>Approach</i> & \\"more\\""
    activities: [{do: call, ask: "</script><script>document.title = 'owned'</script>"}]
  - stage: offer
    entry: [{field: amount, more_than: 0}]
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
coaching: {minimum: 1}
"""


def run(*arguments: str) -> Result:
    """The command, run in this process."""
    return CliRunner().invoke(playgate, arguments, standalone_mode=False)


def until(tab: Any, holds: Callable[[], bool]) -> None:
    """Wait for what comes a moment later: a page learns of another address, and of a form that was
    reset, by an event. (What polls in the page is code from a text, which the page's policy
    forbids.)"""
    for _ in range(6_000):
        if holds():
            return
        tab.wait_for_timeout(20)
    pytest.fail("it does not come")


def _report(folder: Path, *arguments: str) -> Path:
    page = folder / "report.html"
    found = run("report", *arguments, "-o", str(page))
    assert found.exception is None, found.exception
    return page


def bank(folder: Path) -> Path:
    """The bank's sample."""
    return _report(folder, *FILES)


def hostile(folder: Path) -> Path:
    """Every evil name as a deal, a person, a value and an outcome."""
    playbook, history = folder / "evil.yaml", folder / "evil.csv"
    playbook.write_text(_PLAYBOOK, encoding="utf-8")
    with history.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("deal", "happened_at", "kind", "name", "value", "actor"))
        for day, name in enumerate(EVIL, 1):
            at = f"2026-03-{day:02}T0"
            rows.writerow((name, f"{at}1:00:00Z", "stage", "approach", "", name))
            rows.writerow((name, f"{at}2:00:00Z", "field", "amount", name, name))
            rows.writerow((name, f"{at}3:00:00Z", "stage", "offer", "", name))
            rows.writerow((name, f"{at}4:00:00Z", "activity", "call", name, name))
    return _report(folder, str(playbook), str(history))
