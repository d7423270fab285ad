"""Every KPI of the shipped playbooks agrees with a second way of counting it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from playgate.auditing.of_history import HistoryAudit
from playgate.auditing.select import Scope
from playgate.conditions import tree
from playgate.conditions.facts import HoldsAt
from playgate.conditions.instants import from_datetime
from playgate.history.deal import Deal
from playgate.history.order import settle
from playgate.history.people import read_people
from playgate.history.read import read_history
from playgate.history.spool import Spool
from playgate.judge.judge import Judge
from playgate.numbers.kpi import kpis
from playgate.numbers.result import Figure, KpiTable, Line
from playgate.numbers.segments import segments
from playgate.playbook.load import load_playbook
from playgate.playbook.read_numbers import SECTIONS
from support.counting import SHIPPED, sample
from support.numbers_oracle import (
    Counted,
    History,
    aj_quartile,
    km_quartile,
    playbook_of,
    weights,
    wilson,
)

NAMES = ("bank-sales", "active-sales", "loan-application")
history = cache(lambda name: History(SHIPPED / name))
tables = cache(lambda name: {table.id: table for table in kpis(sample(name)).kpis})


def _declared() -> Iterator[tuple[str, str]]:
    for name in NAMES:
        for kpi, each in playbook_of(SHIPPED / name)["kpis"].items():
            if "period" not in each:
                yield name, kpi


def _keep(name: str, kpi: dict[str, Any]) -> Any:
    """The one KPI of the samples that looks at some customers only: those of any profile."""
    if "customers" not in kpi:
        return None
    told, deals, fits = history(name), *_fitting(name)
    by_rows = {id(rows): deals[deal] for deal, rows in told.deals.items()}

    def keep(rows: Any, at: datetime) -> bool:
        deal = by_rows[id(rows)]
        moment = deal.instant_moment(from_datetime(at))
        return any(each(deal, moment) for each in fits)

    return keep


@cache
def _fitting(name: str) -> tuple[dict[str, Deal], list[HoldsAt]]:
    """All deals, and what asks whether they fit a profile, by the judge of `profile/fit`."""
    found = sample(name)
    judge = Judge(found.playbook, has_people=True)
    path = str(SHIPPED / found.playbook.name / "history.csv")
    with Spool() as spool:
        spool.extend(read_history([path], report=lambda _: None))
        deals = {
            deal_id: judge.reader().read(deal_id, settle(rows)[0], found.as_of)
            for deal_id, rows in spool.deals()
        }
    profiles = (tree.All(tuple(each.fit.values())) for each in found.playbook.profiles)
    return deals, [judge.condition(each, "") for each in profiles]


@pytest.mark.parametrize(("name", "kpi"), list(_declared()))
def test_declared_kpi_agrees(name: str, kpi: str) -> None:
    told = history(name)
    by_rep = told.kpi(kpi, _keep(name, told.playbook["kpis"][kpi]))
    table: KpiTable = tables(name)[kpi]
    team = sample(name).team
    for line in table.lines:
        if line.scope == "company":
            reps: Iterable[str] = by_rep
        else:
            reps = [rep for rep in by_rep if line.id in (rep, team.team(rep))]
        weeks = _weeks(name, line)
        _compare(table, line.figure, _together(by_rep[rep] for rep in reps), weeks)
    assert any(line.figure.count for line in table.lines)


def _together(counted: Iterable[Counted]) -> Counted:
    both = Counted()
    for each in counted:
        both.done += each.done
        both.failed += each.failed
        both.open += each.open
        both.days += each.days
        both.ended += each.ended
        both.waiting += each.waiting
        both.values += each.values
    return both


def _weeks(name: str, line: Line) -> float:
    """Each rep's weeks from the first event, or the first day, to the last event."""
    told, team = history(name), sample(name).team
    first = min(row["at"] for rows in told.deals.values() for row in rows)
    reps = [rep for rep in team.reps if line.scope == "company" or line.id in (rep, team.team(rep))]
    weeks = 0.0
    for rep in reps:
        started = team.first_day(rep)
        begun = first.timestamp() if started is None else max(first.timestamp(), started / 1e6)
        weeks += (told.as_of.timestamp() - begun) / (7 * 86400)
    return weeks


