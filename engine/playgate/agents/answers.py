"""What a tool answers: words of ours and of the playbook, and beside them the data.

Words say what became of it and what to do next. Texts of deals, and what people and CRMs wrote,
stand in the data alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playgate.agents.guidance import Guide
from playgate.agents.tools import TOOLS, Tool, checked
from playgate.agents.visitor import Visitor
from playgate.auditing.of_ledger import audit_ledger
from playgate.auditing.select import Scope
from playgate.conditions.phrases import somebody
from playgate.enforce.contract import takes
from playgate.enforce.deal_list import list_deals
from playgate.enforce.deals_named import Named, wanted
from playgate.enforce.live import Live
from playgate.enforce.requests import Requests
from playgate.enforce.values import (
    Allowed,
    Decision,
    LiveResult,
    RecordedFact,
    StageAnswer,
    Standing,
    UnmetRule,
    WaiverRequest,
)
from playgate.enforce.which_playbook import named_playbook
from playgate.errors import CODES, InputError
from playgate.ledger.store import Ledger
from playgate.model.playbook import Playbook
from playgate.records import Record, replace
from playgate.report import audit_json, deal_list, headline
from playgate.report.error_json import error_object
from playgate.report.json_text import json_pieces
from playgate.report.live_json import render
from playgate.report.playbook_json import rule_object
from playgate.report.rule_words import beside_title
from playgate.report.words import plural, visible
from playgate.rules.list import Rule, list_rules

__all__ = ["Answer", "Counter", "wrong"]

_SUMMARY = ("playbooks", "as_of", "history", "adherence", "stages", "rules", "actors")


class Answer(Record, kw_only=True):
    """The answer of a tool."""

    status: str
    """`told`, `recorded`, `allowed`, `refused`, or `wrong`."""
    says: Sequence[str]
    """Sentences, without a word that stands on a deal."""
    mends: Sequence[Mapping[str, Any]] = ()
    """What is to be done about each rule that is not met."""
    lines: Sequence[str] = ()
    """The same as text."""
    data: Mapping[str, Any]
    """The answer as the command line has it."""


class Counter(Record):
    """Where an agent's calls are answered, from one ledger."""

    db: str
    visitor: Visitor
    now: Callable[[], int]

    def answer(self, requests: Requests, name: str, arguments: Mapping[str, Any]) -> Answer:
        """Returns the answer of a tool; raises `InputError` for what it does not allow."""
        self.visitor.refuse_beyond(name)
        tool = TOOLS[name]
        told = checked(name, arguments)
        if tool.records:
            requests.look(self.visitor.refuse_person)
        if tool.command:
            return self._live(requests, tool, told)
        match name:
            case "deals":
                return self._deals(requests, told)
            case "explain_rule":
                return self._rule(requests, told)
            case _:
                return self._audit()

    # Live commands

    def _live(self, requests: Requests, tool: Tool, told: Mapping[str, Any]) -> Answer:
        says_who = self.visitor.actor and takes(tool.command, "by")
        by = {"by": self.visitor.actor} if says_who else {}
        result = requests.do({**told, "command": tool.command, **by})
        guide = Guide(self.visitor, requests.look(self.visitor.roles))
        mends = [guide.mend(each) for each in _demands(result)]
        return Answer(
            status=_status(result, tool),
            says=_says(result),
            mends=mends,
            lines=[*guide.lines(mends)],
            data=json.loads(render(result)),
        )

    # All others

    def _deals(self, requests: Requests, told: Mapping[str, Any]) -> Answer:
        names = {key: (told[key],) for key in ("rep", "team", "stage", "playbook") if key in told}
        named = Named(
            reps=names.get("rep", ()),
            teams=names.get("team", ()),
            stages=names.get("stage", ()),
            playbooks=names.get("playbook", ()),
            due=told.get("due"),
            ended=told.get("ended", False),
        )
        limit = told.get("limit", 50)

        def listed(live: Live) -> tuple[int, str]:
            found = list_deals(live, wanted(live, named, at=live.now), at=live.now)
            shown = replace(found, deals=found.deals[:limit])
            return len(found.deals), "".join(deal_list.as_json(shown))

        count, text = requests.look(listed)
        shown = min(count, limit)
        says = f"{plural(count, 'deal')}; the data has {shown}, the neediest first."
        return Answer(status="told", says=[says], data=json.loads(text))

    def _rule(self, requests: Requests, told: Mapping[str, Any]) -> Answer:
        playbook, rule = requests.look(lambda live: _found_rule(live, told))
        info = rule.info
        own = rule.may_waive if rule.may_waive is not None else playbook.may_waive
        may = "anybody" if own is None else " or ".join(own) or "nobody"
        says = [
            f"{info.id} of {playbook.name} version {playbook.version}: {visible(info.title)}"
            f"{visible(beside_title(rule, playbook))}.",
            _LEVELS[info.level],
            *([f"Why: {visible(info.why)}"] if info.why else []),
            *([f"Ask: {visible(info.ask)}"] if info.ask else []),
            f"Who may make an exception: {may}.",
        ]
        return Answer(status="told", says=says, data={"kind": "rule", **rule_object(rule)})

    def _audit(self) -> Answer:
        with Ledger.open(self.db, reading=True) as ledger:
            result = audit_ledger(ledger, Scope(now=self.now()), shown=True)
        report = audit_json.report(result)
        summary = {key: report[key] for key in _SUMMARY}
        data = json.loads("".join(json_pieces(summary)))
        says = [*headline.headline(result).lines, " ".join(headline.verdict(result))]
        return Answer(status="told", says=says, data={"kind": "audit", **data})


