"""The table that leads: company, teams and reps by what is open, at stake, followed and watched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playgate.language import say
from playgate.numbers.peers import is_unlikely
from playgate.numbers.result import KpiTable, Line
from playgate.numbers.review import Review
from playgate.numbers.work_result import OwnStake
from playgate.report.figures import percent
from playgate.report.html_followed import members
from playgate.report.html_parts import Ids, View, shortened
from playgate.report.html_today import own_stakes
from playgate.report.html_view import adherence
from playgate.report.html_words import PageWords
from playgate.report.numbers_words import interval, money, number
from playgate.report.words import count

__all__ = ["matrix"]

_MOST_KPIS = 6
_DOTS = {("met", True): "met", ("missed", True): "missed"}


def matrix(review: Review, rep_id: Ids, team_id: Ids) -> View:
    """Returns the heads and the rows, one of each member; each row says by what it filters."""
    words = PageWords(review)
    followed = adherence(review.kpis)
    tables = [followed, *(each for each in review.kpis.kpis if each.source == "playbook")]
    tables = tables[: _MOST_KPIS + 1]
    return {
        "head": [
            _head("Open deals", say("Open deals")),
            _head("To act on", say("To act on")),
            _head(
                "At stake",
                say("At stake"),
                words.unit,
                say("Amount times the share won of deals as long in their stage"),
            ),
            _head(
                "Steps missed",
                say("Steps missed"),
                hint=say(
                    "Against what is expected of the same chances; sorted by the one over the other"
                ),
            ),
            *(
                _head(_key(table), table.title, _unit(table), target=_target(table))
                for table in tables
            ),
        ],
        "rows": [
            _row(review, line, of, tables, rep_id, team_id)
            for line, of in members(review, rep_id, team_id)
        ],
    }


def _head(key: str, title: str, unit: str = "", hint: str = "", target: str = "") -> View:
    """Returns a head; `key` is its word in the address, which is the same in every language."""
    return {"key": key, "title": title, "unit": unit, "hint": hint, "target": target}


def _key(table: KpiTable) -> str:
    return "Steps followed" if table.source == "adherence" else table.title


def _unit(table: KpiTable) -> str:
    units = {"ratio": "%", "time": say("days"), "count": say("a week")}
    return units.get(table.kind, table.unit)


def _target(table: KpiTable) -> str:
    if table.at_least is None and table.at_most is None:
        return ""
    times = 100 if table.kind == "ratio" else 1
    if table.at_most is None:
        return say("Target: at least {least}", least=number((table.at_least or 0) * times))
    most = number(table.at_most * times)
    if table.at_least is None:
        return say("Target: at most {most}", most=most)
    least = number(table.at_least * times)
    return say("Target: at least {least} and at most {most}", least=least, most=most)


def _row(
    review: Review, own: Line, of: str, tables: list[KpiTable], rep_id: Ids, team_id: Ids
) -> View:
    stake = own_stakes(review, own.scope, own.id)
    return {
        "scope": own.scope,
        "id": of,
        "key": team_id.key(own.id) if own.scope == "team" else rep_id.key(own.id),
        "team": shortened(own.team),
        "team_id": team_id(own.team),
        "name": shortened(own.name),
        "cells": [
            _cell(count(stake.open), stake.open, leads="open"),
            _cell(count(stake.to_do), stake.to_do, leads="todo"),
            _cell(
                number(round(stake.at_stake)) if stake.at_stake else "–",
                stake.at_stake,
                ", ".join(_besides(stake)),
                leads="todo",
            ),
            _missed(review, own),
            *_figures(own, tables),
        ],
    }


def _besides(stake: OwnStake) -> Iterator[str]:
    """Yields what is at stake in other currencies, and on how many deals nobody knows."""
    for currency, value in stake.apart:
        yield f"+ {money(value, currency)}"
    if stake.unknown:
        yield say("+ {number} unknown", number=count(stake.unknown))


def _cell(shown: str, value: float | None, small: str = "", dot: str = "", leads: str = "") -> View:
    """Returns what stands in a cell, and which of the row's deals it leads to (all, if none)."""
    return {
        "shown": shown,
        "value": "" if value is None else f"{value:.9g}",
        "small": small,
        "dot": dot,
        "leads": leads,
    }


def _missed(review: Review, own: Line) -> View:
    """Returns the misses and what was to be expected of the same chances; of the company there is
    nothing to expect."""
    misses = review.kpis.misses
    found = next((each for each in misses if (each.scope, each.id) == (own.scope, own.id)), None)
    if found is None or not found.expected:
        return _cell("–", None)
    dot = ""
    if is_unlikely(found.chance):
        dot = "missed" if found.misses > found.expected else "met"
    ratio = found.misses / found.expected
    return _cell(
        count(found.misses),
        ratio,
        say("{number} expected", number=number(found.expected)),
        dot,
        "missed",
    )


def _figures(own: Line, tables: list[KpiTable]) -> Iterator[View]:
    for table in tables:
        line = next(each for each in table.lines if (each.scope, each.id) == (own.scope, own.id))
        found: Any = line.figure
        between = interval(found, table).strip("()")
        dot = _DOTS.get((line.target or "", line.sure), "unsure") if line.target else ""
        leads = "missed" if table.source == "adherence" else ""
        yield _cell(_shown(found.value, table), found.value, between, dot, leads)


def _shown(given: float | None, table: KpiTable) -> str:
    if given is None:
        return "–"
    if table.kind == "ratio":
        return percent(given).rstrip(" %\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
    if table.kind == "count":
        return number(given, 2)
    return number(given) if table.kind == "time" else number(round(given))
