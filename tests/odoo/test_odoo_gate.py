"""The gate in a real Odoo: whatever moves an opportunity is asked, and nothing else moves it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from odoo_server import RefusedError
from pipeline_in_odoo import Crm

pytestmark = pytest.mark.odoo


def refusal(call: Any, *given: Any, **more: Any) -> str:
    with pytest.raises(RefusedError) as raised:
        call(*given, **more)
    return str(raised.value)


def test_work_opens_the_way(crm: Crm) -> None:
    lead = crm.lead("By the steps")
    assert "call" in refusal(crm.move, [lead], "Qualified")
    assert crm.stage(lead) == "New"
    told = crm.read(lead, "playgate_verdict", "playgate_missing", "playgate_asked_stage")
    assert (told["playgate_verdict"], told["playgate_asked_stage"]) == ("refused", "qualified")
    assert "call" in told["playgate_missing"]
    crm.done([lead], "Call")
    crm.move([lead], "Qualified")
    assert crm.stage(lead) == "Qualified"
    assert crm.read(lead, "playgate_verdict")["playgate_verdict"] == "allowed"
    assert crm.standing(lead) == "qualified"
    assert crm.reconciled(lead) == ["gated"]


def test_several_at_once_each_have_a_verdict(crm: Crm) -> None:
    leads = crm.leads([{"name": f"Of twenty {number}"} for number in range(20)])
    ready = leads[:12]
    crm.done(ready, "Call")
    assert crm.move(leads, "Qualified") is True
    stages = [crm.stage(lead) for lead in leads]
    assert stages == ["Qualified"] * 12 + ["New"] * 8
    verdicts = [crm.read(lead, "playgate_verdict")["playgate_verdict"] for lead in leads]
    assert verdicts == ["allowed"] * 12 + ["refused"] * 8
    assert {crm.standing(lead) for lead in ready} == {"qualified"}
    assert all(crm.reconciled(lead) == ["gated"] for lead in ready)
    assert all(crm.reconciled(lead) == [] for lead in leads[12:])


def test_where_odoo_refuses_the_ledger_has_nothing(crm: Crm) -> None:
    """Twenty at once of which one is wrong for Odoo: none moves, and no decision says so."""
    leads = crm.leads([{"name": f"Too late {number}"} for number in range(20)])
    crm.done(leads, "Call")
    refusal(crm.move, leads, "Qualified", probability=300)
    assert {crm.stage(lead) for lead in leads} == {"New"}
    assert all(crm.reconciled(lead) == [] for lead in leads)


def test_what_is_rolled_back_was_allowed_and_not_made(crm: Crm) -> None:
    lead = crm.lead("Rolled back")
    crm.done([lead], "Call")
    crm.odoo.shell(
        "ann = env['res.users'].search([('login', '=', 'ann')])\n"
        f"lead = env['crm.lead'].with_user(ann).browse({lead})\n"
        f"lead.write({{'stage_id': {crm.stages['Qualified']}}}); env.cr.rollback()\n"
    )
    assert crm.stage(lead) == "New"
    crm.night()
    assert crm.standing(lead) == "new"
    assert crm.reconciled(lead) == ["allowed-but-not-made"]


# Every way to a stage


def load(crm: Crm, login: str, fields: list[str], *rows: list[str]) -> Any:
    context = {"import_file": True}
    return crm.ask(login, "crm.lead", "load", fields=fields, data=list(rows), context=context)


def test_an_import_is_asked_row_by_row(crm: Crm) -> None:
    leads = crm.leads([{"name": "Imported a"}, {"name": "Imported b"}])
    crm.done(leads[:1], "Call")
    goal = str(crm.stages["Qualified"])
    told = load(crm, "ann", [".id", "stage_id/.id"], [str(leads[0]), goal])
    assert told["ids"] == [leads[0]]
    told = load(crm, "ann", [".id", "stage_id/.id"], [str(leads[1]), goal])
    assert "call" in told["messages"][0]["message"]
    assert [crm.stage(lead) for lead in leads] == ["Qualified", "New"]
    moves = [each for each in crm.tells("reconcile")["results"] if each["deal"] == str(leads[0])]
    assert [(each["result"], each["origin"]) for each in moves] == [("gated", "import")]


def test_a_late_beginning_is_asked_for(crm: Crm) -> None:
    said = refusal(crm.lead, "Straight to won", stage_id=crm.stages["Won"])
    assert "Won" in said
    told = load(
        crm, "ann", ["name", "type", "stage_id"], ["By import", "opportunity", "Proposition"]
    )
    assert not told["ids"]
    names = [["name", "in", ["Straight to won", "By import"]]]
    assert crm.ask("ada", "crm.lead", "search_count", domain=names) == 0


def test_buttons_are_asked(crm: Crm) -> None:
    lead = crm.lead("Buttons", expected_revenue=5000)
    assert "call" in refusal(crm.ask, "ann", "crm.lead", "action_set_won", ids=[lead])
    assert "lost_reason" in refusal(crm.ask, "ann", "crm.lead", "action_set_lost", ids=[lead])
    assert crm.read(lead, "active", "won_status") == {
        "id": lead,
        "active": True,
        "won_status": "pending",
    }
    reason = crm.ask("ada", "crm.lost.reason", "search", domain=[], limit=1)[0]
    crm.ask("ann", "crm.lead", "action_set_lost", ids=[lead], lost_reason_id=reason)
    assert crm.read(lead, "won_status")["won_status"] == "lost"
    assert crm.standing(lead) == "lost"
    crm.ask("ann", "crm.lead", "action_restore", ids=[lead])
    assert crm.standing(lead) == "new"
    assert set(crm.reconciled(lead)) == {"gated"}


def test_a_copy_begins_anew(crm: Crm) -> None:
    lead = crm.lead("Copied")
    crm.done([lead], "Call")
    crm.move([lead], "Qualified")
    copy = crm.ask("ann", "crm.lead", "copy", ids=[lead])[0]
    told = crm.read(copy, "playgate_verdict", "playgate_decision")
    assert (told["playgate_verdict"], told["playgate_decision"]) == (False, False)
    assert crm.stage(copy) == "New"


def test_the_superuser_is_asked_too(crm: Crm) -> None:
    lead = crm.lead("By code")
    said = crm.odoo.shell(
        "from odoo.exceptions import UserError\n"
        f"try: env['crm.lead'].browse({lead}).write({{'stage_id': {crm.stages['Won']}}})\n"
        "except UserError as error: print('REFUSED', error)\n\n"
    )
    assert "REFUSED" in said
    assert crm.stage(lead) == "New"


def test_values_that_come_along_count(crm: Crm) -> None:
    lead = crm.lead("With its amount")
    crm.done([lead], "Call")
    crm.move([lead], "Qualified")
    crm.done([lead], "Meeting")
    assert "amount" in refusal(crm.move, [lead], "Proposition")
    crm.move([lead], "Proposition", expected_revenue=9000)
    assert crm.reconciled(lead) == ["gated", "gated"]
    crm.ask("ann", "crm.lead", "action_set_won", ids=[lead])
    assert crm.standing(lead) == "won"


def test_a_lead_that_becomes_an_opportunity(crm: Crm) -> None:
    late, early = crm.leads([{"name": "Late", "type": "lead"}, {"name": "Early", "type": "lead"}])
    goal = {"type": "opportunity", "stage_id": crm.stages["Proposition"]}
    assert "Proposition" in refusal(crm.ask, "ann", "crm.lead", "write", ids=[late], vals=goal)
    assert crm.read(late, "type")["type"] == "lead"
    goal["stage_id"] = crm.stages["New"]
    crm.ask("ann", "crm.lead", "write", ids=[early], vals=goal)
    assert crm.read(early, "type", VERDICT) == {"id": early, "type": "opportunity", VERDICT: False}
    crm.done([early], "Call")
    crm.move([early], "Qualified")
    assert crm.reconciled(early) == ["gated"]


def test_two_moves_of_one_transaction(crm: Crm) -> None:
    lead = crm.lead("Twice", expected_revenue=100)
    crm.done([lead], "Call")
    crm.done([lead], "Meeting")
    crm.odoo.shell(
        "ann = env['res.users'].search([('login', '=', 'ann')])\n"
        f"lead = env['crm.lead'].with_user(ann).browse({lead})\n"
        f"lead.write({{'stage_id': {crm.stages['Qualified']}}})\n"
        f"lead.write({{'stage_id': {crm.stages['Proposition']}}})\n"
        "env.cr.commit()\n"
    )
    assert crm.standing(lead) == "proposition"
    assert crm.reconciled(lead) == ["gated", "gated"]


# Names


def test_a_stage_may_be_called_otherwise(crm: Crm) -> None:
    stage = [crm.stages["Qualified"]]
    called = {"name": "Checked", "playgate_name": "qualified"}
    lead = crm.lead("By another name")
    crm.done([lead], "Call")
    refusal(crm.ask, "ann", "crm.stage", "write", ids=stage, vals={"playgate_name": "new"})
    refusal(crm.ask, "eve", "crm.stage", "write", ids=stage, vals={"playgate_name": "new"})
    crm.ask("ada", "crm.stage", "write", ids=stage, vals=called)
    try:
        crm.move([lead], "Qualified")
        assert crm.stage(lead) == "Checked"
        assert crm.standing(lead) == "qualified"
    finally:
        called = {"name": "Qualified", "playgate_name": False}
        crm.ask("ada", "crm.stage", "write", ids=stage, vals=called)


def test_who_is_called_otherwise_can_still_sell(crm: Crm) -> None:
    """The ledger knows the old login as the owner's; questions hold all the same."""
    owner = crm.ask("ada", "res.users", "search", domain=[["login", "=", "ada"]])
    lead = crm.lead("Of somebody who marries", user_id=owner[0])
    crm.done([lead], "Call")
    crm.move([lead], "Qualified")
    crm.ask("ada", "res.users", "write", ids=owner, vals={"login": "ada-ng"})
    try:
        crm.done([lead], "Meeting")
        crm.move([lead], "Proposition", expected_revenue=10)
    finally:
        crm.ask("ada", "res.users", "write", ids=owner, vals={"login": "ada"})
    assert crm.standing(lead) == "proposition"


