"""Columns find what the judge finds: finding by finding, and count by count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("numpy")
pytest.importorskip("pyarrow")
pytest.importorskip("ibis")  # what compares the results is shared with the relational engines

from columns.many import disagreements, example, limit
from playgate.audit.result import AuditResult
from playgate.audit.selection import Selection
from playgate.audit.verified import Verified, verified_events
from playgate.columns import kernels, run
from playgate.columns.check import Check
from playgate.columns.findings import DisagreementError
from playgate.columns.kernels import without_kernel
from playgate.columns.plan import Plan
from playgate.columns.rows import rows_of_events
from playgate.columns.verdicts import no_verdicts
from playgate.history.event import Event
from playgate.history.people import People, Person, read_people
from playgate.history.read import read_history
from playgate.judge.judge import Judge
from playgate.playbook.load import load_playbook
from playgate.report import audit_markdown, audit_text
from playgate.rules.asks import Done
from playgate.rules.due import AtDeadline
from support.bulk import differences
from support.columns import both
from support.constructs import CHOSEN
from support.parity import Example, as_case, drawn
from support.thorough import but_first

SAMPLES = Path(__file__).parents[2] / "playbooks"
SEEDS, MORE = 2_000, 500
LARGE, DEALS_OF_MOST = 16, 5
"""In the ordinary run one playbook in so many is large, and the others judge so few deals."""
DEALS = 60


def check(example: Example, **options: Any) -> tuple[AuditResult, AuditResult]:
    judged, found = both(
        example.playbook, example.events, people=example.team, as_of=example.as_of, **options
    )
    assert list(differences(judged, found)) == [], as_case(example)
    return judged, found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_of_generated_playbooks(seed: int) -> None:
    is_large = seed % LARGE == 0
    whole = example(seed) if is_large else drawn(seed, deals=DEALS_OF_MOST, small=True)
    assert disagreements(whole, limit(seed, whole)) == [], as_case(whole)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(SEEDS, SEEDS + MORE))
def test_of_generated_playbooks_over_more_deals(seed: int) -> None:
    whole = example(seed)
    assert disagreements(whole, limit(seed, whole)) == [], as_case(whole)


@pytest.mark.parametrize("seed", but_first(3, CHOSEN))
def test_of_playbooks_in_which_most_constructs_meet(seed: int) -> None:
    whole = drawn(seed, deals=DEALS, small=True)
    check(whole, limit=len(whole.events) // 2)


@pytest.mark.parametrize("name", ["bank-sales", "active-sales", "loan-application"])
def test_of_the_samples(name: str) -> None:
    folder = SAMPLES / name
    file = str(folder / "history.csv")
    events = list(read_history([file], report=pytest.fail))
    people = read_people(str(folder / "people.csv"), pytest.fail)
    playbook = load_playbook(folder / f"{name}.yaml")
    judged, found = both(playbook, events, people=people, sources=[file], verified=None)
    assert judged.findings
    assert list(differences(judged, found)) == []


def test_of_an_empty_history() -> None:
    check(replace(example(0), events=[], as_of=None))


def test_of_one_deal_that_goes_on_and_on() -> None:
    whole = example(3)
    events = sorted(whole.events, key=lambda each: each.happened_at)
    one = [each._replace(deal="d0", event_id="", line=line) for line, each in enumerate(events * 4)]
    check(replace(whole, events=one))


# --- What is selected, and shown -----------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        {"deals": frozenset(("d1", "d4"))},
        {"actors": frozenset(("ann",))},
        {"rules": ("*/activity/*", "order/*")},
        {"since": True},
    ],
    ids=lambda part: next(iter(part)),
)
@pytest.mark.parametrize("seed", [25, 30, 41])
def test_of_what_is_selected(seed: int, part: dict[str, Any]) -> None:
    whole = drawn(seed, small=True)
    if "since" in part:
        part = {"since": latest(whole.events) - 6 * 86_400_000_000}
    check(whole, selection=Selection(**part))


def latest(events: Sequence[Event]) -> int:
    return max(event.happened_at for event in events)


@pytest.mark.parametrize("seed", range(0, 60, 6))
def test_what_is_shown_is_the_same_though_little_is_put_into_words(seed: int) -> None:
    whole = drawn(seed, deals=DEALS, small=True)
    judged, found = both(
        whole.playbook,
        whole.events,
        people=whole.team,
        as_of=whole.as_of,
        shown=True,
        sources=("one.csv", "two.csv"),
    )
    for form in (audit_text, audit_markdown):
        assert "".join(form.render(found)) == "".join(form.render(judged))
    assert found.summary == judged.summary
    assert 0 < len(found.findings) < len(judged.findings)


# --- What generated histories lack ---------------------------------------------------------------


def test_of_roles_that_people_held_for_some_time() -> None:
    rng = Random(1)
    whole = next(
        each
        for each in (drawn(seed, small=True) for seed in range(100, 200))
        if each.people and "by" in str(each.book) and "may_waive" in each.book
    )
    middle = sorted(event.happened_at for event in whole.events)[len(whole.events) // 2]
    rows = [Person("ann", role="rep", until=middle), Person("ann", role="manager", since=middle)]
    rows += [Person("cyd", role="manager", since=middle), Person("dan", role="manager")]
    rows += [Person(actor, role=rng.choice(["rep", "specialist"])) for actor in ("bob", "eve")]
    judged, found = both(whole.playbook, whole.events, people=People(rows), as_of=whole.as_of)
    assert list(differences(judged, found)) == []


# --- Who judges what -----------------------------------------------------------------------------


@pytest.mark.thorough
def test_kernels_say_all_rules_but_one_kind() -> None:
    """As `docs/bulk.md` says: different values since a stage was entered, within a time."""
    for seed in range(0, SEEDS, 7):
        whole = example(seed)
        judge = Judge(whole.playbook, has_people=whole.team is not None)
        words = rows_of_events(whole.events).words
        for place in without_kernel(Plan(whole.playbook, judge, whole.team, words, 0)):
            rule = judge.rules[place].rule
            assert isinstance(rule.due, AtDeadline), rule.info.id
            assert isinstance(rule.ask, Done), rule.info.id
            assert rule.ask.count.spans, rule.info.id
            assert rule.ask.count.pattern.different is not None, rule.info.id


@pytest.mark.parametrize("seed", range(8))
def test_what_no_kernel_says_is_judged_by_the_judge(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(
        run, "without_kernel", lambda plan: frozenset(range(0, len(plan.judge.rules), 2))
    )
    check(example(seed))


@pytest.mark.parametrize("verified", [200, None])
def test_some_deals_are_judged_by_the_judge_as_well(
    monkeypatch: pytest.MonkeyPatch, verified: int | None
) -> None:
    drawn_deals: list[int] = []
    run_check = Check.run
    monkeypatch.setattr(
        Check, "run", lambda self: (drawn_deals.extend(self._drawn), run_check(self))[1]
    )
    whole = drawn(4, deals=DEALS)
    check(whole, verified=verified)
    deals = len({event.deal for event in whole.events})
    assert len(drawn_deals) == deals if verified is None else 0 < len(drawn_deals) < deals


def test_a_finding_that_is_missed_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "judge_rule", lambda *_: no_verdicts())
    whole = example(1)
    with pytest.raises(DisagreementError, match="None, the judge"):
        both(whole.playbook, whole.events, people=whole.team, as_of=whole.as_of, verified=None)


def test_a_finding_that_is_invented_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    judge_rule = kernels.judge_rule

    def late(deals: Any, waivers: Any, rule: Any) -> Any:
        found = judge_rule(deals, waivers, rule)
        return found._replace(dues=found.dues._replace(at=found.dues.at + 1))

    monkeypatch.setattr(kernels, "judge_rule", late)
    whole = example(1)
    with pytest.raises(DisagreementError, match="the judge"):
        both(whole.playbook, whole.events, people=whole.team, as_of=whole.as_of)


@pytest.mark.parametrize(
    ("verified", "size", "events"),
    [
        ("some", 100, 2_000),
        ("some", 400_200, 2_001),
        ("some", 1_000_000, 5_000),
        ("some", 10_000_000, 20_000),
        (7, 1_000_000, 7),
        (None, 1_000_000, None),
    ],
)
def test_more_of_a_longer_history_is_judged_by_the_judge_as_well(
    verified: Verified, size: int, events: int | None
) -> None:
    assert verified_events(verified, size) == events
