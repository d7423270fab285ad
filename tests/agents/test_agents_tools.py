"""The tools of the door for agents, by the SDK's own client."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import anyio
import pytest
from agents_desk import AT, EXAMPLE, asked, called, ledger
from jsonschema import Draft202012Validator
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from live.gate import check_reproduced, environment, say
from playgate.agents.tools import TOOLS
from playgate.cli.test import command as cases
from playgate.ledger.store import Ledger
from playgate.playbook.load import load_playbook
from playgate.proof.lint import lint_playbook

RECORDING = {name for name, tool in TOOLS.items() if tool.records}
SCHEMA = Path(__file__).parents[2] / "schemas" / "agent.schema.json"
WORK: tuple[tuple[str, dict[str, Any]], ...] = (
    ("log", {"activity": "research"}),
    ("set", {"fields": {"website": "example.com"}}),
    ("move", {"stage": "contacted"}),
    ("log", {"activity": "first_mail"}),
    ("log", {"activity": "answer", "outcome": "interested"}),
    ("move", {"stage": "understood"}),
)


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_bytes()))


async def told(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The answer of a tool, which fits the schema."""
    found = await called(client, tool, **arguments)
    plain = {key: said for key, said in found.items() if key not in ("words", "json")}
    assert not [each.message for each in validator().iter_errors(plain)]
    return found


async def names(client: Client) -> set[str]:
    return {each.name for each in (await client.list_tools()).tools}


def rules(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["rule"]: each for each in found["mends"]}


# What is there


def test_without_write_an_agent_only_asks(db: Path) -> None:
    async def visit(client: Client) -> None:
        shown = await client.list_tools()
        assert {each.name for each in shown.tools} == TOOLS.keys() - RECORDING
        assert all(each.annotations.read_only_hint for each in shown.tools)  # type: ignore[union-attr]
        for name in RECORDING:
            found = await told(client, name, deal="D-1")
            assert (found["status"], found["data"]["error"]["code"]) == ("wrong", "may-not")

    before = db.read_bytes()
    asked(db, visit, writes=False, by="")
    assert db.read_bytes() == before


def test_tools_are_those_of_who_keeps_the_record(db: Path, tmp_path: Path) -> None:
    async def visit(client: Client) -> set[str]:
        return await names(client)

    assert asked(db, visit) == TOOLS.keys() - {"ask"}
    crm = tmp_path / "crm.db"
    assert say("ledger", "new", "--record", "crm", db=crm, clock=AT).status == 0
    assert asked(crm, visit) == TOOLS.keys() - {"move", "log", "set"}


def test_what_a_tool_takes_is_a_schema_that_says_who_acts_nowhere(db: Path) -> None:
    async def visit(client: Client) -> None:
        for tool in (await client.list_tools()).tools:
            Draft202012Validator.check_schema(tool.input_schema)
            assert not {"by", "actor"} & tool.input_schema["properties"].keys()
            assert tool.input_schema["additionalProperties"] is False
        found = await told(client, "move", deal="D-1", stage="lost", by="rory.walsh")
        assert found["data"]["error"]["code"] == "unknown-key"

    asked(db, visit)


# What is recorded


def test_what_an_agent_does_is_its_own(db: Path) -> None:
    """Every event says who did it, and that it came from an agent; so do refusals."""

    async def visit(client: Client) -> list[str]:
        first = await told(client, "move", deal="D-1", stage="contacted")
        done = [first["status"]]
        for tool, more in WORK:
            done.append((await told(client, tool, deal="D-1", **more))["status"])
        return done

    done = asked(db, visit)
    assert done == ["refused", *(["recorded"] * 2), "allowed", *(["recorded"] * 2), "allowed"]
    with Ledger.open(db, reading=True) as known:
        events = [each for each in known.events.of("D-1") if each.recorded_at > AT]
        assert len(events) == len(WORK)
        assert {each.actor for each in events} == {"scout"}
        assert {json.loads(each.attrs)["origin"] for each in events} == {"agent"}
        decisions = [each for each in known.decisions.of("D-1") if each.recorded_at > AT]
        assert [each.allowed for each in decisions] == [0, 1, 1]
        assert {json.loads(each.question)["origin"] for each in decisions} == {"agent"}
        assert known.verify().fault is None
    check_reproduced(db)


