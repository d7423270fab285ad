"""What a manager reads: order, marks, widths and words."""

from __future__ import annotations

import subprocess
import sys

import pytest
from rich.cells import cell_len

from playgate.audit.result import AuditResult, Share
from playgate.records import replace
from playgate.report.audit_text import render
from playgate.report.digest import sections
from playgate.report.figures import percent, share
from playgate.report.words import plural, visible


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("name", ["bank", "hostile"])
def test_lines_keep_to_the_width(name: str, width: int, request: pytest.FixtureRequest) -> None:
    text = "".join(render(request.getfixturevalue(name), width=width))
    assert max(map(cell_len, text.splitlines())) <= width


def test_reps_with_few_chances_are_marked_and_last(bank: AuditResult) -> None:
    reps = next(each for each in sections(bank) if each.title.startswith("By rep"))
    assert [row[0] for row in reps.rows[:2]] == ["nobody named", "Ben Okafor"]
    assert reps.rows[-1][0] == "Zoë Ångström"
    assert str(reps.rows[-1][-1]).endswith("*")
    assert "Few chances" in reps.note


def test_rules_at_observe_come_after_the_others(bank: AuditResult) -> None:
    some = replace(bank, rules=bank.rules[:5])
    rules = next(each for each in sections(some) if each.title.startswith("Rules"))
    ids = [row[0][0] for row in rules.rows]
    assert ids[0] == "assess-needs/activity/needs_interview"
    assert ids[-1] == "order/back"
    assert rules.note


def test_worst_deals_show_only_what_is_open_and_counts(bank: AuditResult) -> None:
    deals = next(each for each in sections(bank) if each.title.startswith("Deals"))
    first = [row for row in deals.rows if row[0]]
    assert [row[0] for row in first] == ["D-1002", "D-1004", "D-1005", "D-1006", "D-1007"]
    assert [row[1] for row in deals.rows[:4]] == ["block", "block", "warn", ""]
    assert deals.rows[3][3] == "and 1 more"
    assert deals.left_out == "and 5 more deals with open findings"


def test_what_is_left_out_is_counted(hostile: AuditResult) -> None:
    for section in sections(hostile):
        assert len(section.rows) <= 12
        if section.title.startswith("By rep"):
            assert section.left_out == "and 2 more reps"


def test_sections_with_nothing_to_say_are_left_out(empty: AuditResult) -> None:
    assert list(sections(empty)) == []
    assert "Nothing to judge" in "".join(render(empty))


def test_the_environment_changes_nothing(
    bank: AuditResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = "".join(render(bank))
    coloured = "".join(render(bank, colour=True))
    for name, value in {"NO_COLOR": "1", "COLUMNS": "40", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert "".join(render(bank)) == plain
    assert "".join(render(bank, colour=True)) == coloured != plain


def test_rich_is_imported_only_to_draw() -> None:
    names = ("audit_text", "audit_markdown", "audit_json", "mistakes")
    code = "import sys\n"
    code += "".join(f"import playgate.report.{name}\n" for name in names)
    code += "sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.0, "0 %"), (0.001, "<1 %"), (0.87, "87 %"), (0.999, ">99 %"), (1.0, "100 %")],
)
def test_percent(value: float | None, shown: str) -> None:
    assert percent(value) == shown


def test_share_has_its_interval() -> None:
    assert share(Share(0.87, 0.82, 0.91)) == "87 % (82–91)"
    assert share(Share(None, None, None)) == "–"


def test_plural() -> None:
    assert [plural(n, "deal") for n in (0, 1, 1200)] == ["0 deals", "1 deal", "1,200 deals"]


def test_visible() -> None:
    assert visible("a\x1b[0m\nb\x9b\u202e\ud800é") == "a\\x1b[0m\\nb\\x9b\\u202e\\ud800é"
    assert visible("abcdef", limit=4) == "abc…"
