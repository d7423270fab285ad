"""Decides on an attempted move, as a pure function of a deal's events and the attempt.

The move is judged with the attempted stage event added. The rules that fall due at it are asked,
and at the values of fields that come with it, and those whose family asks again
(`rules/families.py`), where they fell due since the deal's first live decision and are still open.
Any of them that is unmet at level `block` refuses.

Values of fields that are set by themselves are decided on in the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from playgate.history.deal import Deal, DealReader
from playgate.history.event import Event, event_id
from playgate.judge.after_verdict import is_made_good, made_good_at
from playgate.judge.judge import CompiledRule, Judge
from playgate.judge.verdict import Verdict
from playgate.records import Record
from playgate.rules.due import AtEntry

__all__ = ["Answer", "Ruling", "deal_as_of", "decide", "decide_values"]

_HAPPENED = itemgetter(1)
_KIND = itemgetter(2)


class Answer(NamedTuple):
    """The answer of one rule that the attempt does not meet."""

    rule: CompiledRule
    verdict: Verdict
    refuses: bool


class Ruling(Record):
    """What the judge says of an attempt."""

    deal: Deal
    """The deal with the attempted move as its last event."""
    answers: tuple[Answer, ...]
    """The unmet and waived rules, in the order of the playbook."""
    governed: bool
    """Whether the playbook governs the deal as of the attempt; if not, no rule was asked."""
    gives_up: bool
    """Whether the attempt is into a lost stage, which only that stage's own rules refuse."""

    @property
    def allowed(self) -> bool:
        """Whether nothing refuses: a deal that is not governed has no gate to go through."""
        if not self.governed:
            return self.gives_up
        return not any(answer.refuses for answer in self.answers)


def decide(
    judge: Judge,
    reader: DealReader,
    events: Sequence[Event],
    attempt: Event,
    *,
    since: int | None,
    now: int,
    values: Collection[str] = (),
) -> Ruling:
    """Judges `attempt` (a stage event, not before the deal's last one) on top of `events`, among
    which those with the ids `values` are values of fields that come with it.

    `since` is when the deal's first live decision was made, `None` where this is the first; `now`
    is when the attempt is made, by which waivers must have been recorded.
    """
    at = attempt.happened_at
    deal = deal_as_of(reader, attempt.deal, [*events, attempt], at=at, now=now)
    gives_up = attempt.name in judge.track.lost
    if not judge.governs(deal):
        return Ruling(deal, (), False, gives_up)
    answers = _answers(judge, deal, at if since is None else since, now, values)
    return Ruling(deal, tuple(answers), True, gives_up)


def decide_values(
    judge: Judge, reader: DealReader, events: Sequence[Event], values: Sequence[Event], *, now: int
) -> tuple[Deal, tuple[Answer, ...]]:
    """Judges values of fields, all of one instant, which stand among `events`.

    Returns the deal as of them, and the rules that they do not meet, in the order of the playbook.
    """
    at = values[0].happened_at
    deal = deal_as_of(reader, values[0].deal, events, at=at, now=now)
    places = _places(deal, [event.event_id for event in values])
    answers = []
    for rule in judge.rules:
        unmet = _unmet_at(rule, deal, places) if rule.rule.row.live == "refuses-values" else None
        if unmet is not None:
            verdict = _lifted(rule, deal, unmet, unmet.due.position, now)
            answers.append(Answer(rule, verdict, _blocks(rule, verdict)))
    return deal, tuple(answers)


def _blocks(rule: CompiledRule, verdict: Verdict) -> bool:
    return verdict.verdict == "unmet" and rule.rule.info.level == "block"


def _places(deal: Deal, values: Collection[str]) -> frozenset[int]:
    """Returns the positions of the values of fields that come with an attempt, by their ids."""
    if not values:
        return frozenset()
    ids = frozenset(values)
    return frozenset(
        position
        for position, event in enumerate(deal.events)
        if event.kind == "field" and event_id(event) in ids
    )


def _unmet_at(rule: CompiledRule, deal: Deal, places: Collection[int]) -> Verdict | None:
    """Returns the verdict on a rule that is due at values, where they do not meet it."""
    if not places or rule.at_events is None:
        return None
    verdict = rule.at_events(deal, places)
    return None if verdict is None or verdict[0] == "met" else verdict


def deal_as_of(
    reader: DealReader, deal: str, events: Sequence[Event], *, at: int, now: int
) -> Deal:
    """Returns the deal's facts as of `at`, and every waiver that was recorded by `now`.

    `events` come from a ledger: each once, in the order in which they were recorded.
    """
    seen = list(events)
    if "waiver" in map(_KIND, seen):
        seen = [
            event._replace(happened_at=at)
            if event.kind == "waiver" and at < event.happened_at <= now
            else event
            for event in events
        ]
    seen.sort(key=_HAPPENED)
    return reader.read(deal, seen, at)


