"""The report's first screen and its numbers, as the plain values that the page's template shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from playgate.audit.share import share as share_of
from playgate.numbers.result import Figure, Kpis, KpiTable, Line
from playgate.numbers.review import Review, RuleShare
from playgate.numbers.watch_result import Coached
from playgate.playbook.model import Playbook
from playgate.report import html_charts
from playgate.report.figures import percent
from playgate.report.numbers_words import figure, value
from playgate.report.words import count, plural, visible

__all__ = ["Ids", "Plain", "View", "followed", "heat", "labels", "reps", "shortened", "since"]

View = dict[str, Any]
_MOST_CHANGES = 6
_MOST_MISSED = 5
_MOST_REPS = 40
_MOST_DRAWN = 16
_STEPS = ((0.5, 5), (0.65, 4), (0.8, 3), (0.9, 2), (0.97, 1))
"""Below which share a tile of the heat map has which colour; from 5, the worst."""
_LABEL = 28
_WORTH_TRAINING = 0.05


def shortened(text: str, limit: int = 160) -> str:
    """The text, cut where it is longer than people read."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


class Plain:
    """A playbook's names as people say them: `first_call` is "First call"."""

    def __init__(self, playbook: Playbook) -> None:
        known = {name: name.replace("_", " ") for name in (*playbook.fields, *playbook.signals)}
        known |= {name: each.title for name, each in playbook.activities.items()}
        self._known = {name: text for name, text in known.items() if name != text}
        names = sorted(map(re.escape, self._known), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![\w/-])(?:{'|'.join(names) or '(?!)'})(?![\w/-])")

    def __call__(self, text: str) -> str:
        """The text with names said; a letter in front is a capital."""
        said = self._pattern.sub(self._say, text)
        return said[:1].upper() + said[1:]

    def _say(self, found: re.Match[str]) -> str:
        text = self._known[found[0]]
        is_acronym = text[1:2].isupper()
        return text if not found.start() or is_acronym else text[:1].lower() + text[1:]


class Ids:
    """Short names for what a page's script tells apart: foreign text stays out of it."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._known: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The name's own id; of no name, none."""
        return self._known.setdefault(name, f"{self._prefix}{len(self._known)}") if name else ""


def followed(review: Review) -> View:
    """How much of the playbook was followed."""
    plain = Plain(review.playbook)
    table = _adherence(review.kpis)
    company = table.lines[0].figure
    judged = [each for each in review.rules if each.rule.level != "observe"]
    unmet, waived = (sum(getattr(each, name) for each in judged) for name in ("unmet", "waived"))
    worst = [(each, share_of(each.met, each.unmet)) for each in judged]
    worst = [pair for pair in worst if sum((pair[0].met, pair[0].unmet)) >= _minimum(review)]
    worst.sort(key=lambda pair: -pair[0].unmet)
    return {
        "value": percent(company.value),
        "between": _between(company),
        "met": count(company.part),
        "unmet": count(unmet),
        "waived": count(waived),
        "deals": plural(company.count, "deal"),
        "worst": [
            {
                "title": plain(each.rule.title), "share": percent(found.value),
                "unmet": count(each.unmet),
            }
            for each, found in worst[:_MOST_MISSED] if each.unmet
        ],
    }  # fmt: skip


def _minimum(review: Review) -> int:
    return review.kpis.basis.minimum


def _adherence(found: Kpis) -> KpiTable:
    return next(table for table in found.kpis if table.source == "adherence")


def _between(found: Figure) -> str:
    if found.low is None or found.high is None:
        return ""
    return f"{round(found.low * 100)}–{round(found.high * 100)} %"


# What changed


def since(review: Review) -> View | None:
    """Each KPI in the last period, and in the one before."""
    if review.now is None or review.before is None:
        return None
    pairs = list(zip(review.now.kpis, review.before.kpis, strict=True))
    chosen = [pair for pair in pairs if pair[0].source == "adherence"]
    chosen += [pair for pair in pairs if pair[0].source == "playbook"]
    rows = [_change(*pair) for pair in chosen[:_MOST_CHANGES]]
    return {
        "now": review.now.basis.period.replace("..", " to "),
        "before": review.before.basis.period.replace("..", " to "),
        "rows": rows,
        "calm": all(row["kind"] in ("even", "none") for row in rows),
    }


def _change(now: KpiTable, before: KpiTable) -> View:
    one, other = now.lines[0].figure, before.lines[0].figure
    row: View = {
        "title": now.title, "now": value(one.value, now), "before": value(other.value, before),
        "mark": "", "word": "too few to tell", "kind": "none",
    }  # fmt: skip
    if one.value is None or other.value is None:
        return row
    row["mark"] = "▲" if one.value > other.value else "▼" if one.value < other.value else "="
    sure = _apart(one, other)
    row["word"] = "beyond chance" if sure else "may be chance"
    row["kind"] = "even"
    if sure:
        lower_better = now.kind == "time" or (now.at_least is None and now.at_most is not None)
        row["kind"] = "good" if (one.value > other.value) != lower_better else "bad"
    return row


def _apart(one: Figure, other: Figure) -> bool:
    """Whether the two intervals have nothing in common."""
    low = -1.0 if one.low is None else one.low
    high = float("inf") if one.high is None else one.high
    others_low = -1.0 if other.low is None else other.low
    others_high = float("inf") if other.high is None else other.high
    known = (one.low, one.high) != (None, None) != (other.low, other.high)
    return known and (low > others_high or high < others_low)


