"""The report's advice: the first sentence, what to do today, and what to learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from playgate.enforce.values import Ahead
from playgate.language import say
from playgate.numbers.review import Review
from playgate.numbers.today import next_of
from playgate.numbers.work_result import Dossier, OwnStake, Step
from playgate.report.html_deals import DealIds, deal_facts, deal_ids
from playgate.report.html_followed import members
from playgate.report.html_parts import View, shortened
from playgate.report.html_view import rep_order
from playgate.report.html_words import PageWords, all_of, level_word
from playgate.report.numbers_words import several
from playgate.report.words import plural

__all__ = ["MOST_TODAY", "leads", "lessons", "own_stakes", "today"]

MOST_TODAY = 5
_MOST_CHOICES = 200
_MOST_LESSONS = 6
_MOST_NAMED = 3


# The first sentence


def leads(review: Review, ids: DealIds) -> list[View]:
    """Returns what stands first, of the company, then of the teams and reps by whom a page is
    filtered."""
    words = PageWords(review)
    return [
        {
            "of": of,
            **_lead(own_stakes(review, line.scope, line.id), words.unit),
            "talk": _to_talk_to(review, line.scope, line.id, words),
        }
        for line, of in members(review, ids.rep, ids.team)
    ]


def own_stakes(review: Review, scope: str, name: str) -> OwnStake:
    """Returns what is at stake on the deals of the company, a team or a rep."""
    owners = review.work.stakes
    return OwnStake.total(
        owners[owner]
        for owner in owners
        if scope == "company"
        or (scope == "rep" and owner == name)
        or (scope == "team" and review.teams.get(owner) == name)
    )


def _lead(own: OwnStake, unit: str) -> View:
    return {
        "open": own.open,
        "to_do": own.to_do,
        "deals": plural(own.open, "open deal"),
        "at_stake": " + ".join(several(own.at_stake, unit, own.apart))
        if own.at_stake or own.apart
        else "",
        "unknown": plural(own.unknown, "deal") if own.unknown else "",
    }


def _to_talk_to(review: Review, scope: str, name: str, words: PageWords) -> str:
    """Returns who is clearly behind the others, those with most at stake first."""
    stakes = review.work.stakes
    behind = [
        page
        for page in rep_order(review)
        if page.struggles
        and (scope == "company" or (scope == "team" and page.team == name) or page.id == name)
    ]
    behind.sort(key=lambda page: -stakes[page.id].at_stake if page.id in stakes else 0.0)
    names = [words.who(page.id) for page in behind[:_MOST_NAMED]]
    return all_of(names) if scope != "rep" else ""


# What to do today


def today(review: Review, ids: DealIds) -> list[View]:
    """Returns open deals with something to do, and how: the first of everyone, and of each
    owner."""
    words, as_of = PageWords(review), review.kpis.basis.as_of or 0
    found: list[View] = []
    seen: Counter[str] = Counter()
    for place, dossier in enumerate(review.work.dossiers):
        what = _what(dossier, words, as_of)
        if what is None or seen[dossier.owner] >= MOST_TODAY or len(found) >= _MOST_CHOICES:
            continue
        seen[dossier.owner] += 1
        found.append(
            {
                **deal_ids(place, dossier, review, ids),
                "is_first": len(found) < MOST_TODAY,
                "deal": dossier.deal,
                "owner": words.who(dossier.owner),
                "where": words.stage(dossier.stage),
                "facts": deal_facts(dossier, words),
                **what,
            }
        )
    return found


def _what(dossier: Dossier, words: PageWords, as_of: int) -> View | None:
    """Returns the one next step or, where nothing was missed, what falls due in the coming
    week."""
    match next_of(dossier, as_of):
        case Step() as first:
            return {
                "level": first.finding.rule.level,
                "said": level_word(first.finding.rule.level),
                "todo": words.to_do(first.remedy),
                "who": words.by(first.who, first.remedy.roles),
                "more": len(dossier.steps) - 1,
            }
        case Ahead() as due:
            day = words.day(due.due_at)
            return {
                "level": "due",
                "said": say("due"),
                "todo": say("{what}: by {day}", what=words.plain(due.title), day=day),
                "who": words.who(dossier.owner),
                "more": 0,
            }
    return None


# What to learn from


def lessons(review: Review, ids: DealIds) -> list[View]:
    """Returns the rules that were missed most where nothing can mend it any more."""
    words = PageWords(review)
    places = {each.deal: place for place, each in enumerate(review.work.dossiers)}
    return [
        {
            "title": words.plain(each.rule.title),
            "key": ids.rule.key(each.rule.id),
            "deals": plural(each.deals, "deal"),
            "lost": each.lost,
            "why": shortened(each.rule.why),
            "latest": list(_latest(each.latest, places)),
        }
        for each in review.work.lessons[:_MOST_LESSONS]
    ]


def _latest(deals: Iterable[str], places: dict[str, int]) -> Iterator[View]:
    for deal in deals:
        if deal in places:
            yield {"deal": shortened(deal), "id": f"d{places[deal]}"}