def test_names_are_text(crm: Crm) -> None:
    lead = crm.lead("<img src=x onerror=alert(1)>")
    card = crm.ask("ann", "crm.lead", "read", ids=[lead], fields=["playgate_card"])[0]
    assert "call" in card["playgate_card"]
    assert "<img" not in card["playgate_card"]
    assert 'class="playgate-card"' in card["playgate_card"]


# Forging

VERDICT = "playgate_verdict"


def test_a_verdict_is_the_gates_alone(crm: Crm) -> None:
    lead = crm.lead("Forged")
    assert "gate alone" in refusal(crm.move, [lead], "Won", playgate_verdict="allowed")
    assert "gate alone" in refusal(
        crm.ask, "ada", "crm.lead", "write", ids=[lead], vals={"playgate_decision": "d-1"}
    )
    assert "gate alone" in refusal(crm.lead, "Forged at once", playgate_verdict="allowed")
    told = load(crm, "ann", [".id", VERDICT], [str(lead), "Allowed"])
    assert not told["ids"]
    told = {"default_playgate_verdict": "allowed", "default_playgate_decision": "d-1"}
    values = [{"name": "By default", "type": "opportunity"}]
    made = crm.ask("ann", "crm.lead", "create", vals_list=values, context=told)[0]
    assert crm.read(made, VERDICT)[VERDICT] is False
    note = {"verdict": "allowed", "words": [], "decision": "d", "stage": "won", "at": False}
    refusal(crm.ask, "ann", "crm.lead", "_playgate_note", ids=[lead], answer=note)
    row = {"lead_id": lead, "from_stage": "new", "to_stage": "won", "decision": "d-1"}
    refusal(crm.ask, "ann", "playgate.move", "create", vals_list=[row])
    refusal(crm.ask, "ann", "ir.config_parameter", "get_param", key="playgate_gate.token")
    assert crm.read(lead, VERDICT)[VERDICT] is False
    assert crm.stage(lead) == "New"