def test_an_agent_cannot_say_that_it_came_from_elsewhere(db: Path) -> None:
    async def visit(client: Client) -> None:
        await told(client, "log", deal="D-1", activity="call", attrs={"origin": "ui"})

    asked(db, visit)
    with Ledger.open(db, reading=True) as known:
        assert json.loads(list(known.events.of("D-1"))[-1].attrs) == {"origin": "agent"}


@pytest.mark.parametrize("by", ["rory.walsh", "aine.daly", "nobody", "Scout"])
def test_only_agents_record(db: Path, by: str) -> None:
    """Nor does a program that is started under the name of a person."""

    async def visit(client: Client) -> None:
        for tool, more in (*WORK, ("request_waiver", {"rule": "found/by", "reason": "because"})):
            found = await told(client, tool, deal="D-1", **more)
            assert found["data"]["error"]["code"] == "may-not"
        assert (await told(client, "next", deal="D-1"))["status"] == "told"

    asked(db, visit, by=by)
    with Ledger.open(db, reading=True) as known:
        assert len(list(known.events.of("D-1"))) == 1


def test_the_same_id_twice_changes_nothing(db: Path) -> None:
    async def visit(client: Client) -> list[str]:
        asks = [await told(client, "log", deal="D-1", activity="research", id="r-1")]
        asks.append(await told(client, "log", deal="D-1", activity="research", id="r-1"))
        return [each["says"][0] for each in asks]

    assert asked(db, visit) == ["Recorded under your name.", "Nothing was changed."]


def test_where_the_crm_keeps_the_record_an_agent_asks(tmp_path: Path) -> None:
    db = tmp_path / "crm.db"
    assert say("ledger", "new", "--record", "crm", db=db, clock=AT).status == 0
    ledger(db)

    async def visit(client: Client) -> list[str]:
        found = await told(client, "ask", deal="D-1", stage="found", id="q-1")
        again = await told(client, "ask", deal="D-1", stage="found", id="q-1")
        assert found["data"]["decision_id"] == again["data"]["decision_id"] == "q-1"
        assert found["says"] == ["Allowed: the move into found may be made in the CRM."]
        other = await told(client, "ask", deal="D-1", stage="closing")
        wrong = await told(client, "log", deal="D-1", activity="research")
        return [found["status"], other["status"], wrong["data"]["error"]["code"]]

    assert asked(db, visit) == ["allowed", "refused", "wrong-record"]
    with Ledger.open(db, reading=True) as known:
        rows = known.decisions.of("D-1")
        assert [json.loads(each.question)["origin"] for each in rows] == ["agent", "agent"]
        assert {each.actor for each in rows} == {"scout"}
    check_reproduced(db)


# What a refusal says


def test_each_remedy_of_an_agents_own_can_be_called_as_it_stands(db: Path) -> None:
    """Doing what the answers say, tool by tool, leads to where only a person goes on."""

    async def visit(client: Client) -> dict[str, Any]:
        values = {"website": "example.com", "need": "Invoices", "amount": 9000}
        for stage in ("contacted", "understood", "offered"):
            found = await told(client, "move", deal="D-1", stage=stage)
            for mend in found["mends"]:
                for step in mend["to_do"]:
                    if step["tool"] is None or mend["level"] != "block":
                        continue
                    known = {each: values[each] for each in step["find_out"]}
                    more = {"fields": known} if known else {}
                    done = await told(client, step["tool"], deal="D-1", **step["arguments"], **more)
                    assert done["status"] == "recorded"
            found = await told(client, "move", deal="D-1", stage=stage)
        return found

    found = asked(db, visit)
    assert found["status"] == "refused"
    assert rules(found).keys() == {"understood/activity/call", "offered/entry/read-by-a-person"}
    for mend in found["mends"]:
        assert [each["only_a_person"] for each in mend["to_do"]] == [True]
        assert mend["exception"] == {
            "tool": "request_waiver",
            "only_a_person": True,
            "roles": ["manager"],
        }
    assert "[only a rep or manager can]" in found["words"]


