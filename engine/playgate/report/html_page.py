"""The report as one HTML file: no network, everything readable without a script.

Text from the history is escaped by the template and has its control characters written out; a
Content Security Policy lets nothing run or load but the style and script that stand in the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from playgate.numbers.review import Review
from playgate.report import html_course, html_deals, html_followed, html_numbers, html_view
from playgate.report.html_view import Ids, View
from playgate.report.numbers_words import days_between, head_lines
from playgate.report.words import count, visible
from playgate.version import __version__

__all__ = ["MOST_BYTES", "MOST_DEALS", "render"]

MOST_BYTES = 2_900_000
"""How large a page may become; deals that have no room are counted, not shown."""
MOST_DEALS = 1_200
_LONGEST = 1_000
_FOLDER = Path(__file__).parent / "templates"


def render(review: Review) -> Iterator[str]:
    """Yields the page in pieces."""
    templates = _environment()
    style, script = (_FOLDER.joinpath(name).read_text("utf-8") for name in _INLINE)
    stage_id, rep_id, team_id = Ids("s"), Ids("r"), Ids("t")
    view = _view(review, stage_id, rep_id, team_id)
    view |= {"style": Markup(style), "script": Markup(script)}  # noqa: S704  (our own files)
    view |= {"style_hash": _hash(style), "script_hash": _hash(script)}
    articles, left_out = _articles(
        templates, review, (rep_id, team_id, stage_id), len(str(view)) + len(style)
    )
    shown = {article["stage_id"] for article in articles}
    view["articles"] = [Markup(article["html"]) for article in articles]  # noqa: S704  (escaped)
    view["deals_shown"] = count(len(articles))
    view["deals_left_out"] = count(left_out) if left_out else ""
    view["filters"] = _filters(review, rep_id, team_id, stage_id, shown)
    view["today"] = [
        each | {"is_shown": int(each["id"][1:]) < len(articles)} for each in view["today"]
    ]
    yield templates.get_template("report.html").render(view)


_INLINE = ("report.css", "report.js")


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


def _shown(given: Any) -> Any:
    if isinstance(given, str) and not isinstance(given, Markup):
        return visible(given, limit=_LONGEST)
    return given


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _view(review: Review, stage_id: Ids, rep_id: Ids, team_id: Ids) -> View:
    basis, zone, work = review.kpis.basis, review.playbook.zone, review.work
    people = html_view.reps(review, rep_id, team_id)
    people["chart"] = Markup(people["chart"])  # noqa: S704  (Vega escapes)
    return {
        "title": basis.title or basis.playbook,
        "playbook": f"{basis.playbook} version {basis.version}",
        "file": basis.file,
        "lines": head_lines(basis, zone),
        "made_by": f"playgate {__version__}",
        "period": days_between(basis.start or 0, basis.end or 0, zone),
        "followed": html_followed.followed(review, rep_id, team_id),
        "since": html_view.since(review),
        "heat": html_followed.heat(review, stage_id, rep_id, team_id),
        "numbers": list(html_numbers.tables(review)),
        "reps": people,
        "today": html_deals.today(review, rep_id, team_id, stage_id),
        "most_today": html_deals.MOST_TODAY,
        "to_do": work.to_do,
        "open": count(work.open),
        "listed": count(work.listed),
        "charts": [
            {"key": ()} | each | {"svg": Markup(each["svg"])}  # noqa: S704  (our own chart)
            for each in html_course.charts(review)
        ],
    }


def _articles(
    templates: Environment, review: Review, ids: tuple[Ids, Ids, Ids], size: int
) -> tuple[list[View], int]:
    """Returns the deals, so far as there is room."""
    template = templates.get_template("deal.html")
    shown: list[View] = []
    for deal in html_deals.deals(review, *ids):
        html = template.render(deal=deal)
        size += len(html.encode())
        if size > MOST_BYTES:
            break
        shown.append({"html": html, "stage_id": deal["stage_id"]})
    return shown, review.work.listed - len(shown)


def _filters(
    review: Review, rep_id: Ids, team_id: Ids, stage_id: Ids, shown: set[str]
) -> dict[str, list[tuple[str, str]]]:
    """Returns what can be chosen: an id and a name for each."""
    reps = sorted(
        {*(each.id for each in review.coaching.reps), *(d.owner for d in review.work.dossiers)}
        - {""},
        key=lambda rep: (str(review.names.get(rep, rep)).casefold(), rep),
    )
    return {
        "team": [(team_id(t), t) for t in sorted({*review.teams.values()} - {""})],
        "rep": [(rep_id(rep), review.names.get(rep, rep)) for rep in reps],
        "stage": [
            (stage_id(stage.id), stage.title)
            for stage in review.playbook.stages
            if stage_id(stage.id) in shown or stage.ends is None
        ],
        "level": [("block", "block"), ("warn", "warn"), ("observe", "observe")],
    }