def test_a_context_opens_nothing(crm: Crm) -> None:
    lead = crm.lead("With a context")
    told = {
        "tracking_disable": True,
        "playgate_inside": [lead],
        "import_file": True,
        "mail_notrack": True,
    }
    vals = {"stage_id": crm.stages["Qualified"]}
    refusal(crm.ask, "ann", "crm.lead", "write", ids=[lead], vals=vals, context=told)
    crm.done([lead], "Call")
    crm.ask("ann", "crm.lead", "write", ids=[lead], vals=vals, context=told)
    assert crm.standing(lead) == "qualified"
    assert crm.reconciled(lead) == ["gated"]


# Waivers


def ask_waiver(crm: Crm, lead: int, login: str) -> int:
    context = {"active_id": lead}
    model = "playgate.waiver.ask"
    given = crm.ask(login, model, "default_get", fields=["lead_id", "line_ids"], context=context)
    given["reason"] = "they called us, before this was recorded"
    made = crm.ask(login, model, "create", vals_list=[given], context=context)
    crm.ask(login, model, "action_ask", ids=made)
    found: int = crm.ask("ada", "playgate.waiver", "search", domain=[["lead_id", "=", lead]])[0]
    return found


def test_a_manager_may_approve_an_exception(crm: Crm) -> None:
    lead = crm.lead("An exception")
    waiver = ask_waiver(crm, lead, "ann")
    refusal(crm.move, [lead], "Qualified")
    refusal(crm.ask, "ann", "playgate.waiver", "action_approve", ids=[waiver])
    refusal(crm.ask, "eve", "playgate.waiver", "write", ids=[waiver], vals={"state": "approved"})
    refusal(crm.ask, "eve", "playgate.waiver", "action_decline", ids=[waiver])
    crm.ask("eve", "playgate.waiver", "action_approve", ids=[waiver])
    crm.move([lead], "Qualified")
    assert crm.stage(lead) == "Qualified"