_LEVELS = {
    "block": "It refuses a move.",
    "warn": "It warns, and lets the move pass.",
    "observe": "It is only recorded.",
}


def _found_rule(live: Live, told: Mapping[str, Any]) -> tuple[Playbook, Rule]:
    playbook = _playbook(live, told)
    rules = {each.info.id: each for each in list_rules(playbook)}
    rule = rules.get(told["rule"])
    if rule is None:
        message = f"{playbook.name} has no such rule"
        raise InputError(message, hint="its rules: " + ", ".join(rules), code="unknown-name")
    return playbook, rule


def _playbook(live: Live, told: Mapping[str, Any]) -> Playbook:
    """Returns the playbook that is meant: of a deal, of a name, or the only one."""
    if "deal" in told:
        return live.pinned(live.row(live.known_as(told["deal"])))
    if "playbook" in told:
        return named_playbook(live, told["playbook"])
    names = {row.name for row in live.ledger.playbooks.all()}
    if len(names) != 1:
        hint = f"say deal, or playbook: {', '.join(sorted(names)) or 'none is published'}"
        raise InputError("which playbook?", hint=hint, code="which-playbook")
    return named_playbook(live, names.pop())


def _demands(result: LiveResult) -> Sequence[UnmetRule]:
    """Returns the rules that are not met, those that refuse first."""
    found: tuple[UnmetRule, ...] = ()
    match result:
        case Decision() | RecordedFact():
            found = result.demands
        case Standing():
            found = result.decision.demands if result.decision else ()
        case Allowed():
            every = (each for stage in result.stages for each in stage.decision.demands)
            found = tuple({each.finding.rule.id: each for each in every}.values())
        case _:
            return ()
    shown = (each for each in found if each.finding.rule.level != "observe")
    return sorted(shown, key=lambda each: not each.refuses)


def _status(result: LiveResult, tool: Tool) -> str:
    if isinstance(result, Decision):
        return "allowed" if result.allowed else "refused"
    return "recorded" if tool.records else "told"


def _says(result: LiveResult) -> list[str]:
    match result:
        case Decision():
            return _decided(result)
        case RecordedFact():
            said = "Recorded under your name." if result.added else "Nothing was changed."
            return [said, *_noted(result.note)]
        case Standing():
            return _stands(result)
        case Allowed():
            return [*map(_into, result.stages)]
        case WaiverRequest():
            return [_requested(result)]
        case _:
            return ["The answer is in the data."]


def _into(answer: StageAnswer) -> str:
    decision = answer.decision
    if decision.allowed:
        return f"Into {answer.stage}: a move would be let through."
    rules = ", ".join(each.finding.rule.id for each in decision.demands if each.refuses)
    return f"Into {answer.stage}: refused by {rules or 'what the data notes'}."


def _requested(request: WaiverRequest) -> str:
    who = somebody(request.may_answer) if request.may_answer else "somebody else"
    if request.note:
        return f"It was asked for already; {who} has to answer."
    return f"It is asked for; nothing is waived until {who} approves it."


def _decided(decision: Decision) -> list[str]:
    what = f"the move into {decision.to_stage}"
    if decision.fields and not decision.to_stage:
        said = "Refused: nothing was set."
    elif not decision.allowed:
        said = f"Refused: {what} was not made." if decision.recorded else f"Refused: {what}."
    elif decision.is_question:
        said = f"Allowed: {what} may be made in the CRM."
    elif decision.recorded:
        said = f"Done: {what} was made."
    else:
        said = f"Allowed: {what}."
    shadow = (
        ["The ledger only shadows: it would have been refused."] if decision.would_refuse else []
    )
    return [said, *shadow, *_noted(decision.note)]


def _stands(standing: Standing) -> list[str]:
    said = [f"It is in {standing.stage}." if standing.stage else "It is in no stage yet."]
    if not standing.governed:
        return [*said, "Its playbook does not govern it, so that no move is judged."]
    if standing.next_stage and standing.decision is not None:
        let = "would be let through" if standing.decision.allowed else "would be refused"
        said.append(f"A move into {standing.next_stage} {let} now.")
    return said


def _noted(note: str) -> list[str]:
    return ["There is a note in the data."] if note else []


_TOOLS_FOR: Mapping[str, str] = {
    "no-deal": "The tool deals lists the deals.",
    "unknown-name": "The resources have the playbooks, with all their names.",
    "may-not": "Only a person can let you: the data says how.",
    "wrong-record": "The record is kept elsewhere: the data says how.",
    "took-too-long": "Try again once; then ask a person.",
    "ledger-busy": "Try again once; then ask a person.",
    "bug": "Ask a person.",
}


def wrong(error: InputError) -> Answer:
    """Returns the answer that tells what is wrong with a call; nothing of it was recorded."""
    data = error_object(error)
    code = data["error"]["code"]
    meant = CODES.get(code, "What was given cannot be used, for the reason that the data gives.")
    says = ["Nothing was recorded.", meant, *filter(None, [_TOOLS_FOR.get(code, "")])]
    return Answer(status="wrong", says=says, data=data)