def _answers(
    judge: Judge, deal: Deal, since: int, now: int, values: Collection[str]
) -> Iterator[Answer]:
    attempted = deal.moves[-1]
    into = deal.move_into[-1]
    # A move into a lost stage is refused by that stage's own rules alone.
    alone = AtEntry(into) if into in judge.track.lost else None
    places = _places(deal, values)
    found = _not_met(judge, deal, attempted, since, places)
    for index in sorted(found):
        rule, (verdict, may_refuse) = judge.rules[index], found[index]
        position = verdict.due.position
        verdict = _lifted(rule, deal, verdict, position if position in places else attempted, now)
        refuses = may_refuse and _blocks(rule, verdict)
        yield Answer(rule, verdict, refuses and (alone is None or rule.rule.due == alone))


def _not_met(
    judge: Judge, deal: Deal, attempted: int, since: int, places: Collection[int]
) -> dict[int, tuple[Verdict, bool]]:
    """Returns, by the place of each rule that is not met, its verdict and whether it may refuse."""
    found: dict[int, tuple[Verdict, bool]] = {}
    for index, verdict in judge.unmet_at_passings(deal):
        rule = judge.rules[index]
        if rule.rule.row.live != "asks-again" and verdict.due.position != attempted:
            continue  # who was not to be pursued is told once
        asked = _still_asked(rule, deal, verdict, attempted, since)
        if asked is not None:
            found[index] = asked
    at_move = judge.asked_at_move(deal.move_into[-1])
    for index, at_last_move in at_move.only_then:
        unmet = at_last_move(deal)
        if unmet is not None and unmet[0] != "met":
            found[index] = unmet, True
    for index, rule in at_move.of_values if places else ():
        unmet = _unmet_at(rule, deal, places)
        if unmet is not None:
            found[index] = unmet, True
    for index, rule in at_move.others:
        if rule.may_be_missed is not None and not rule.may_be_missed(deal):
            continue  # nor is a silence told that ended before
        if rule.rule.row.live == "asks-again":
            asked = _asked_again(rule, deal, attempted, since)
        else:
            asked = _reported(rule, deal)
        if asked is not None:
            found[index] = asked
    if deal.waivers:
        for index, rule in enumerate(judge.rules):
            before = None if index in found else _waived_before(rule, deal)
            if before is not None:
                found[index] = before
    return found


def _asked_again(
    rule: CompiledRule, deal: Deal, attempted: int, since: int
) -> tuple[Verdict, bool] | None:
    """Returns the verdict that falls due now, or fell due before and is still open, if any."""
    if rule.each is None:
        verdict = rule.judge(deal)
        if verdict is None or verdict[0] == "met":
            return None
        return _still_asked(rule, deal, verdict, attempted, since)
    each = [
        _still_asked(rule, deal, one, attempted, since)
        for one in rule.each(deal)
        if one.verdict != "met"
    ]
    found = [one for one in each if one is not None]
    # One answer to a rule: one that refuses comes before one that is only reported.
    return min(found, key=lambda each: not each[1], default=None)


def _still_asked(
    rule: CompiledRule, deal: Deal, verdict: Verdict, attempted: int, since: int
) -> tuple[Verdict, bool] | None:
    if verdict.due.position == attempted:
        return verdict, True
    if verdict.verdict == "unmet" and not is_made_good(rule, deal, verdict):
        return verdict, verdict.due.at >= since
    return None


def _reported(rule: CompiledRule, deal: Deal) -> tuple[Verdict, bool] | None:
    """Returns the verdict of a time limit, a limit or an `if`, which is told and never refuses.

    What this very move makes good (it ends a silence, or the deal) is told once more.
    """
    verdict = rule.judge(deal)
    if verdict is None or verdict.verdict != "unmet":
        return None
    good = made_good_at(rule, deal, verdict)
    return (verdict, False) if good is None or good >= deal.as_of else None


def _waived_before(rule: CompiledRule, deal: Deal) -> tuple[Verdict, bool] | None:
    """Returns the verdict that was waived earlier, as an exception hides nothing."""
    verdict = rule.judge(deal)
    if verdict is None or verdict.verdict != "waived":
        return None
    return verdict, False


def _lifted(rule: CompiledRule, deal: Deal, verdict: Verdict, attempted: int, now: int) -> Verdict:
    """Returns the verdict, waived where a waiver that is effective now covers it."""
    if verdict.verdict != "unmet" or not deal.waivers:
        return verdict
    at = deal.as_of
    actor = deal.events[attempted].actor
    for waiver in deal.waivers:
        if (
            waiver.effective <= max(now, at)
            and (waiver.expires is None or at <= waiver.expires)
            and rule.scope.excuses(waiver, actor)
        ):
            return verdict._replace(verdict="waived", waiver=waiver)
    return verdict
