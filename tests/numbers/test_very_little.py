"""What the numbers say of a history that tells next to nothing: no more than it does."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from playgate.cli.group import playgate
from support.counting import SHIPPED

PLAIN = """
playbook: plain
version: 1
stages: [{stage: approach}, {stage: proposal}, {stage: won, ends: won}, {stage: lost, ends: lost}]
"""
HEAD = "deal,happened_at,kind,name,value,actor\n"


@pytest.fixture
def one(tmp_path: Path) -> list[str]:
    """A playbook without numbers, and one deal at one instant."""
    files = [tmp_path / "plain.yaml", tmp_path / "history.csv"]
    files[0].write_text(PLAIN, encoding="utf-8")
    files[1].write_text(f"{HEAD}D-1,2026-05-01,stage,approach,,ann\n", encoding="utf-8")
    return [str(each) for each in files]


def said(*arguments: str) -> str:
    result = CliRunner().invoke(playgate, arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_an_instant_is_no_week(one: list[str]) -> None:
    """A rate from less than a day is that of a day, and no 604,800,000,000 a week."""
    assert "7/wk (0.18–39.00)" in said("kpi", *one)


def test_without_a_look_nothing_is_within_limits(one: list[str]) -> None:
    out = said("alarms", *one)
    assert "Too little is known to tell what is beyond the limits" in out
    assert out.endswith("0 series looked at, 4 too short to tell.")


def test_without_a_candidate_nothing_was_looked_for(one: list[str]) -> None:
    assert "Too few deals to tell what brings them from proposal to won" in said("practices", *one)


def test_without_reps_nobody_is_coached(one: list[str]) -> None:
    bank = str(SHIPPED / "bank-sales" / "bank-sales.yaml")
    assert said("coach", bank, one[1]).endswith("No rep is known in this history.")
    assert "Company (0 reps)" in said("target", bank, one[1])


def test_a_forecast_has_no_period(one: list[str]) -> None:
    result = CliRunner().invoke(playgate, ["forecast", *one, "--period", "2026-Q2"])
    assert (result.exit_code, "No such option '--period'" in result.output) == (2, True)
