"""How much of the playbook was followed, rule by rule: by everyone, and by each team and rep."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.audit.share import share as share_of
from playgate.language import say, speaking
from playgate.numbers.result import Kpis, Line
from playgate.numbers.review import Review, RuleCounts, RuleShare
from playgate.report.figures import percent
from playgate.report.html_parts import Ids, Plain, View
from playgate.report.html_view import MOST_REPS, adherence, rep_order
from playgate.report.html_words import level_word
from playgate.report.kpi_digest import without_a_miss
from playgate.report.words import count, plural

__all__ = ["followed", "heat", "members"]

_MOST_MISSED = 5
_STEPS = ((0.5, 5), (0.65, 4), (0.8, 3), (0.9, 2), (0.97, 1))
"""Below which share a tile of the heat map has which colour; from 5, the worst."""


def followed(review: Review, rep_id: Ids, team_id: Ids, rule_id: Ids) -> list[View]:
    """Returns how much was followed: the company first, then the teams and reps by whom a page is
    filtered."""
    plain = Plain(review.playbook)
    judged = [each for each in review.rules if each.rule.level != "observe"]
    return [
        _followed(line, of, judged, review.kpis, plain, rule_id)
        for line, of in members(review, rep_id, team_id)
    ]


def members(review: Review, rep_id: Ids, team_id: Ids) -> Iterator[tuple[Line, str]]:
    """Yields the company, the teams and the reps that have a page, each with its id there."""
    pages = {page.id for page in rep_order(review)[:MOST_REPS]}
    for line in adherence(review.kpis).lines:
        if line.scope != "rep":
            yield line, team_id(line.id)
        elif line.id in pages:
            yield line, rep_id(line.id)


def _followed(
    line: Line, of: str, judged: list[RuleShare], kpis: Kpis, plain: Plain, rule_id: Ids
) -> View:
    minimum, clean = kpis.basis.minimum, kpis.clean
    counted = [(each.rule, _counts(each, line)) for each in judged]
    unmet, waived = (sum(counts[slot] for _, counts in counted) for slot in (1, 2))
    worst = [each for each in counted if sum(each[1][:2]) >= minimum and each[1][1]]
    worst.sort(key=lambda each: -each[1][1])
    return {
        "of": of,
        "value": percent(line.figure.value),
        "between": _between(line),
        "met": count(line.figure.part),
        "unmet": count(unmet),
        "waived": count(waived),
        "deals": plural(line.figure.count, "deal"),
        "clean": without_a_miss(clean) if line.scope == "company" else "",
        "worst": [
            {
                "title": plain(rule.title),
                "share": percent(share_of(*counts[:2]).value),
                "unmet": count(counts[1]),
                "key": rule_id.key(rule.id),
            }
            for rule, counts in worst[:_MOST_MISSED]
        ],
    }


def _counts(each: RuleShare, line: Line) -> RuleCounts:
    return each.counts if line.scope == "company" else each.own.get((line.scope, line.id), _NONE)


_NONE: RuleCounts = (0, 0, 0)


def _between(line: Line) -> str:
    low, high = line.figure.low, line.figure.high
    if low is None or high is None:
        return ""
    return speaking().percent(f"{round(low * 100)}–{round(high * 100)}")


# Where it breaks


def heat(review: Review, stage_id: Ids, rep_id: Ids, team_id: Ids, rule_id: Ids) -> list[View]:
    """Returns the rules by stage, each with how much it was followed."""
    titles = {stage.id: stage.title for stage in review.playbook.stages}
    groups: dict[str, list[RuleShare]] = {stage: [] for stage in titles}
    for each in review.rules:
        groups.setdefault(each.rule.stage, []).append(each)
    plain = Plain(review.playbook)
    owners = list(members(review, rep_id, team_id))[1:]
    rows = []
    for group, rules in groups.items():
        tiles = [_tile(each, owners, plain, rule_id) for each in rules if any(each.counts)]
        if tiles:
            title = titles.get(group, say("The whole deal"))
            rows.append({"title": title, "stage": stage_id(group), "tiles": tiles})
    return rows


def _tile(each: RuleShare, owners: list[tuple[Line, str]], plain: Plain, rule_id: Ids) -> View:
    own = [(of, counts) for line, of in owners if any(counts := _counts(each, line))]
    return {
        "id": each.rule.id,
        "title": plain(each.rule.title),
        "level": each.rule.level,
        "said": level_word(each.rule.level),
        "key": rule_id.key(each.rule.id),
        **_shares(each.counts),
        # For the page's script: the share, its colour, and the counts; then those of each owner.
        "whole": "|".join(_shares(each.counts).values()),
        "own": ";".join("|".join((of, *_shares(counts).values())) for of, counts in own),
    }


def _shares(counts: RuleCounts) -> dict[str, str]:
    found = share_of(*counts[:2]).value
    step = next((step for limit, step in _STEPS if found is not None and found < limit), 0)
    return {
        "share": percent(found),
        "heat": "none" if found is None else str(step),
        **dict(zip(("met", "unmet", "waived"), map(count, counts), strict=True)),
    }