def _compare(table: KpiTable, found: Figure, told: Counted, weeks: float) -> None:
    match table.kind:
        case "ratio":
            assert (found.part, found.count, found.open) == (
                told.done,
                told.done + told.failed,
                told.open,
            )
            if found.count:
                assert (found.low, found.high) == pytest.approx(wilson(found.part, found.count))
                assert found.value == found.part / found.count
        case "time":
            assert (found.part, found.count, found.open) == (
                len(told.days),
                len(told.days) + len(told.ended) + len(told.waiting),
                told.open,
            )
            came = weights(told.days, told.ended, told.waiting)
            quartiles = [aj_quartile(came, each) for each in (0.25, 0.5, 0.75)]
            assert [found.lower, found.value, found.upper] == pytest.approx(quartiles)
            if found.part:
                assert found.comes == pytest.approx(sum(came.values()))
        case "count":
            assert found.count == told.done
            assert found.value == pytest.approx(told.done / weeks)
        case "mean":
            assert (found.count, found.open) == (len(told.values), told.open)
            if told.values:
                assert found.value == pytest.approx(sum(told.values) / len(told.values))
        case kind:
            pytest.fail(f"no second way to count a {kind}")


@pytest.mark.parametrize("name", NAMES)
def test_time_in_stage_agrees(name: str) -> None:
    told = history(name)
    for stage in [each for each in told.track if told.ends[each] is None]:
        days, waiting = [], []
        for rows in told.governed().values():
            moves = [row for row in rows if row["kind"] == "stage"]
            here = [index for index, row in enumerate(moves) if row["name"] == stage]
            if not here:
                continue
            after = moves[here[0] + 1 :]
            length = (after[0]["at"] if after else told.as_of) - moves[here[0]]["at"]
            (days if after else waiting).append(length.total_seconds() / 86400)
        found = tables(name)[f"time-in/{stage}"].lines[0].figure
        assert (found.part, found.open) == (len(days), len(waiting))
        quartiles = [km_quartile(days, waiting, each) for each in (0.25, 0.5, 0.75)]
        assert [found.lower, found.value, found.upper] == pytest.approx(quartiles)


@pytest.mark.parametrize("name", NAMES)
def test_flow_agrees(name: str) -> None:
    told = history(name)
    flows = {flow.stage: flow for flow in kpis(sample(name)).flows if flow.scope == "company"}
    for stage, flow in flows.items():
        whereto: dict[str, int] = {}
        for rows in told.governed().values():
            moves = [row["name"] for row in rows if row["kind"] == "stage"]
            if stage in moves:
                after = moves[moves.index(stage) + 1 :]
                whereto[after[0] if after else ""] = whereto.get(after[0] if after else "", 0) + 1
        assert flow.open == whereto.pop("", 0)
        seen: dict[str, int] = {}
        for went in flow.went:
            seen[went.stage] = seen.get(went.stage, 0) + went.deals
        assert seen == whereto
        ahead = told.track[told.track.index(stage) + 1 :]
        assert flow.on.part == sum(deals for into, deals in whereto.items() if into in ahead)


@pytest.mark.parametrize("name", NAMES)
def test_activities_agree(name: str) -> None:
    told = history(name)
    rows = [row for rows in told.governed().values() for row in rows if row["kind"] == "activity"]
    for activity in told.playbook["activities"]:
        found = tables(name)[f"activity/{activity}"].lines[0].figure
        assert found.count == sum(row["name"] == activity for row in rows)


@pytest.mark.parametrize("name", NAMES)
def test_adherence_is_that_of_the_audit(name: str) -> None:
    folder = SHIPPED / name
    people = read_people(str(folder / "people.csv"), lambda _: None)
    result = HistoryAudit(
        playbook=load_playbook(folder / f"{name}.yaml"),
        scope=Scope(now=from_datetime(datetime(2027, 1, 1, tzinfo=UTC)), people=people),
        history=(str(folder / "history.csv"),),
    ).run()
    table = tables(name)["playbook/adherence"]
    company = table.lines[0].figure
    assert (company.value, company.low, company.high) == (
        result.adherence.value,
        result.adherence.low,
        result.adherence.high,
    )
    reps = {line.id: line.figure for line in table.lines if line.scope == "rep"}
    tallied = {actor.actor: actor for actor in result.actors}
    for rep, figure in reps.items():
        assert (figure.part, figure.count) == (tallied[rep].met, tallied[rep].deals)


