"""What is likely to come, and what winners do otherwise, as the page shows it: the tables of the
commands, whose rows lead to the deals behind them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from playgate.language import say
from playgate.numbers.forecast.result import Brought, Expected, Forecast
from playgate.numbers.practices.result import Practices
from playgate.numbers.review import Review
from playgate.records import replace
from playgate.report.forecast_text import (
    before_section,
    deals_section,
    moving_section,
    sums_section,
)
from playgate.report.html_deals import DealIds, group_key, practice_key
from playgate.report.html_parts import Plain, View, section_view, shortened
from playgate.report.html_words import PageWords
from playgate.report.practices_text import alike_section, found_section, gaps_section
from playgate.report.words import count

__all__ = ["forecast", "practice_choices", "practices"]

_MOST_ALIKE = 8


def forecast(review: Review, ids: DealIds) -> Iterator[View]:
    """Yields what is likely to come, the deals behind it, what would move it most, and how well the
    same forecast did before."""
    found = review.forecast
    if found is None:
        return
    named = _named(found, review)
    if found.value is None:
        section = sums_section(named, review.playbook.zone)
        yield section_view("coming", section)
        return
    sums = sums_section(named, review.playbook.zone)
    open_deals = "#state=open&at=deals"
    yield section_view("coming", sums, [open_deals, *(_to(each, ids) for each in found.lines)])
    places = {each.deal: f"#d{place}" for place, each in enumerate(review.work.dossiers)}
    for name, make in (("bring", deals_section), ("move", moving_section)):
        section, deals = make(named)
        if section.rows:
            yield section_view(name, section, [places.get(deal, "") for deal in deals])
    yield section_view("before", before_section(named))


def _named(found: Forecast, review: Review) -> Forecast:
    """Returns the forecast in the page's words: reps by their names, rules by their titles."""
    words = PageWords(review)
    titles = {each.rule.id: words.plain(each.rule.title) for each in review.rules}
    return replace(
        found,
        lines=tuple(replace(line, name=shortened(line.name)) for line in found.lines),
        deals=tuple(
            replace(
                each,
                rep=words.who(each.rep),
                why=(_of_stage(each, words), *each.why[1:]),
                missing=tuple(titles.get(rule, rule) for rule in each.missing),
            )
            for each in found.deals
        ),
    )


def _of_stage(deal: Expected, words: PageWords) -> str:
    """Returns the first reason for a deal's chance, its stage: by its title."""
    said = deal.why[0].removeprefix(deal.stage)
    return f"{words.stage(deal.stage)}{said}"


def _to(line: Brought, ids: DealIds) -> str:
    """Returns where the open deals of a line are."""
    end = "state=open&at=deals"
    match line.scope:
        case "rep":
            return f"#rep={quote(ids.rep.key(line.id))}&team=&{end}" if line.id else ""
        case "team":
            return f"#team={quote(ids.team.key(line.id))}&rep=&{end}"
        case "segment":
            return f"#group={quote(ids.group.key(group_key('segment', line.id)))}&{end}"
    return f"#{end}"


def practices(review: Review, ids: DealIds) -> Iterator[View]:
    """Yields what won deals had done and others had not, what it would bring, and the rules that
    make no difference."""
    found = review.practices
    if found is None:
        return
    plain = Plain(review.playbook)
    ways = [_practised(ids, str(each.rule["id"]), did=False) for each in found.found]
    section = found_section(_titled(found, review), plain)
    yield section_view("winners", replace(section, note=f"{_looked(review)}{section.note}"), ways)
    if found.found:
        gaps = gaps_section(found, plain)
        own = [way for way, each in zip(ways, found.found, strict=True) if each.gap]
        yield section_view("gain", gaps, own)
    if found.alike:
        titles = {each.rule.id: plain(each.rule.title) for each in review.rules}
        alike = alike_section(found, lambda rule: titles.get(rule, rule), _MOST_ALIKE)
        keys = [ids.rule.key(each.rule) for each in found.alike[:_MOST_ALIKE]]
        yield section_view("alike", alike, [f"#rule={quote(key)}&at=deals" for key in keys])


def _titled(found: Practices, review: Review) -> Practices:
    """Returns it with the titles of its outcome and landmark."""
    kpis = {table.id: table.title for table in review.kpis.kpis}
    return replace(
        found,
        outcome=kpis.get(found.outcome, found.outcome),
        landmark=review.playbook.stage(found.landmark).title,
    )


def _looked(review: Review) -> str:
    looked, all_deals = review.practices, review.kpis.basis.deals
    if looked is None or looked.basis.deals >= all_deals:
        return ""
    deals, whole = count(looked.basis.deals), count(all_deals)
    said = say("Looked at {deals} of {whole} deals, drawn by their ids.", deals=deals, whole=whole)
    return f"{said} "


def _practised(ids: DealIds, rule: str, *, did: bool) -> str:
    return f"#practice={quote(ids.practice.key(practice_key(rule, did=did)))}&at=deals"


def practice_choices(review: Review, ids: DealIds) -> Iterator[View]:
    """Yields by what was found deals can be chosen: those with it, and those without."""
    plain = Plain(review.playbook)
    for each in review.practices.found if review.practices else ():
        what = plain(each.words)
        for did, text in (
            (False, say("without: {what}", what=what)),
            (True, say("with: {what}", what=what)),
        ):
            key = practice_key(str(each.rule["id"]), did=did)
            yield {"id": ids.practice(key), "key": ids.practice.key(key), "text": text}
