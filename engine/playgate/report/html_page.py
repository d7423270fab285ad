"""The report as one HTML file: no network, everything readable without a script.

Text from the history is escaped by the template and has its control characters written out; a
Content Security Policy lets nothing run or load but the style and script that stand in the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup

from playgate.findings import Level, RuleInfo
from playgate.language import say
from playgate.numbers.review import Review
from playgate.report import (
    html_cohorts,
    html_course,
    html_deals,
    html_followed,
    html_matrix,
    html_numbers,
    html_outlook,
    html_spark,
    html_today,
    html_trends,
    html_view,
    html_ways,
)
from playgate.report.html_deals import DealIds, state_word
from playgate.report.html_parts import Ids, Plain, View
from playgate.report.html_templates import Templates, environment, inlined
from playgate.report.html_words import level_word
from playgate.report.numbers_words import days_between, head_lines
from playgate.report.words import count
from playgate.version import __version__

__all__ = ["MOST_BYTES", "MOST_DEALS", "render", "render_index"]

MOST_BYTES = 2_900_000
"""How large a page may become; deals that have no room are counted, not shown."""
MOST_DEALS = 1_200


def render(
    review: Review, *, rep: str = "", leads: Sequence[tuple[str, str]] = ()
) -> Iterator[str]:
    """Yields the page in pieces; with `rep`, one that opens at that rep. `leads` are addresses that
    it leads to, with their names; that of what is shown itself is empty."""
    templates = environment()
    ids = DealIds(
        rep=Ids("r"),
        team=Ids("t"),
        stage=Ids("s"),
        rule=Ids("u"),
        way=Ids("w"),
        edge=Ids("e"),
        group=Ids("g"),
        practice=Ids("p"),
    )
    view = _view(review, ids) | inlined(*_INLINE)
    name = review.names.get(rep, rep)
    view |= {"of": name, "start": ids.rep(rep), "start_key": ids.rep.key(rep) if rep else ""}
    view["ways_out"] = leads
    page = templates.get_template("report.html")
    # How large the page is without its deals, all that may be chosen being there.
    every = [
        {
            "stage_id": "",
            "rules": " ".join(ids.rule(each.rule.id) for each in review.rules),
            "ways": "",
            "edges": " ".join(each["id"] for each in view["edges"]),
            "practices": "",
        }
    ]
    bare = page.render(view | _with_deals(view, review, ids, every, 0) | {"articles": ()})
    articles, left_out = _articles(templates, review, ids, len(bare.encode()))
    yield page.render(view | _with_deals(view, review, ids, articles, left_out))


def render_index(view: View) -> Iterator[str]:
    """Yields the page that leads to those of the reps."""
    page = environment().get_template("index.html")
    made_by = {"made_by": f"playgate {__version__}"}
    yield page.render(view | made_by | inlined("report.css"))


def _with_deals(
    view: View, review: Review, ids: DealIds, articles: list[View], left_out: int
) -> View:
    """Returns what depends on which deals are shown."""
    return {
        "articles": [Markup(article.get("html", "")) for article in articles],  # noqa: S704  (escaped)
        "deals_shown": count(len(articles)),
        "deals_left_out": count(left_out) if left_out else "",
        "filters": _filters(view, review, ids, articles),
        "edges_shown": _ids(articles, "edges"),
        "ways_shown": _ids(articles, "ways"),
        "today": [each | {"is_shown": _is_shown(each, articles)} for each in view["today"]],
        "forecast": [each | {"hrefs": _reached(each, articles)} for each in view["forecast"]],
        "lessons": [
            each | {"latest": [deal for deal in each["latest"] if _is_shown(deal, articles)]}
            for each in view["lessons"]
        ],
    }


def _reached(section: View, articles: list[View]) -> list[str]:
    """Returns where the rows of a section lead, apart from deals that are not shown."""
    shown = {f"#d{place}" for place in range(len(articles))}
    return [href if "=" in href or href in shown else "" for href in section["hrefs"]]


def _ids(articles: list[View], name: str) -> set[str]:
    """Returns the ids of a kind that some of the deals that are shown have."""
    return {each for article in articles for each in article[name].split()}


def _is_shown(deal: View, articles: list[View]) -> bool:
    return int(deal["id"][1:]) < len(articles)


_INLINE = ("report.css", "report.js")


def _view(review: Review, ids: DealIds) -> View:
    basis, zone, work = review.kpis.basis, review.playbook.zone, review.work
    rep_id, team_id = ids.rep, ids.team
    people = html_view.reps(review, rep_id, team_id)
    people["chart"] = Markup(people["chart"])  # noqa: S704  (Vega escapes)
    view = {
        "title": basis.title or basis.playbook,
        "playbook": say(
            "{playbook} version {version}", playbook=basis.playbook, version=basis.version
        ),
        "file": basis.file,
        "lines": head_lines(basis, zone),
        "made_by": f"playgate {__version__}",
        "period": days_between(basis.start or 0, basis.end or 0, zone),
        "followed": html_followed.followed(review, rep_id, team_id, ids.rule),
        "since": html_view.since(review),
        "heat": html_followed.heat(review, ids.stage, rep_id, team_id, ids.rule),
        "leads": html_today.leads(review, ids),
        "lessons": html_today.lessons(review, ids),
        "matrix": html_matrix.matrix(review, rep_id, team_id),
        "numbers": list(html_numbers.tables(review)),
        "reps": people,
        "today": html_today.today(review, ids),
        "most_today": html_today.MOST_TODAY,
        "listed": count(work.listed),
        "charts": _drawn(html_course.charts(review)),
        "ways": list(html_ways.ways(review, ids.way)),
        "edges": list(html_ways.edges(review, ids.edge)),
        "map": html_ways.stage_map(review, ids.edge),
        "kinds": html_ways.kinds(),
        "cohorts": html_cohorts.cohorts(review),
        "sparks": html_spark.sparks(review),
        "controls": _drawn(html_trends.controls(review)),
        "customers": list(html_numbers.customers(review, ids.group)),
        "forecast": list(html_outlook.forecast(review, ids)),
        "practices": list(html_outlook.practices(review, ids)),
        "weeks": _drawn(html_trends.trends(review)),
    }
    return view | {"parts": [part for part in _parts() if view.get(part[0], True)]}


def _parts() -> Iterator[tuple[str, str]]:
    """Yields the parts of the page, by their ids; one without anything to show is not there."""
    yield "overview", say("Overview")
    yield "team", say("Reps compared")
    yield "numbers", say("Numbers")
    yield "customers", say("Customers")
    yield "forecast", say("Forecast")
    yield "practices", say("Practices")
    yield "weeks", say("Weeks")
    yield "course", say("Stages")
    yield "reps", say("Reps")
    yield "deals", say("Deals")
    yield "words", say("Words", about="glossary")


def _drawn(charts: Iterable[View]) -> list[View]:
    return [
        {"ends": (), "level": ""} | each | {"svg": Markup(each["svg"])}  # noqa: S704  (our own chart)
        for each in charts
    ]


def _articles(
    templates: Templates, review: Review, ids: DealIds, size: int
) -> tuple[list[View], int]:
    """Returns the deals, so far as there is room."""
    template = templates.get_template("deal.html")
    shown: list[View] = []
    for deal in html_deals.deals(review, ids):
        html = template.render(deal=deal)
        size += len(html.encode())
        if size > MOST_BYTES:
            break
        shown.append(
            {
                "html": html,
                "stage_id": deal["stage_id"],
                "rules": deal["rules"],
                "ways": deal["way"],
                "edges": deal["edges"],
                "practices": deal["practices"],
            }
        )
    return shown, review.work.listed - len(shown)


_STATES = ("open", "sold", "lost")
_LEVELS: Mapping[Level, str] = {"block": "must", "warn": "should", "observe": "noted"}
"""The levels with their words in the address, which is the same in every language."""


def _filters(view: View, review: Review, ids: DealIds, shown: list[View]) -> dict[str, list[View]]:
    """Returns what can be chosen: the short id, the word in the address, and the text of each."""
    reps = sorted(
        {*(each.id for each in review.coaching.reps), *(d.owner for d in review.work.dossiers)}
        - {""},
        key=lambda rep: (str(review.names.get(rep, rep)).casefold(), rep),
    )
    teams = sorted({*review.teams.values()} - {""})
    stages = {each["stage_id"] for each in shown}
    named = ("rules", "edges", "ways", "practices")
    rules, edges, ways, practices = (_ids(shown, name) for name in named)
    plain = Plain(review.playbook)
    return {
        "team": [_choice(ids.team, team, team) for team in teams],
        "rep": [_choice(ids.rep, rep, review.names.get(rep, rep)) for rep in reps],
        "state": [
            {"id": "todo", "key": "todo", "text": say("to act on")},
            *({"id": state, "key": state, "text": state_word(state)} for state in _STATES),
            {"id": "missed", "key": "missed", "text": say("with a miss")},
        ],
        "stage": [
            _choice(ids.stage, stage.id, stage.title)
            for stage in review.playbook.stages
            if ids.stage(stage.id) in stages or stage.ends is None
        ],
        "rule": [
            _choice(ids.rule, each.rule.id, _rule_text(each.rule, plain, review))
            for each in review.rules
            if ids.rule(each.rule.id) in rules
        ],
        "way": [each for each in view["ways"] if each["id"] in ways],
        "edge": [each for each in view["edges"] if each["id"] in edges],
        "group": list(html_numbers.choices(review, ids.group)),
        "practice": [
            each for each in html_outlook.practice_choices(review, ids) if each["id"] in practices
        ],
        "level": [
            {"id": level, "key": key, "text": level_word(level)} for level, key in _LEVELS.items()
        ],
    }


def _rule_text(rule: RuleInfo, plain: Plain, review: Review) -> str:
    title = plain(rule.title)
    return f"{title} ({review.playbook.stage(rule.stage).title})" if rule.stage else title


def _choice(known: Ids, name: str, text: str) -> View:
    return {"id": known(name), "key": known.key(name), "text": text}
