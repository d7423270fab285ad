"""Deals by the month in which they began, as tables whose colours show how far they got."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.language import say
from playgate.numbers.cohorts import SOLD, Cohort
from playgate.numbers.review import Review
from playgate.report.figures import percent
from playgate.report.html_parts import View
from playgate.report.html_words import PageWords
from playgate.report.words import count

__all__ = ["cohorts"]

_LEAST, _MOST_LATER = 2, 12


def cohorts(review: Review) -> View | None:
    """Returns how far the deals of each month got by now, and so many months later; `None` where
    all began in one month."""
    found, words = review.work.cohorts, PageWords(review)
    if len(found) < _LEAST:
        return None
    stages = [stage for stage in found[0].by_now if any(each.by_now[stage] for each in found)]
    titles = {stage: say("Sold") if stage == SOLD else words.stage(stage) for stage in stages}
    return {
        "head": [say("Began in"), say("Deals"), *titles.values()],
        "rows": [_now(cohort, stages) for cohort in found],
        "later": [_later(titles[stage], stage, found) for stage in reversed(stages)],
    }


def _now(cohort: Cohort, stages: list[str]) -> View:
    cells = [_cell(cohort.by_now[stage], cohort.deals) for stage in stages]
    return {"month": cohort.month, "deals": count(cohort.deals), "cells": cells}


def _later(title: str, stage: str, found: tuple[Cohort, ...]) -> View:
    """Returns the share that had come to a stage by the end of the month of the start, and of each
    of those after it."""
    longest = max(len(each.by_month[stage]) for each in found)
    months = range(min(longest, _MOST_LATER + 1))
    return {
        "title": title,
        "head": [say("Began in"), say("Deals"), *(str(month) for month in months)],
        "rows": [
            {
                "month": each.month,
                "deals": count(each.deals),
                "cells": list(_over(each, stage, len(months))),
            }
            for each in found
        ],
    }


def _over(cohort: Cohort, stage: str, months: int) -> Iterator[View]:
    came = cohort.by_month[stage]
    for month in range(months):
        is_over = month < len(came)
        yield _cell(came[month], cohort.deals) if is_over else {"shown": "", "step": ""}


def _cell(part: int, whole: int) -> View:
    share = part / whole
    return {"shown": percent(share), "step": str(round(share * 5))}