def test_who_declines_says_why(crm: Crm) -> None:
    lead = crm.lead("No exception")
    waiver = ask_waiver(crm, lead, "ann")
    why = {"answer_reason": "call them, it takes five minutes"}
    crm.ask("eve", "playgate.waiver", "write", ids=[waiver], vals=why)
    crm.ask("eve", "playgate.waiver", "action_decline", ids=[waiver])
    refusal(crm.move, [lead], "Qualified")


# What the gate cannot see at once


def test_while_it_is_away(crm: Crm) -> None:
    shut, through = crm.leads([{"name": "Shut"}, {"name": "Through"}])
    refusal(crm.move, [through], "Qualified")
    with crm.away("closed"):
        assert "could not be asked" in refusal(crm.move, [shut], "Qualified")
    time.sleep(1.1)  # Odoo's instants are whole seconds, and the next is later than the decision
    with crm.away("open"):
        crm.move([through], "Qualified")
        refusal(crm.move, [through], "Won", playgate_verdict="allowed")
        assert crm.read(through, VERDICT)[VERDICT] == "unasked"
    assert [crm.stage(shut), crm.stage(through)] == ["New", "Qualified"]
    refusal(crm.move, [through], "Proposition")
    crm.night()
    assert crm.reconciled(through) == ["past-the-gate"]


def test_what_goes_around_is_found_at_night(crm: Crm) -> None:
    lead = crm.lead("By SQL")
    crm.done([lead], "Call")
    crm.move([lead], "Qualified")
    time.sleep(1.1)  # Odoo's instants are whole seconds, and this is later than the decision
    crm.odoo.sql(f"UPDATE crm_lead SET stage_id = {crm.stages['Proposition']} WHERE id = {lead}")
    assert "1 moves that nothing had told of" in crm.night()
    assert crm.reconciled(lead) == ["gated", "past-the-gate"]
    assert " 0 new events" in crm.night()
    found = [each for each in crm.tells("reconcile")["results"] if each["deal"] == str(lead)]
    assert [each["origin"] for each in found if each["result"] == "past-the-gate"] == ["outside"]