def test_the_sum_of_a_quarter() -> None:
    """Money received this quarter: what was paid on the deals that became sales in it."""
    told = history("active-sales")
    found = tables("active-sales")["paid"]
    start = min(row["at"] for rows in told.deals.values() for row in rows).replace(
        month=(told.as_of.month - 1) // 3 * 3 + 1, day=1, hour=0, minute=0, second=0
    )
    paid: dict[str, list[float]] = defaultdict(list)
    for rows in told.governed().values():
        for place in told.matches(rows, "won"):
            text = told.value(rows, "paid", rows[place]["at"])
            if text is not None and rows[place]["at"].timestamp() >= start.timestamp() - 3600:
                paid[told.owner(rows, place)].append(float(text))
    assert found.lines[0].figure.value == pytest.approx(sum(map(sum, paid.values())))
    by_rep = {line.id: line.figure for line in found.lines if line.scope == "rep"}
    assert {rep: figure.value for rep, figure in by_rep.items() if figure.count} == pytest.approx(
        {rep: sum(values) for rep, values in paid.items()}
    )
    assert found.period == "this quarter"


def test_segments_agree() -> None:
    told = history("active-sales")
    lines = {line.id: line for line in segments(sample("active-sales")).segments}
    for segment, line in lines.items():
        deals = [
            rows
            for rows in told.governed().values()
            if (told.value(rows, "segment", told.told_at(rows, "prospect-list")) or "?") == segment
        ]
        sold = [rows for rows in deals if told.matches(rows, "won")]
        worth = [
            float(told.value(rows, "amount", rows[told.matches(rows, "won")[0]]["at"]) or 0)
            for rows in sold
        ]
        activities = sum(row["kind"] == "activity" for rows in deals for row in rows)
        assert (line.deals, line.sold, line.activities) == (len(deals), len(sold), activities)
        assert line.value == pytest.approx(sum(worth))
        by_rep: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0])
        for rows in deals:
            for place, row in enumerate(rows):
                if row["kind"] == "activity":
                    by_rep[row["actor"] or told.owner(rows, place)][0] += 1
            for place in told.matches(rows, "won"):
                by_rep[told.owner(rows, place)][1] += 1
                amount = told.value(rows, "amount", rows[place]["at"]) or 0
                by_rep[told.owner(rows, place)][2] += float(amount)
        for part in line.reps:
            if part.scope == "rep":
                assert [part.activities, part.sold, part.value] == by_rep[part.id]
    assert sum(line.effort or 0 for line in lines.values()) == pytest.approx(1)
    for rep in (part.id for part in lines["hotels"].reps):
        parts = [part for line in lines.values() for part in line.reps if part.id == rep]
        assert sum(part.effort or 0 for part in parts) == pytest.approx(1)


def test_products_agree() -> None:
    """What was sold of a product, and by whom: by its terms of payment as they stand now."""
    told = history("active-sales")
    terms = {"standing-order": ("14 days", "30 days"), "single-delivery": ("prepaid",)}
    for line in segments(sample("active-sales")).products:
        sold: dict[str, int] = defaultdict(int)
        for rows in told.governed().values():
            if told.value(rows, "payment_terms", told.as_of) in terms[line.id]:
                for place in told.matches(rows, "won"):
                    sold[told.owner(rows, place)] += 1
        assert line.business is not None
        assert line.business.sold == sum(sold.values()) > 0
        by_rep = {part.id: part.sold for part in line.business.reps if part.scope == "rep"}
        assert {rep: times for rep, times in by_rep.items() if times} == sold


def test_the_sections_are_declared_where_they_are_tested() -> None:
    assert set(SECTIONS) <= set(history("bank-sales").playbook)
