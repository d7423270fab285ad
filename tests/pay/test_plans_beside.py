"""What `lint` of a playbook and `fmt` know of the plans of pay and leads beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.in_process import Run, run

__all__ = ["run"]

PLAYBOOK = """\
playbook: sales
version: 1
roles: [rep]
fields: {amount: {type: number}, bonus: {type: number}, vat_id: {type: text}}
stages:
  - {stage: offer, entry: [{field: amount, is: present}], by: [rep]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
PAY = (
    "due: {stage: won}\npay: sales\nparts: {share: {rate: 2 %, of: {field: bonus}}}\nper: 'month'\n"
)
LEADS = "match: [vat_id]\nleads: sales\n"


def _unused(run: Run) -> list[str]:
    _, out, _ = run("lint", "sales.yaml")
    return [name for name in ("bonus", "vat_id") if f'"{name}" is used nowhere' in out]


@pytest.mark.parametrize("stem", ["sales", "north"])
def test_what_only_a_plan_speaks_of_is_used(run: Run, stem: str) -> None:
    Path("sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    assert _unused(run) == ["bonus", "vat_id"]
    Path(f"{stem}.pay.yaml").write_text(PAY, encoding="utf-8")
    assert _unused(run) == ["vat_id"]
    Path(f"{stem}.leads.yaml").write_text(LEADS, encoding="utf-8")
    assert _unused(run) == []
    for name in ("pay", "leads"):
        Path(f"{stem}.{name}.yaml").unlink()
    assert _unused(run) == ["bonus", "vat_id"]


def test_a_plan_of_another_playbook_uses_nothing(run: Run) -> None:
    Path("sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    Path("other.pay.yaml").write_text(PAY.replace("pay: sales", "pay: other"), encoding="utf-8")
    Path("sales.leads.yaml").write_text("no: [yaml", encoding="utf-8")
    assert _unused(run) == ["bonus", "vat_id"]


def test_plans_are_laid_out_as_their_schema_names_keys(run: Run) -> None:
    Path("sales.pay.yaml").write_text(PAY, encoding="utf-8")
    Path("sales.leads.yaml").write_text(LEADS, encoding="utf-8")
    assert run("fmt", "sales.pay.yaml", "sales.leads.yaml")[0] == 0
    assert Path("sales.pay.yaml").read_text(encoding="utf-8") == (
        "pay: sales\nper: month\nparts: {share: {of: {field: bonus}, rate: 2 %}}\n"
        "due: {stage: won}\n"
    )
    assert Path("sales.leads.yaml").read_text(encoding="utf-8") == (
        "leads: sales\nmatch: [vat_id]\n"
    )
