"""Tries cases: a move by the code of the live gate, an audit by the judge; what differs comes back.

Nothing is written and no ledger is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from playgate.cases.model import APPLIES, AnswerKind, Attempt, Case, Named
from playgate.enforce.decide import decide
from playgate.errors import Place
from playgate.findings import Finding
from playgate.history.deal import Deal
from playgate.history.people import People
from playgate.judge.after_verdict import cause_of, charged_to, is_made_good
from playgate.judge.explain import Explainer
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.verdict import Verdict
from playgate.model.playbook import Playbook
from playgate.records import Record
from playgate.rules.list import Rule, glob_matches

__all__ = ["Bench", "CaseDifference", "CaseOutcome", "Heard", "Said", "concerns"]


class Heard(NamedTuple):
    """One rule's answer, unmet or waived."""

    rule: CompiledRule
    verdict: Verdict
    group: AnswerKind


class Said(NamedTuple):
    """All that the playbook says to a case, in its order."""

    deal: Deal
    heard: tuple[Heard, ...]
    governed: bool
    """Whether the playbook governs the deal: at the move that is asked about, else at any time."""
    has_no_gate: bool
    """Whether the move is refused because the deal is not governed, if the case looks at that."""


class CaseDifference(Record):
    """Where a case and its playbook disagree about a rule."""

    rule: str
    expected: str
    """What the case expects of the rule, in words."""
    seen: str
    """What the playbook says of it, in words."""
    place: Place
    """The place in the file of cases."""
    rule_place: Place
    """In the playbook."""
    message: str = ""
    """The finding's message, where there is one."""


class CaseOutcome(Record):
    """A case that was tried; it passes where nothing differs."""

    case: Case
    summary: str
    """What the playbook says, in a few words."""
    differences: tuple[CaseDifference, ...]

    @property
    def passed(self) -> bool:
        """Whether the playbook says what the case expects."""
        return not self.differences


class Bench:
    """A playbook, compiled to try the cases of one file."""

    def __init__(
        self, playbook: Playbook, people: People | None, *, rules: tuple[Rule, ...] | None = None
    ) -> None:
        self.judge = Judge(playbook, has_people=people is not None, rules=rules)
        # At the gate nobody holds a role where no people are known; an audit does not ask then.
        self._gate = Judge(playbook, has_people=True, rules=rules) if people is None else self.judge
        self._reader = self.judge.reader(people.roles) if people else self.judge.reader()
        self._explainer: Explainer | None = None

    def judge_of(self, case: Case) -> Judge:
        """Returns the judge that a case is tried by: the gate's, of a move."""
        return self._gate if isinstance(case.asked, Attempt) else self.judge

    def say(self, case: Case) -> Said:
        """Returns what the playbook says to a case."""
        if isinstance(case.asked, Attempt):
            return self._move(case, case.asked)
        return self._audit(case, case.asked)

    def _move(self, case: Case, asked: Attempt) -> Said:
        at = asked.event.happened_at
        # The gate could not know what was not recorded yet when it was asked.
        known = [event for event in case.events if event.recorded_at <= at]
        ruling = decide(self._gate, self._reader, known, asked.event, since=asked.since, now=at)
        heard = (
            Heard(each.rule, each.verdict, _group(each.rule, each.verdict, each.refuses))
            for each in ruling.answers
            if concerns(case, each.rule)
        )
        has_no_gate = not ruling.governed and not ruling.allowed and _looks_at(case, APPLIES)
        return Said(ruling.deal, tuple(heard), ruling.governed, has_no_gate)

    def _audit(self, case: Case, as_of: int) -> Said:
        deal = self._reader.read("the deal", case.events, as_of)
        heard = (
            Heard(rule, verdict, "observed" if _is_observed(rule) else "finds")
            for rule, verdict in zip(self.judge.rules, self.judge.judge(deal), strict=True)
            if verdict is not None and verdict.verdict != "met" and concerns(case, rule)
        )
        return Said(deal, tuple(heard), self.judge.ever_governs(deal), has_no_gate=False)

    # Comparing

    def fails(self, case: Case) -> bool:
        """Returns whether the playbook says anything but what the case expects."""
        said = self.say(case)
        if said.has_no_gate != (_applies(case) is not None):
            return True
        for group, named_there in case.expected.items():
            expected = [named for named in named_there if named.rule != APPLIES]
            heard = {each.rule.rule.info.id: each for each in said.heard if each.group == group}
            if len(heard) != len(expected):
                return True
            for named in expected:
                each = heard.get(named.rule)
                if each is None or any(_other_details(named, each, said.deal)):
                    return True
        return False

    def outcome(self, case: Case) -> CaseOutcome:
        """Tries a case and returns it with all its differences explained."""
        said = self.say(case)
        return CaseOutcome(case, _summary(case, said), tuple(self._differences(case, said)))

    def _differences(self, case: Case, said: Said) -> Iterator[CaseDifference]:
        yield from self._governing(case, said)
        heard = {each.rule.rule.info.id: each for each in said.heard}
        named_rules = {named.rule for group in case.expected.values() for named in group}
        for group, expected in case.expected.items():
            for named in expected:
                if named.rule == APPLIES:
                    continue
                judge = self.judge_of(case)
                yield from self._missing(group, named, heard.get(named.rule), said, judge)
            for rule_id, each in heard.items():
                if each.group == group and rule_id not in named_rules:
                    message = self._finding(each, said).message
                    yield CaseDifference(
                        rule_id,
                        _NOTHING[group],
                        _GROUPS[group],
                        case.then_place,
                        each.rule.rule.info.place,
                        message,
                    )

    def _governing(self, case: Case, said: Said) -> Iterator[CaseDifference]:
        """Yields the difference in whether the move is refused because the deal is not governed."""
        named, place = _applies(case), self.judge.playbook.place
        refuses, not_so = _GROUPS["refused"], _NOTHING["refused"]
        if said.has_no_gate and named is None:
            yield CaseDifference(APPLIES, not_so, refuses, case.then_place, place, _NOT_GOVERNED)
        elif named is not None and not said.has_no_gate:
            yield CaseDifference(APPLIES, refuses, not_so, named.place, place)

    def _missing(
        self, group: AnswerKind, named: Named, each: Heard | None, said: Said, judge: Judge
    ) -> Iterator[CaseDifference]:
        rule = next(rule for rule in judge.rules if rule.rule.info.id == named.rule)
        place = rule.rule.info.place
        if each is None:
            seen = self._silent(rule, said)
            yield CaseDifference(named.rule, _GROUPS[group], seen, named.place, place)
        elif each.group != group:
            message = self._finding(each, said).message
            yield CaseDifference(
                named.rule, _GROUPS[group], _GROUPS[each.group], named.place, place, message
            )
        elif details := list(_other_details(named, each, said.deal)):
            expected, seen = (", ".join(words) for words in zip(*details, strict=True))
            message = self._finding(each, said).message
            yield CaseDifference(named.rule, expected, seen, named.place, place, message)

    def _silent(self, rule: CompiledRule, said: Said) -> str:
        if not said.governed:
            return _NOT_GOVERNED
        verdict = rule.judge(said.deal)
        if verdict is None:
            return "not asked"
        return "met" if verdict.verdict == "met" else "not asked at this move"

    def _finding(self, each: Heard, said: Said) -> Finding:
        if self._explainer is None:
            self._explainer = Explainer(self.judge)
        attempted = said.deal.moves[-1] if each.group in ("refused", "warned", "waived") else -1
        return self._explainer.finding(each.rule, said.deal, each.verdict, attempt=attempted)


