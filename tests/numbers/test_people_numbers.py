"""Goals, first weeks, trainings, differentiators and the day agree with a second way of counting,
and find what was planted."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache

import pytest

from playgate.conditions.instants import day_end
from playgate.history.event import Event
from playgate.history.people import People, Person, read_people
from playgate.numbers.coach import coach
from playgate.numbers.differentiators import used
from playgate.numbers.kpi import kpis
from playgate.numbers.onboarding import asked_share, hires
from playgate.numbers.person_goals import work_of, work_of_all
from playgate.numbers.survey import Survey
from playgate.numbers.target import target
from support import people_oracle
from support.counting import SHIPPED, of_events, of_sample, playbook_of, sample
from support.numbers_oracle import History
from support.people_oracle import Told

DAYS = ("2026-01-30", "2026-02-13", "2026-05-03", "2026-08-31")
NEW = "d.okafor"
history = cache(lambda: History(SHIPPED / "bank-sales"))
told = cache(lambda day: Told(history(), date.fromisoformat(day)))
people = cache(lambda: read_people(str(SHIPPED / "bank-sales" / "people.csv"), lambda _: None))


@cache
def counted(day: str) -> Survey:
    at = day_end(day, sample("bank-sales").playbook.zone)
    return of_sample("bank-sales", as_of=at)


def started(actor: str) -> date:
    person = people().person(actor)
    assert person is not None
    return date.fromisoformat(person.started)


# Against the second way


@pytest.mark.parametrize("day", DAYS)
def test_goals_agree(day: str) -> None:
    found = {
        (each.role, each.id, goal.kpi): goal
        for each in work_of_all(counted(day))
        for goal in each.goals
    }
    compared = 0
    for role, kpi, aim in people_oracle.aims(history().playbook):
        for actor in people().having(frozenset({role})):
            done, last = told(day).goal(actor, kpi, aim["per"])
            goal = found[role, actor, kpi]
            share = 1.0
            if actor == NEW:
                share = people_oracle.share(started(actor), date.fromisoformat(day), 8)
            asked = aim["at_least"] * share
            assert (goal.done, goal.to_go) == (done, people_oracle.to_go(asked, done)), kpi
            assert goal.asked == pytest.approx(asked)
            assert goal.last in (None, last)
            compared += bool(done)
    assert compared


@pytest.mark.parametrize("day", DAYS)
def test_first_weeks_agree(day: str) -> None:
    plan = history().playbook["onboarding"]
    (hire,) = hires(counted(day))
    assert (hire.id, hire.started) == (NEW, "2026-01-12")
    seen = {each.id: each for each in hire.steps}
    for step in plan["activities"]:
        if "count" not in step:
            assert seen[step["id"]].state == "unknown"
            continue
        own = seen[step["id"]]
        assert (own.done, own.state) == told(day).step(NEW, started(NEW), step), step["id"]
    assert hire.behind == tuple(each.title for each in hire.steps if each.state == "behind")
    assert [each.share for each in hire.weeks] == [week / 8 for week in range(1, 9)]


@pytest.mark.parametrize("day", DAYS[2:])
def test_differentiators_agree(day: str) -> None:
    survey = counted(day)
    for product in survey.numbers.products:
        said = history().playbook["products"][product.id]
        (differentiator,) = said["differentiators"]
        (own,) = used(survey, product)
        reps = told(day).used(said, differentiator)
        assert own.figure is not None
        both = sum((each for each in reps.values()), Counter())
        assert (own.figure.part, own.figure.count, own.figure.open) == (
            both["used"],
            both["used"] + both["not"],
            both["open"],
        )
        for each in own.reps:
            of = reps[each.id]
            assert (each.figure.part, each.figure.count) == (of["used"], of["used"] + of["not"])
            enough = each.figure.count >= survey.basis.minimum and each.id in survey.team.ranked
            assert each.never == (enough and not of["used"])
        renew = date.fromisoformat(str(differentiator["since"])) + timedelta(days=180)
        assert own.renew_by == renew.isoformat()
        assert own.due == (renew <= date.fromisoformat(day))


def test_who_never_says_what_sets_a_product_apart_is_named() -> None:
    growth = sample("bank-sales").numbers.products[0]
    (own,) = used(sample("bank-sales"), growth)
    never = [each for each in own.reps if each.never]
    assert [each.id for each in never] == ["f.tessier"]
    assert never[0].chance is not None
    assert never[0].chance < 0.05


# Who is new


def test_who_is_new_is_asked_for_a_part_and_held_against_nothing() -> None:
    survey = counted("2026-02-13")
    assert asked_share(survey, NEW) == 5 / 8
    assert asked_share(survey, "a.morel") == 1
    (work,) = work_of(survey, NEW)
    assert {goal.target for goal in work.goals} == {None}
    goals = {each.id: each for each in target(survey, {}).goals if each.scope == "rep"}
    assert goals[NEW].asked == 5 / 8
    assert goals["a.morel"].asked is None
    need, step = (
        goals[NEW].now.need,
        next(each for each in goals[NEW].steps if each.id == "first-meetings"),
    )
    if need is not None:
        assert step.need == pytest.approx(need * 5 / 8)


def test_shares_of_goals_rise_week_by_week_to_the_whole() -> None:
    shares = [
        people_oracle.share(date(2026, 1, 14), date(2026, 1, 12) + timedelta(days=day), 4)
        for day in range(-7, 40)
    ]
    assert shares == sorted(shares)
    assert set(shares) == {0, 0.25, 0.5, 0.75, 1}


def test_only_who_started_since_the_history_began_is_told_of() -> None:
    assert [each.id for each in hires(sample("bank-sales"))] == [NEW]  # m.roussel came before


def test_few_deals_certify_nobody_and_blame_nobody() -> None:
    (early,) = hires(counted("2026-01-30"))
    assert early.certified is not None
    assert early.certified.state == "too-few"
    (late,) = hires(sample("bank-sales"))
    assert late.certified is not None
    assert late.certified.state in ("met", "missed")
    assert not late.certified.sure


def test_lessons_are_told_by_the_file_of_sessions() -> None:
    survey = counted("2026-02-13")
    at = day_end("2026-01-15", survey.playbook.zone)
    late = day_end("2026-02-02", survey.playbook.zone)
    assert at is not None
    assert late is not None
    (hire,) = hires(survey, {(NEW, "crm"): at, (NEW, "products"): late})
    assert [each.state for each in hire.steps[:2]] == ["done", "late"]
    (none,) = hires(survey, {})
    assert [each.state for each in none.steps[:2]] == ["behind", "behind"]
    assert none.behind[:2] == (
        "Work with the CRM and this playbook",
        "Say what sets each product apart",
    )


# Planted

BOOK = """
playbook: planted
version: 1
roles: {rep: {kpis: {closing: {at_least: 90 %}}}}
activities: {call: {}, visit: {}}
stages:
  - {stage: a, activities: [call, visit]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
kpis: {closing: {ratio: {of: opened, to: won}}}
coaching: {roles: [rep], minimum: 8, training: 14 days}
"""
REPS = tuple("abcdef")
HOUR = 3_600_000_000


def planted(deals: int, skips: dict[str, int], skipped: tuple[str, ...] = ("visit",)) -> Survey:
    """So many deals of each rep; a rep leaves the visit, or what is skipped, out on so many."""
    events = []
    for rep in REPS:
        for number in range(deals):
            deal, at = f"{rep}{number}", (1 + number) * 24 * HOUR
            acts = ["call"] + [*skipped] * (number >= skips.get(rep, 0))
            rows = [("stage", "a"), *(("activity", each) for each in acts), ("stage", "won")]
            for place, (kind, name) in enumerate(rows):
                row = at + place * HOUR
                events.append(Event(deal, row, kind, name, "", rep, row, "", "", 0, len(events)))
    team = People(Person(rep, role="rep") for rep in REPS)
    book = BOOK.replace("visit: {}", ", ".join(f"{each}: {{}}" for each in skipped))
    book = book.replace("visit]", f"{', '.join(skipped)}]")
    return of_events(playbook_of(book), events, people=team)


def test_the_skill_that_is_lacking_is_trained_with_who_lacks_it() -> None:
    plan = coach(planted(20, {"b": 16, "e": 12, "a": 1}))
    (training,) = plan.planned
    assert training.rule == "a/activity/visit"
    assert set(training.reps) == {"b", "e"}
    assert training.day == "1970-02-04"  # a working day, 14 days from the last event
    others = {"b": (12 + 1) / 100, "e": (16 + 1) / 100}
    expected = sum(own - 20 * others[rep] for rep, own in (("b", 16), ("e", 12)))
    assert training.surplus == pytest.approx(expected)


def test_however_many_skills_are_lacking_each_is_trained() -> None:
    skills = tuple(f"skill{number}" for number in range(8))
    found = coach(planted(20, {"b": 16}, skills)).planned
    assert [each.rule for each in found] == [f"a/activity/{skill}" for skill in skills]


@pytest.mark.parametrize("skips", [{"b": 3, "e": 2}, {}, dict.fromkeys(REPS, 10)])
def test_what_may_be_chance_is_not_trained(skips: dict[str, int]) -> None:
    assert coach(planted(20, skips)).planned == ()


def test_a_small_sample_names_nobody() -> None:
    survey = planted(4, {"b": 4})
    assert coach(survey).planned == ()
    (first, *_) = work_of_all(survey)
    (goal,) = first.goals
    assert (goal.few, goal.target, goal.figure.count) == (True, None, 4)
    (enough, *_) = work_of_all(planted(20, {}))
    assert (enough.goals[0].few, enough.goals[0].target) == (False, "met")


def test_goals_are_no_kpis_of_a_table() -> None:
    found = sample("bank-sales")
    hidden = [each.kpi.id for each in found.gathered.measures if not each.is_listed]
    assert hidden
    assert not set(hidden) & {table.id for table in kpis(found).kpis}