def test_allow_ask_a_person_refuse(db: Path) -> None:
    def person(*said: str, by: str) -> None:
        assert say(*said, "--by", by, db=db, clock=AT + 10**8).status == 0

    async def begins(client: Client) -> None:
        for tool, more in WORK:
            await told(client, tool, deal="D-1", **more)
        fields = {"need": "Invoices", "amount": 9000}
        await told(client, "set", deal="D-1", fields=fields)
        await told(client, "log", deal="D-1", activity="offer_drafted")
        # What a person has to do does not count where the agent says that it did it.
        for activity, outcome in (("call", {}), ("offer_read", {"outcome": "good"})):
            await told(client, "log", deal="D-1", activity=activity, **outcome)
        found = await told(client, "move", deal="D-1", stage="offered")
        assert rules(found).keys() == {"understood/activity/call", "offered/entry/read-by-a-person"}

    async def goes_on(client: Client) -> None:
        assert (await told(client, "move", deal="D-1", stage="offered"))["status"] == "allowed"
        found = await told(client, "move", deal="D-1", stage="closing")
        assert [*rules(found)] == ["closing/by"]
        found = await told(client, "set", deal="D-1", fields={"discount": 10})
        assert (found["status"], [*rules(found)]) == ("refused", ["field/discount/by"])
        assert found["says"] == ["Refused: nothing was set."]

    asked(db, begins)
    person("log", "D-1", "call", by="aine.daly")
    person("log", "D-1", "offer_read", "good", by="aine.daly")
    asked(db, goes_on, at=AT + 2 * 10**8)


def test_an_exception_is_a_persons(db: Path) -> None:
    rule = "found/activity/research"

    async def asks(client: Client) -> str:
        found = await told(
            client, "request_waiver", deal="D-1", rule=rule, reason="an old customer"
        )
        assert found["says"] == ["It is asked for; nothing is waived until a manager approves it."]
        known: str = found["data"]["id"]
        again = await told(client, "request_waiver", deal="D-1", rule=rule, reason="once more")
        assert again["says"] == ["It was asked for already; a manager has to answer."]
        return known

    async def moves(client: Client) -> dict[str, Any]:
        await told(client, "set", deal="D-1", fields={"website": "example.com"})
        return await told(client, "move", deal="D-1", stage="contacted")

    known = asked(db, asks)
    with Ledger.open(db, reading=True) as ledger:
        (request,) = ledger.waiver_requests.of("D-1")
        assert (request.actor, request.origin) == ("scout", "agent")
        assert ledger.verify().fault is None
    shown = say("waiver", "list", db=db, clock=AT + 10**8)
    assert "asked for by scout (agent), " in shown.out
    listed = say("waiver", "list", "--format", "json", db=db, clock=AT + 10**8)
    assert [each["origin"] for each in json.loads(listed.out)["requests"]] == ["agent"]
    later = AT + 10**8
    assert say("waiver", "approve", known, "--by", "scout", db=db, clock=later).status == 2
    assert say("waiver", "approve", known, "--by", "rory.walsh", db=db, clock=later).status == 0
    assert asked(db, moves, at=AT + 2 * 10**8)["status"] == "allowed"


# Questions


def test_questions(db: Path) -> None:
    async def visit(client: Client) -> None:
        found = await told(client, "deals", stage="found", limit=1)
        assert found["says"] == ["2 deals; the data has 1, the neediest first."]
        found = await told(client, "allowed", deal="D-1")
        assert "Into lost: refused by lost/entry/lost_reason, lost/by." in found["says"]
        found = await told(client, "explain_rule", rule="closing/by")
        assert found["data"]["may_waive"] == ["manager"]
        assert found == await told(client, "explain_rule", rule="closing/by", deal="D-2")
        assert found == await told(client, "explain_rule", rule="closing/by", playbook="agents")
        found = await told(client, "check", deal="D-1", stage="contacted")
        assert (found["status"], found["data"]["recorded"]) == ("refused", False)
        found = await told(client, "audit_summary")
        assert found["data"]["adherence"]["adherence"] == 1.0
        assert (await told(client, "history", deal="D-1"))["data"]["entries"]

    asked(db, visit, writes=False)