_GROUPS: dict[AnswerKind, str] = {
    "refused": "refuses",
    "warned": "warns",
    "waived": "waived",
    "finds": "found",
    "observed": "observed",
}
_NOTHING: dict[AnswerKind, str] = {
    "refused": "does not refuse",
    "warned": "does not warn",
    "waived": "not waived",
    "finds": "no finding",
    "observed": "not observed",
}


_NOT_GOVERNED = "the playbook does not apply to this deal"


def concerns(case: Case, rule: CompiledRule) -> bool:
    """Returns whether the case looks at the rule."""
    return _looks_at(case, rule.rule.info.id)


def _looks_at(case: Case, rule_id: str) -> bool:
    return not case.about or any(glob_matches(glob, rule_id) for glob in case.about)


def _applies(case: Case) -> Named | None:
    """Returns where the case expects a move to be refused because the deal is not governed."""
    refused = case.expected.get("refused", ())
    return next((named for named in refused if named.rule == APPLIES), None)


def _is_observed(rule: CompiledRule) -> bool:
    return rule.rule.info.level == "observe"


def _group(rule: CompiledRule, verdict: Verdict, refuses: bool) -> AnswerKind:
    if verdict.verdict == "waived":
        return "waived"
    if refuses:
        return "refused"
    return "observed" if _is_observed(rule) else "warned"


def _other_details(named: Named, each: Heard, deal: Deal) -> Iterator[tuple[str, str]]:
    """Yields what was expected and seen, for each detail that the case asks for and that
    differs."""
    if named.level and named.level != each.rule.rule.info.level:
        yield f"level {named.level}", f"level {each.rule.rule.info.level}"
    if named.state and named.state != (state := _state(each, deal)):
        yield named.state, state
    if named.cause and named.cause != (cause := cause_of(each.rule, deal, each.verdict)):
        yield f"cause {named.cause}", f"cause {cause or 'none'}"
    if named.charged and named.charged != (actor := charged_to(deal, each.verdict.due)):
        yield f"charged to {named.charged}", f"charged to {actor or 'nobody'}"


def _state(each: Heard, deal: Deal) -> str:
    if each.verdict.verdict == "waived":
        return "waived"
    return "made-good" if is_made_good(each.rule, deal, each.verdict) else "open"


def _summary(case: Case, said: Said) -> str:
    refusing = [each.rule.rule.info.id for each in said.heard if each.group == "refused"]
    refusing += [APPLIES] * said.has_no_gate
    if isinstance(case.asked, Attempt):
        return f"refused by {', '.join(refusing)}" if refusing else "allowed"
    found = [each.rule.rule.info.id for each in said.heard if each.group == "finds"]
    return f"finds {', '.join(found)}" if found else "clean"
