"""What is true of every playbook and every history."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from playgate.audit.result import AuditResult, RuleTally
from playgate.audit.run import Audit, audit_spool
from playgate.audit.summary import summarize
from playgate.history.deal import Deal
from playgate.history.order import settle
from playgate.history.part import PartOfDeals
from playgate.history.spool import Spool
from playgate.judge.verdict import Verdict
from playgate.records import replace as changed
from support.parity import Example, as_case, differences, judged
from support.strategies import activities, examples, waivers

TESTS = Path(__file__).parent.parent

law = settings(
    max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def report(example: Example) -> AuditResult:
    note(as_case(example))
    return example.audit()


def verdicts(example: Example) -> dict[tuple[str, str], str]:
    """By deal and rule, of the deals that the playbook governs."""
    assert example.as_of is not None
    return {
        (deal.id, rule.rule.info.id): verdict.verdict if verdict else "not applicable"
        for deal, rule, verdict in judged(example, as_of=example.as_of)
    }


@law
@given(examples())
def test_the_real_judge_says_what_the_naive_one_says(example: Example) -> None:
    note(as_case(example))
    assert differences(example) == []


@law
@given(examples(apart=True), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_where_none_are_at_once(
    example: Example, rng: Random
) -> None:
    mixed = list(example.events)
    rng.shuffle(mixed)
    assert replace(example, events=mixed).audit() == report(example)


@law
@given(examples())
def test_events_after_as_of_do_not_matter(example: Example) -> None:
    assert example.as_of is not None
    earlier = [event for event in example.events if event.happened_at <= example.as_of]
    assert _but_duplicates(replace(example, events=earlier).audit()) == _but_duplicates(
        report(example)
    )


def _but_duplicates(result: AuditResult) -> AuditResult:
    return changed(result, history=changed(result.history, duplicates=0))


@law
@given(examples(deals=4))
def test_deals_are_judged_together_as_one_by_one(example: Example) -> None:
    together = report(example)
    names = sorted({event.deal for event in example.events})
    alone = [
        replace(example, events=[event for event in example.events if event.deal == name]).audit()
        for name in names
    ]
    findings = [finding for result in alone for finding in result.findings]
    assert len(findings) == len(together.findings)
    assert all(finding in together.findings for finding in findings)
    for index, tally in enumerate(together.rules):
        assert (tally.met, tally.unmet, tally.waived, tally.not_applicable) == _sums(
            result.rules[index] for result in alone
        )
    assert together.history.left_out == sum(result.history.left_out for result in alone)


def _sums(tallies: Iterable[RuleTally]) -> tuple[int, ...]:
    rows = [(each.met, each.unmet, each.waived, each.not_applicable) for each in tallies]
    return tuple(map(sum, zip(*rows, strict=True)))


@law
@given(st.data())
def test_an_added_activity_never_unmakes_a_met_activity_rule(data: st.DataObject) -> None:
    """Any activity, also one that does not count: at worst the stage's `when` no longer holds."""
    example = data.draw(examples(deals=1))
    added = data.draw(activities(example.book))
    note(as_case(example))
    more = replace(example, events=[*example.events, added._replace(line=999)])
    after = verdicts(more)
    for key, before in verdicts(example).items():
        if before == "met" and ("/activity/" in key[1] or "/within/" in key[1]):
            assert after.get(key, "left out") in ("met", "not applicable", "left out"), key


@law
@given(st.data())
def test_an_added_waiver_only_turns_unmet_into_waived(data: st.DataObject) -> None:
    example = data.draw(examples(deals=1))
    added = data.draw(waivers(example.book))
    note(as_case(example))
    before = verdicts(example)
    after = verdicts(replace(example, events=[*example.events, added._replace(line=999)]))
    assert before.keys() == after.keys()
    for key, verdict in before.items():
        allowed = ("unmet", "waived") if verdict == "unmet" else (verdict,)
        assert after[key] in allowed, key