# Where it breaks


def heat(review: Review, stage_id: Ids) -> list[View]:
    """The rules by stage, each with how much it was followed."""
    titles = {stage.id: stage.title for stage in review.playbook.stages}
    groups: dict[str, list[RuleShare]] = {stage: [] for stage in titles}
    for each in review.rules:
        groups.setdefault(each.rule.stage, []).append(each)
    plain = Plain(review.playbook)
    rows = []
    for group, rules in groups.items():
        tiles = [_tile(each, plain) for each in rules if each.met + each.unmet + each.waived]
        if tiles:
            title = titles.get(group, "The whole deal")
            rows.append({"title": title, "stage": stage_id(group), "tiles": tiles})
    return rows


def _tile(each: RuleShare, plain: Plain) -> View:
    found = share_of(each.met, each.unmet).value
    step = next((step for limit, step in _STEPS if found is not None and found < limit), 0)
    return {
        "id": each.rule.id,
        "title": plain(each.rule.title),
        "level": each.rule.level,
        "share": percent(found),
        "heat": "none" if found is None else str(step),
        "met": count(each.met),
        "unmet": count(each.unmet),
        "waived": count(each.waived),
    }


# Who needs help


def reps(review: Review, rep_id: Ids, team_id: Ids) -> View:
    """Those who are clearly behind the others, a chart, and a page for each."""
    table, plain = _adherence(review.kpis), Plain(review.playbook)
    pages = review.coaching.reps
    ordered = sorted(pages, key=lambda page: (not page.struggles, page.name.casefold(), page.id))
    lines = {line.id: line for line in table.lines if line.scope == "rep"}
    shown = [page for page in ordered if lines[page.id].figure.value is not None][:_MOST_REPS]
    return {
        "behind": [
            {"id": rep_id(page.id), "name": shortened(page.name), "reasons": page.reasons}
            for page in ordered if page.struggles
        ],
        "chart": _reps_chart(shown[:_MOST_DRAWN], table, _minimum(review)) if shown else "",
        "rows": [_rep_row(page, lines[page.id], table, _minimum(review)) for page in shown],
        "left_out": len(pages) - len(shown),
        "undrawn": max(0, len(shown) - _MOST_DRAWN),
        "minimum": _minimum(review),
        "company": percent(table.lines[0].figure.value),
        "pages": [_page(review, page, rep_id, team_id, plain) for page in ordered[:_MOST_REPS]],
        "training": [
            {"title": plain(each.title), "gap": _points(each.gap), "sure": each.sure}
            for each in review.coaching.training if each.gap >= _WORTH_TRAINING
        ],
    }  # fmt: skip


def _reps_chart(pages: Sequence[Coached], table: KpiTable, minimum: int) -> str:
    rows = []
    names = labels([page.name for page in pages])
    for name, page in zip(names, pages, strict=True):
        found = page.adherence
        few = found.count < minimum
        colour = "orange" if page.struggles else "grey" if few else "blue"
        rows.append({
            "name": name, "value": found.value, "low": found.low, "high": found.high,
            "colour": f"var(--{colour})",
        })  # fmt: skip
    return html_charts.reps_chart(rows, table.lines[0].figure.value)


def labels(names: Sequence[str]) -> list[str]:
    """Names as a chart's axis shows them: short, and no two alike."""
    seen: dict[str, int] = {}
    labels = []
    for name in names:
        label = visible(name, limit=_LABEL)
        seen[label] = seen.get(label, 0) + 1
        labels.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return labels


def _rep_row(page: Coached, line: Line, table: KpiTable, minimum: int) -> View:
    few = line.figure.count < minimum
    said = "behind the others" if page.struggles else "too few to tell" if few else ""
    return {
        "name": shortened(page.name), "team": page.team, "share": figure(line.figure, table),
        "deals": count(line.figure.count), "said": said,
    }  # fmt: skip


def _page(
    review: Review, page: Coached, rep_id: Ids, team_id: Ids, plain: Plain
) -> View:
    compared = [t for t in review.kpis.kpis if t.source in ("playbook", "adherence")]
    return {
        "id": rep_id(page.id),
        "team_id": team_id(page.team),
        "name": shortened(page.name),
        "team": page.team,
        "manager": page.manager,
        "reasons": page.reasons,
        "kpis": [_own(table, page.id) for table in compared],
        "skipped": [
            {
                "title": plain(each.title), "own": percent(each.own.value),
                "best": percent(each.best.value), "unmet": count(each.unmet), "why": each.why,
            }
            for each in page.skipped
        ],
        "train": plain(page.train.title) if page.train else "",
        "train_sure": bool(page.train and page.train.sure),
        "questions": page.questions,
        "sessions": [each.day for each in page.sessions[:2]],
    }  # fmt: skip


def _own(table: KpiTable, rep: str) -> View:
    line = next(each for each in table.lines if each.scope == "rep" and each.id == rep)
    missed = line.target == "missed"
    target = ("missed" if line.sure else "missed ?") if missed else line.target or ""
    return {
        "title": table.title, "own": figure(line.figure, table),
        "company": value(table.lines[0].figure.value, table), "target": target,
        "quarter": {"top": "best quarter", "bottom": "bottom quarter"}.get(line.quarter or "", ""),
    }  # fmt: skip


def _points(gap: float) -> str:
    return f"{round(gap * 100)} points"
