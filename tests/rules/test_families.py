"""The table of families says what the docs say of each."""

from __future__ import annotations

from playgate.rules.families import FAMILIES, Family


def those(**wanted: object) -> set[str]:
    return {
        name
        for name, row in FAMILIES.items()
        if all(getattr(row, key) == value for key, value in wanted.items())
    }


def test_what_is_never_made_good() -> None:
    assert those(made_good=False) == {"by", "set-by", "back", "reopened", "time", "if", "until"}


def test_what_nobody_can_work_on_any_more() -> None:
    assert those(is_work=False) == {"by", "set-by", "back", "reopened", "time", "until"}


def test_what_the_gate_does_with_each() -> None:
    assert those(live="refuses") == {"entry", "by", "hold", "back", "reopened", "before", "fit"}
    assert those(live="refuses-values") == {"set-by"}
    assert those(live="asks-again") == {"entered", "activity", "exit", "within", "after"}
    assert those(live="reports") == {"every", "time", "stage-idle", "if", "until", "idle", "age"}


def test_what_is_only_observed_unless_rules_says_otherwise() -> None:
    assert those(level="observe") == {"back", "reopened"}
    assert those(level=None) == set(FAMILIES) - {"back", "reopened"}


def test_keys_and_where_they_stand() -> None:
    assert those(takes_length=True) == {"within", "every", "time", "stage-idle", "idle", "age"}
    assert those(is_of_stage_itself=True) == {"entered"}
    made: list[Family] = [row for row in FAMILIES.values() if row.key]
    assert len({(row.section, row.key) for row in made}) == len(made)
