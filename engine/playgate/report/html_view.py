"""The report's first screen and its numbers, as the plain values that the page's template shows."""

from __future__ import annotations

from collections.abc import Sequence

from playgate.language import say, speaking
from playgate.numbers.peers import changes, is_lower_better, is_unlikely
from playgate.numbers.result import Kpis, KpiTable, Line
from playgate.numbers.review import Review
from playgate.numbers.watch_result import Coached
from playgate.report import html_charts
from playgate.report.figures import percent
from playgate.report.html_parts import Ids, Plain, View, shortened
from playgate.report.numbers_words import called, figure, number, value
from playgate.report.people_digest import goal_line, hire_lines, hire_stands
from playgate.report.words import count, visible

__all__ = ["MOST_REPS", "adherence", "labels", "rep_order", "reps", "since"]

_MOST_CHANGES = 6
MOST_REPS = 40
_MOST_DRAWN = 16
_LABEL = 28


def adherence(found: Kpis) -> KpiTable:
    """Returns the table that says how much of the playbook was followed."""
    return next(table for table in found.kpis if table.source == "adherence")


# What changed


def since(review: Review) -> View | None:
    """Returns each KPI in the last period, and in the one before."""
    if review.now is None or review.before is None:
        return None
    before = {table.id: table for table in review.before.kpis}  # another currency may be new
    pairs = [(table, before[table.id]) for table in review.now.kpis if table.id in before]
    chosen = [pair for pair in pairs if pair[0].source == "adherence"]
    chosen += [pair for pair in pairs if pair[0].source == "playbook"]
    chosen = chosen[:_MOST_CHANGES]
    figures = [(now.lines[0].figure, before.lines[0].figure) for now, before in chosen]
    chances = changes(figures)
    rows = [_change(*pair, chance) for pair, chance in zip(chosen, chances, strict=True)]
    return {
        "now": _span(review.now.period),
        "before": _span(review.before.period),
        "rows": rows,
        "calm": all(row["kind"] in ("even", "none") for row in rows),
    }


def _span(period: str) -> str:
    """Returns a period, its first day and its last."""
    first, dots, last = period.partition("..")
    if not dots:
        return called(first)
    return say("{first} to {last}", first=speaking().day(first), last=speaking().day(last))


def _change(now: KpiTable, before: KpiTable, chance: float | None) -> View:
    one, other = now.lines[0].figure, before.lines[0].figure
    row: View = {
        "title": now.title,
        "now": value(one.value, now),
        "before": value(other.value, before),
        "mark": "",
        "word": say("too few to tell"),
        "kind": "none",
    }
    if one.value is None or other.value is None:
        return row
    if row["now"] == row["before"]:  # as shown
        row["mark"] = "="
    else:
        row["mark"] = "▲" if one.value > other.value else "▼"
    if any(each.low is None and each.high is None for each in (one, other)):
        row["word"] = "" if now.kind == "sum" else row["word"]  # a sum has no interval
        return row
    sure = is_unlikely(chance)
    row["word"] = say("beyond chance") if sure else say("may be chance")
    row["kind"] = "even"
    if sure:
        row["kind"] = "good" if (one.value > other.value) != is_lower_better(now) else "bad"
    return row


# Who needs help


def rep_order(review: Review) -> list[Coached]:
    """Returns the reps that are clearly behind first, then by name: no ranking."""
    pages = review.coaching.reps
    return sorted(pages, key=lambda page: (not page.struggles, page.name.casefold(), page.id))


def reps(review: Review, rep_id: Ids, team_id: Ids) -> View:
    """Returns who is clearly behind the others, a chart, and a page for each rep."""
    table, plain, minimum = adherence(review.kpis), Plain(review.playbook), _minimum(review)
    ordered = rep_order(review)
    lines = {line.id: line for line in table.lines if line.scope == "rep"}
    shown = [page for page in ordered if lines[page.id].figure.value is not None][:MOST_REPS]
    return {
        "behind": [
            {
                "id": rep_id(page.id),
                "team_id": team_id(page.team),
                "name": shortened(page.name),
                "reasons": page.reasons,
            }
            for page in ordered
            if page.struggles
        ],
        "chart": _reps_chart(shown[:_MOST_DRAWN], table, minimum) if shown else "",
        "rows": [_rep_row(page, lines[page.id], table, minimum) for page in shown],
        "left_out": len(ordered) - len(shown),
        "undrawn": max(0, len(shown) - _MOST_DRAWN),
        "minimum": minimum,
        "company": percent(table.lines[0].figure.value),
        "pages": [_page(review, page, rep_id, team_id, plain) for page in ordered[:MOST_REPS]],
        "training": [
            {"title": plain(each.title), "unmet": count(each.unmet), "share": percent(each.share)}
            for each in review.coaching.training
        ],
        "planned": [
            {
                "title": plain(each.title),
                "with": ", ".join(map(shortened, each.names)),
                "day": speaking().day(each.day) if each.day else "",
            }
            for each in review.coaching.planned
        ],
    }