@law
@given(examples())
def test_rows_that_come_twice_change_nothing_but_their_count(example: Example) -> None:
    once = report(example)
    twice = replace(example, events=[*example.events, *example.events]).audit()
    assert _but_duplicates(twice) == _but_duplicates(once)
    assert twice.history.duplicates == once.history.duplicates + len(example.events)


@law
@given(examples(deals=4))
def test_every_rule_has_one_verdict_for_each_deal_judged(example: Example) -> None:
    result = report(example)
    judged_deals = result.playbooks[0].deals
    assert judged_deals == result.history.deals - result.history.left_out
    for tally in result.rules:
        given_ = tally.met + tally.unmet + tally.waived + tally.not_applicable
        assert given_ == judged_deals
        found = [each for each in result.findings if each.rule.id == tally.rule.id]
        assert len(found) == tally.unmet + tally.waived
        assert len({each.deal for each in found}) == len(found)


@law
@given(examples(deals=4), st.integers(1, 40))
def test_a_history_that_went_to_disk_is_audited_alike(example: Example, limit: int) -> None:
    with Spool(limit=limit) as spool:
        for first in range(0, len(example.events), 10):
            spool.extend(example.events[first : first + 10])
        spilled = audit_spool(example.playbook, spool, people=example.team, as_of=example.as_of)
    assert spilled == report(example)


@pytest.mark.thorough
@law
@given(examples(deals=8), st.integers(1, 3))
def test_what_is_shown_is_the_same_where_nothing_else_is_worded(
    example: Example, parts: int
) -> None:
    """Also where several audits of some deals each are put together."""
    whole = report(example)
    found = [_shown(example, PartOfDeals(number, parts)) for number in range(parts)]
    for other in found[1:]:
        found[0].absorb(other.found())
    shown = found[0].result()
    assert shown.summary == whole.summary == summarize(whole.findings, whole.problems)
    assert list(shown.findings) == list(whole.summary.findings)
    assert shown.problems == ()


def _shown(example: Example, part: PartOfDeals) -> Audit:
    audit = Audit(
        example.playbook, people=example.team, as_of=example.as_of, sources=(), shown=True
    )
    with Spool() as spool:
        spool.extend(each for each in example.events if part[each.deal])
        audit.judge(spool)
    return audit


@law
@given(examples())
def test_made_good_from_the_instant_that_is_told(example: Example) -> None:
    """As of that instant the audit says made good, just before it open."""
    for finding in report(example).findings:
        at = finding.made_good_at
        if at is None or at <= finding.due_at:
            continue
        for as_of, state in ((at, "made-good"), (at - 1, "open")):
            earlier = [
                each
                for each in replace(example, as_of=as_of).audit().findings
                if (each.deal, each.rule.id) == (finding.deal, finding.rule.id)
            ]
            assert [(each.due_at, each.state) for each in earlier] == [(finding.due_at, state)]


# --- Whom a playbook governs ---------------------------------------------------------------------

OWNER = {"field": "owner", "is": "present"}
ALWAYS = {"any": [OWNER, {"not": OWNER}]}


def told(example: Example) -> tuple[object, ...]:
    """All that an audit says, but for places in the playbook."""
    result = report(example)
    findings = [
        (
            each.deal,
            each.rule.id,
            each.due_at,
            each.state,
            each.made_good_at,
            each.cause,
            each.actor,
        )
        for each in result.findings
    ]
    counts = [(each.rule.id, each.met, each.unmet, each.waived) for each in result.rules]
    return result.history, findings, counts, result.problems, result.unknown_names


@law
@given(examples(without=("applies_to",)))
def test_to_govern_all_deals_always_changes_nothing(example: Example) -> None:
    governed = replace(example, book={**example.book, "applies_to": ALWAYS})
    assert told(governed) == told(example)


@law
@given(examples(without=("applies_to",)))
def test_what_is_never_governed_is_not_judged(example: Example) -> None:
    never = replace(example, book={**example.book, "applies_to": {"not": ALWAYS}})
    result = report(never)
    assert (result.findings, result.unknown_names, result.problems) == ((), (), ())
    assert result.history.left_out == result.history.deals == report(example).history.deals