def test_what_is_wrong_is_an_answer(db: Path) -> None:
    async def visit(client: Client) -> list[str]:
        calls: tuple[tuple[str, dict[str, Any]], ...] = (
            ("nothing", {}),
            ("next", {}),
            ("next", {"deal": 7}),
            ("next", {"deal": "D-9"}),
            ("deals", {"limit": True}),
            ("deals", {"limit": 0}),
            ("deals", {"rep": " "}),
            ("deals", {"team": ["x"]}),
            ("explain_rule", {}),
            ("explain_rule", {"rule": "no/such"}),
            ("explain_rule", {"rule": "closing/by", "deal": "D-9"}),
            ("audit_summary", {"deal": "D-1"}),
            ("move", {"deal": "D-1", "stage": "nowhere"}),
            ("log", {"deal": "D-1", "activity": "dance"}),
            ("set", {"deal": "D-1", "fields": {"amount": "much"}}),
            ("set", {"deal": "D-1", "fields": {}}),
        )
        return [
            (await told(client, *each[:1], **each[1]))["data"]["error"]["code"] for each in calls
        ]

    assert asked(db, visit) == [
        "unknown-name",
        "missing-key",
        "wrong-type",
        "no-deal",
        "wrong-type",
        "wrong-value",
        "wrong-value",
        "wrong-type",
        "missing-key",
        "unknown-name",
        "no-deal",
        "unknown-key",
        *(["unknown-name"] * 2),
        "wrong-value",
        "wrong-value",
    ]


def test_resources(db: Path) -> None:
    async def visit(client: Client) -> None:
        shown = (await client.list_resources()).resources
        assert [each.uri for each in shown] == [
            "playgate://playbooks/agents@1",
            "playgate://reports/audit",
        ]
        texts = [(await client.read_resource(each.uri)).contents[0] for each in shown]
        assert texts[0].text.startswith("# Agents and people at one desk")  # type: ignore[union-attr]
        assert len(json.loads(texts[1].text)["stages"]) == 7  # type: ignore[union-attr]
        for wrong in ("playgate://playbooks/none", "playgate://x", "file:///etc/passwd"):
            with pytest.raises(Exception, match=r"there is no such|has no playbook"):
                await client.read_resource(wrong)

    asked(db, visit, writes=False)


# As a process


def test_over_standard_input_and_output(db: Path) -> None:
    words = ("-m", "playgate.cli.main", "mcp", "--by", "scout", "--write")
    host = StdioServerParameters(command=sys.executable, args=[*words], env=environment(db))

    async def run() -> list[str]:
        async with Client(stdio_client(host)) as client:
            assert "move" in await names(client)
            calls = (("log", {"activity": "research"}), ("move", {"stage": "contacted"}))
            return [
                (await told(client, tool, deal="D-1", **more))["status"] for tool, more in calls
            ]

    assert anyio.run(run) == ["recorded", "refused"]
    with Ledger.open(db, reading=True) as known:
        assert known.decisions.of("D-1")[-1].allowed == 0


def test_the_command_line_says_what_is_wrong(db: Path, tmp_path: Path) -> None:
    said = say("mcp", "--write", db=db)
    assert (said.status, "who is the agent?" in said.err) == (2, True)
    said = say("mcp", db=tmp_path / "none.db")
    assert (said.status, "no ledger" in said.err) == (2, True)


# The example


def test_the_example_is_clean_and_its_cases_pass() -> None:
    assert lint_playbook(EXAMPLE.read_bytes(), str(EXAMPLE)) == []
    assert cases.main([str(EXAMPLE)], standalone_mode=False) == 0
    assert load_playbook(EXAMPLE).may_waive == ("manager",)
