"""A report for each rep: what their files are called, and the list that leads to them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from urllib.parse import quote

from playgate.language import say
from playgate.numbers.own_review import own_review
from playgate.numbers.review import Review
from playgate.report import html_page
from playgate.report.figures import share
from playgate.report.html_parts import View, shortened
from playgate.report.html_today import own_stakes
from playgate.report.html_view import adherence
from playgate.report.numbers_words import head_lines, several
from playgate.report.words import count, plural

__all__ = ["INDEX", "MARK", "file_names", "names", "pages"]

INDEX = "index.html"
MARK = '<meta name="generator" content="playgate">'
"""Stands in every page that playgate wrote."""

_UNSAFE = re.compile(r"[^a-z0-9._-]+")
_LONGEST = 60
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|index)(\..*)?")
"""What Windows keeps for devices, and the list's own name."""


def names(review: Review) -> list[str]:
    """Returns the names of all files that are written."""
    return [*file_names([page.id for page in review.coaching.reps]).values(), INDEX]


def pages(review: Review) -> Iterator[tuple[str, Iterator[str]]]:
    """Yields each page's file name and its pieces; the list of them comes last."""
    reps = [page.id for page in review.coaching.reps]
    files = file_names(reps)
    for rep in reps:
        yield files[rep], html_page.render(own_review(review, rep), rep=rep)
    yield INDEX, html_page.render_index(_index(review, files))


def file_names(actors: list[str]) -> dict[str, str]:
    """Returns a name for each actor's file that every system takes, no two alike; it is the actor's
    id where that is such a name."""
    named: dict[str, str] = {}
    for actor in actors:
        stem = _UNSAFE.sub("-", actor.lower()).strip(".-")[:_LONGEST].rstrip(".-")
        if not stem or stem != actor or _RESERVED.fullmatch(stem):
            digest = hashlib.sha256(actor.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            stem = f"{stem.replace('.', '-')}-{digest}" if stem else digest
        named[actor] = f"{stem}.html"
    return named


def _index(review: Review, files: dict[str, str]) -> View:
    basis, work = review.kpis.basis, review.work
    lines = {line.id: line for line in adherence(review.kpis).lines if line.scope == "rep"}
    without = sum(deals for owner, deals in work.listed_of.items() if owner not in files)
    return {
        "title": basis.title or basis.playbook,
        "playbook": say(
            "{playbook} version {version}", playbook=basis.playbook, version=basis.version
        ),
        "file": basis.file,
        "lines": head_lines(basis, review.playbook.zone),
        "without_page": plural(without, "deal") if without else "",
        "rows": [
            {
                "file": quote(files[page.id]),
                "name": shortened(page.name),
                "team": shortened(page.team),
                "open": count(stake.open),
                "to_do": count(stake.to_do),
                "at_stake": " + ".join(several(stake.at_stake, work.unit, stake.apart))
                if stake.at_stake or stake.apart
                else "–",
                "followed": share(lines[page.id].figure),
            }
            for page in sorted(
                review.coaching.reps, key=lambda each: (each.name.casefold(), each.id)
            )
            for stake in (own_stakes(review, "rep", page.id),)
        ],
    }