@law
@given(examples(deals=4))
def test_a_finding_falls_due_while_its_deal_is_governed(example: Example) -> None:
    """Cut off after the finding's instant, the deal is governed as of its last move."""
    judge, reader = example.judge()
    for finding in report(example).findings:
        events = settle([each for each in example.events if each.deal == finding.deal]).events
        deal = reader.read(finding.deal, events, finding.due_at)
        if finding.to_stage or not deal.events or example.book.get("grace"):
            continue
        is_match = finding.rule.family == "before"
        assert is_match or not deal.moves or judge.governs(deal), finding.rule.id


# --- The Law of the live gate --------------------------------------------------------------------

RANK = {"met": 0, "waived": 1, "unmet": 2}


@law
@given(examples(without=("grace",), deals=1))
def test_the_law(example: Example) -> None:
    """What the gate says move by move, put together, is what the audit says of moves."""
    rows = [event._replace(recorded_at=event.happened_at) for event in example.events]
    example = replace(example, events=rows)
    note(as_case(example))
    assert example.as_of is not None
    live = _replayed(example)
    for deal, rule, verdict in judged(example, as_of=example.as_of):
        if rule.at_last_move is not None:
            note(rule.rule.info.id)
            _check_law(deal, live.get(rule.rule.info.id), verdict)


def _replayed(example: Example) -> dict[str, tuple[str, int, str]]:
    """By rule the verdicts of its moves put together: the verdict, its instant and its stage."""
    judge, reader = example.judge()
    settled = settle(example.events).events
    ordered = sorted(settled, key=lambda event: (event.happened_at, event.kind == "stage"))
    live: dict[str, tuple[str, int, str]] = {}
    for index, event in enumerate(ordered):
        if event.kind != "stage" or event.happened_at > (example.as_of or 0):
            continue
        deal = reader.read(event.deal, ordered[: index + 1], event.happened_at)
        if not deal.events or deal.events[-1] is not event or not judge.governs(deal):
            continue
        for rule in judge.rules:
            verdict = rule.at_last_move(deal) if rule.at_last_move else None
            if verdict is None:
                continue
            assert verdict.due.position == len(deal.events) - 1
            now = (verdict.verdict, verdict.due.at, event.name)
            earlier = live.get(rule.rule.info.id, ("met", 0, ""))
            if rule.rule.info.id not in live or RANK[now[0]] > RANK[earlier[0]]:
                live[rule.rule.info.id] = now
    return live


def _check_law(deal: Deal, live: tuple[str, int, str] | None, verdict: Verdict | None) -> None:
    if verdict is None:
        assert live is None
        return
    event = deal.events[verdict.due.position] if verdict.due.position >= 0 else None
    if event is not None and event.kind == "stage":
        assert live == (verdict.verdict, verdict.due.at, event.name)
    elif live is not None:  # judged at an activity, a field or as of: moves said nothing worse
        assert RANK[live[0]] <= RANK[verdict.verdict]
        assert RANK[live[0]] < RANK[verdict.verdict] or live[1] >= verdict.due.at


# --- Nothing hidden ------------------------------------------------------------------------------

PRINTS = """
from playgate.report.audit_json import render
from support.parity import drawn
for seed in range(4):
    print("".join(render(drawn(seed, deals=6).audit())))
"""


def _printed(hash_seed: str) -> str:
    path = os.pathsep.join([str(TESTS), *sys.path])
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", PRINTS], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.thorough
@pytest.mark.parametrize("hash_seed", ["1", "2026"])
def test_the_report_does_not_hang_on_hash_seeds(hash_seed: str) -> None:
    assert _printed(hash_seed) == _printed("0") != ""


def test_an_empty_history_is_audited() -> None:
    ends = [{"stage": "won", "ends": "won"}, {"stage": "lost", "ends": "lost"}]
    stages = [{"stage": "a"}, *ends]
    book = {"playbook": "p", "version": 1, "stages": stages}
    result = Example(book, []).audit()
    assert (result.as_of, result.findings, result.playbooks[0].deals) == (None, (), 0)
