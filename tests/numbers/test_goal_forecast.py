"""What is likely to come against the goal: what was sold, and the forecast of the rest."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from playgate.documents.schema import load_schema
from playgate.numbers.forecast.result import Coming
from playgate.numbers.goal_forecast import GoalForecast
from playgate.numbers.result import Likely
from support.in_process import Run, run

__all__ = ["run"]

BANK = Path(__file__).parents[2] / "playbooks" / "bank-sales"
FILES = (BANK / "history.csv", "--people", BANK / "people.csv", "--as-of", "2026-10-09")


class _Foretold:
    def coming(self, reps: object) -> Coming | None:
        return None if reps == {"new"} else Coming(9, 50.0, 20.0, 90.0)


@pytest.mark.parametrize(
    ("sold", "goal", "reach"),
    [
        (100, 100, "reached"),
        (99, 100, "likely"),
        (50, 100, "likely"),
        (49, 100, "in-reach"),
        (10, 100, "in-reach"),
        (9, 100, "out-of-reach"),
    ],
)
def test_how_far_a_goal_is(sold: float, goal: float, reach: str) -> None:
    found = GoalForecast(_Foretold()).likely(None, sold, goal)  # type: ignore[arg-type]
    assert found == Likely(sold + 50, sold + 20, sold + 90, reach)  # type: ignore[arg-type]
    assert GoalForecast(_Foretold()).likely({"new"}, sold, goal) is None  # type: ignore[arg-type]


def test_it_is_what_was_sold_and_the_forecast_until_the_period_ends(run: Run) -> None:
    """From the 9th of October to the end of the year are 83 days."""
    _, out, _ = run("target", BANK / "bank-sales.yaml", *FILES, "--format", "json")
    told = json.loads(out)
    Draft202012Validator(load_schema("numbers")).validate(told)
    _, out, _ = run("forecast", BANK / "bank-sales.yaml", *FILES, "--days", 83, "--format", "json")
    foretold = json.loads(out)
    company, *others = told["goals"]
    for name in ("value", "low", "high"):
        assert company["likely"][name] == pytest.approx(company["sold"] + foretold[name])
    assert company["likely"]["reach"] == "out-of-reach"
    reps = [goal for goal in others if goal["scope"] == "rep"]
    for name in ("value",):  # what one rep brings, and what all do: open deals and those to come
        total = sum(goal["likely"][name] for goal in reps)
        assert total == pytest.approx(company["likely"][name], rel=1e-6)
    assert all(g["likely"]["low"] <= g["likely"]["value"] <= g["likely"]["high"] for g in reps)


def test_all_forms_tell_it(run: Run) -> None:
    _, out, _ = run("target", BANK / "bank-sales.yaml", *FILES, "--rep", "a.morel")
    assert "What is likely to come until 2026-12-31, EUR" in out
    assert "out of reach" in out
    _, out, _ = run("target", BANK / "bank-sales.yaml", *FILES, "--format", "csv")
    rows = list(csv.DictReader(StringIO(out, newline="")))
    assert {row["likely_reach"] for row in rows} <= {
        *("reached", "likely", "in-reach", "out-of-reach")
    }


def test_without_a_declared_forecast_nothing_is_foretold(run: Run, tmp_path: Path) -> None:
    text = (BANK / "bank-sales.yaml").read_text(encoding="utf-8")
    own = tmp_path / "bank-sales.yaml"
    own.write_text(text.replace("forecast: {days: 30}\n", ""), encoding="utf-8")
    _, out, _ = run("target", own, *FILES, "--format", "json")
    assert {goal["likely"] is None for goal in json.loads(out)["goals"]} == {True}
    _, out, _ = run("target", own, *FILES)
    assert "likely to come" not in out