def _minimum(review: Review) -> int:
    return review.kpis.basis.minimum


def _reps_chart(pages: Sequence[Coached], table: KpiTable, minimum: int) -> str:
    rows = []
    names = labels([page.name for page in pages])
    for name, page in zip(names, pages, strict=True):
        found = page.adherence
        few = found.count < minimum
        colour = "orange" if page.struggles else "grey" if few else "blue"
        rows.append(
            {
                "name": name,
                "value": found.value,
                "low": found.low,
                "high": found.high,
                "colour": f"var(--{colour})",
            }
        )
    return html_charts.reps_chart(rows, table.lines[0].figure.value)


def labels(names: Sequence[str]) -> list[str]:
    """Returns names as a chart's axis shows them: short, and no two alike."""
    seen: dict[str, int] = {}
    labels = []
    for name in names:
        label = visible(name, limit=_LABEL)
        seen[label] = seen.get(label, 0) + 1
        labels.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return labels


def _rep_row(page: Coached, line: Line, table: KpiTable, minimum: int) -> View:
    few = line.figure.count < minimum
    said = say("too few to tell") if few else ""
    said = say("behind the others") if page.struggles else said
    return {
        "name": shortened(page.name),
        "team": page.team,
        "share": figure(line.figure, table),
        "deals": count(line.figure.count),
        "said": said,
    }


def _page(review: Review, page: Coached, rep_id: Ids, team_id: Ids, plain: Plain) -> View:
    compared = [t for t in review.kpis.kpis if t.source in ("playbook", "adherence")]
    return {
        "id": rep_id(page.id),
        "team_id": team_id(page.team),
        "name": shortened(page.name),
        "about": " · ".join(filter(None, _about(page))),
        "reasons": page.reasons,
        "kpis": [_own(table, page.id) for table in compared],
        "skipped": [
            {
                "title": plain(each.title),
                "own": percent(each.own.value),
                "others": percent(each.others.value),
                "unmet": count(each.unmet),
                "why": each.why,
            }
            for each in page.skipped
        ],
        "train": plain(page.train.title) if page.train else "",
        "train_sure": bool(page.train and page.train.sure),
        "questions": page.questions,
        "goal": _goal(review, page.id),
        "tasks": [task for each in page.work for task in each.tasks],
        "goals": [goal_line(goal) for each in page.work for goal in each.goals],
        "hire": _hire(review, page.id),
    }


def _hire(review: Review, rep: str) -> View | None:
    """Returns how somebody new stands: what was done by when, and whether the playbook is
    followed."""
    found = next((each for each in review.coaching.hires if each.id == rep), None)
    if found is None:
        return None
    return {"stands": hire_stands(found), "due": list(hire_lines(found))}


def _about(page: Coached) -> Sequence[str]:
    days = f" {say('and')} ".join(speaking().day(each.day) for each in page.sessions[:2])
    return (
        say("Team {name}", name=page.team) if page.team else "",
        say("led by {name}", name=page.manager) if page.manager else "",
        say("meet on {days}", days=days) if days else "",
    )


def _goal(review: Review, rep: str) -> View | None:
    """Returns the magic number, the barometer, and what is left of the week's plan."""
    goals = review.target.goals if review.target else ()
    found = next((each for each in goals if (each.scope, each.id) == ("rep", rep)), None)
    if found is None or found.now.need is None:
        return None
    return {
        "need": number(found.now.need),
        "does": number(found.now.does),
        "barometer": percent(found.now.barometer),
        "week": [
            say(
                "{step}: {done} done, {left} to go",
                step=step.title,
                done=count(step.this_week),
                left=count(step.to_go),
            )
            for step in found.steps
            if step.this_week is not None and step.to_go is not None
        ],
    }


def _own(table: KpiTable, rep: str) -> View:
    line = next(each for each in table.lines if each.scope == "rep" and each.id == rep)
    target = {"met": say("met"), "missed": say("missed")}.get(line.target or "", "")
    if target and not line.sure:
        target += " ?"
    return {
        "title": table.title,
        "own": figure(line.figure, table),
        "company": value(table.lines[0].figure.value, table),
        "target": target,
        "quarter": _quarter(line),
    }


def _quarter(line: Line) -> str:
    match line.quarter:
        case "top":
            return say("best quarter")
        case "bottom":
            return say("bottom quarter")
    return ""
