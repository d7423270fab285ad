"""A rep's own part of a report: only their deals, and of the others no more than what everyone
comes to together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from playgate.history.event import Event, event_id
from playgate.language import say
from playgate.numbers.forecast.result import Forecast
from playgate.numbers.narrow import Chosen, narrow
from playgate.numbers.quality_result import QualityResult
from playgate.numbers.result import Kpis, Segments
from playgate.numbers.review import Review
from playgate.numbers.watch_result import Alarms
from playgate.numbers.work_result import Dossier, OwnStake, Step, Told, Worklist
from playgate.records import replace

__all__ = ["own_review"]

_SHORT = 3
"""Names of so few letters are found within a text only as they are written, and no single one."""


def own_review(review: Review, rep: str) -> Review:
    """Returns what a rep may see: their own lines, those of their team and of everyone, and their
    own deals, on which other reps are not named."""
    team = review.teams.get(rep, "")
    chosen = Chosen(frozenset({rep}), frozenset({team} - {""}))
    hidden = _Hidden(review, rep)
    stakes = _stakes(review, rep)
    own = [each for each in review.work.dossiers if each.owner == rep]
    return replace(
        review,
        kpis=_kpis(review.kpis, chosen),
        rules=tuple(
            replace(each, own={key: own for key, own in each.own.items() if chosen.has(*key)})
            for each in review.rules
        ),
        coaching=narrow(review.coaching, chosen),
        target=narrow(review.target, chosen) if review.target is not None else None,
        alarms=_alarms(review.alarms, chosen),
        work=_work(review.work, rep, stakes, hidden),
        controls=tuple(
            each for each in review.controls if chosen.has(each.alarm.scope, each.alarm.id)
        ),
        quality=_quality(review.quality, chosen, own),
        segments=_segments(review.segments, chosen, own),
        forecast=_forecast(review.forecast, chosen),
        names={actor: hidden.name(actor) for actor in review.names},
        teams={owner: _team_behind(owner, review) for owner in stakes},
    )


def _kpis(found: Kpis, chosen: Chosen) -> Kpis:
    """Returns the lines that are shown; a quarter of the reps may be one of them, so none is."""
    own = narrow(found, chosen)
    return replace(own, kpis=tuple(replace(table, groups=()) for table in own.kpis))


def _alarms(found: Alarms, chosen: Chosen) -> Alarms:
    return replace(
        found,
        alarms=tuple(each for each in found.alarms if chosen.has(each.scope, each.id)),
        looked=tuple(each for each in found.looked if chosen.has(each.scope, each.id)),
    )


def _forecast(found: Forecast | None, chosen: Chosen) -> Forecast | None:
    """Returns the lines that are shown, and the rep's own deals."""
    if found is None:
        return None
    return replace(
        found,
        lines=tuple(
            line
            for line in found.lines
            if line.scope in ("company", "segment") or chosen.has(line.scope, line.id)
        ),
        deals=tuple(each for each in found.deals if each.rep in chosen.reps),
    )


def _quality(
    found: QualityResult | None, chosen: Chosen, own: list[Dossier]
) -> QualityResult | None:
    """Returns the marks of the lines that are shown, without the deals of others."""
    if found is None:
        return None
    narrowed = narrow(found, chosen)
    return replace(
        narrowed,
        lines=tuple(
            replace(
                line,
                rules=tuple(replace(rule, deals=_among(rule.deals, own)) for rule in line.rules),
            )
            for line in narrowed.lines
        ),
    )


def _segments(found: Segments, chosen: Chosen, own: list[Dossier]) -> Segments:
    narrowed = narrow(found, chosen)
    segments, profiles = (
        tuple(replace(line, untouched=_among(line.untouched, own)) for line in lines)
        for lines in (narrowed.segments, narrowed.profiles)
    )
    products = tuple(
        replace(
            each, business=replace(each.business, untouched=_among(each.business.untouched, own))
        )
        if each.business
        else each
        for each in narrowed.products
    )
    return replace(narrowed, segments=segments, profiles=profiles, products=products)


# What is at stake

_OTHERS = "\0"
"""Stands before a team, for the owners of it who are not told apart."""


def _stakes(review: Review, rep: str) -> dict[str, OwnStake]:
    """Returns the rep's own, and those of the others by team alone."""
    groups: dict[str, list[OwnStake]] = defaultdict(list)
    for owner, stake in review.work.stakes.items():
        groups[owner if owner == rep else _OTHERS + review.teams.get(owner, "")].append(stake)
    return {owner: OwnStake.total(each) for owner, each in groups.items()}


def _team_behind(owner: str, review: Review) -> str:
    return owner[1:] if owner.startswith(_OTHERS) else review.teams.get(owner, "")


# The deals


def _pattern(word: str) -> str:
    return re.escape(word) if len(word) <= _SHORT else f"(?i:{re.escape(word)})"


class _Hidden:
    """Knows who is not to be named, and takes them out of texts."""

    def __init__(self, review: Review, rep: str) -> None:
        owners = (*review.work.stakes, *(each.owner for each in review.work.dossiers))
        self._others = {*(page.id for page in review.coaching.reps), *owners} - {rep, ""}
        self._names = review.names
        said = {word for actor in self._others for word in (actor, review.names.get(actor, actor))}
        said -= {rep, review.names.get(rep, rep)}
        words = sorted((word for word in said if len(word) > 1), key=len, reverse=True)
        within = "|".join(map(_pattern, words)) or "(?!)"
        self._within = re.compile(rf"(?<!\w)(?:{within})(?!\w)")
        self._alone = frozenset(said)
        self._colleague = say("a colleague")
        """What another rep is called on a page that is not theirs."""

    def name(self, actor: str) -> str:
        """Returns what the rep's page calls somebody."""
        return self._colleague if actor in self._others else self._names[actor]

    def actor(self, actor: str) -> str:
        """Returns an actor who may be named."""
        return self._colleague if actor in self._others else actor

    def text(self, text: str) -> str:
        """Returns a text without the names."""
        return self._colleague if text in self._alone else self._within.sub(self._colleague, text)

    def event(self, event: Event) -> Event:
        """Returns an event of the same id."""
        return event._replace(
            value=self.text(event.value),
            actor=self.actor(event.actor),
            event_id=event_id(event),
            attrs=self.text(event.attrs),
        )

    def told(self, told: Told) -> Told:
        """Returns a finding without the names; its evidence is known by the events' ids."""
        found = told.finding
        return replace(
            told,
            finding=found._replace(
                actor=self.actor(found.actor),
                message=self.text(found.message),
                waived_by=self.actor(found.waived_by),
                waiver_reason=self.text(found.waiver_reason),
                evidence=tuple(
                    each._replace(value=self.text(each.value), actor=self.actor(each.actor))
                    for each in found.evidence
                ),
            ),
        )

    def step(self, step: Step) -> Step:
        """Returns a step, and who can do it."""
        finding = self.told(Told(step.finding, ())).finding
        return replace(step, finding=finding, who=tuple(dict.fromkeys(map(self.actor, step.who))))

    def dossier(self, dossier: Dossier) -> Dossier:
        """Returns a deal on which nobody else is named."""
        return replace(
            dossier,
            findings=tuple(map(self.told, dossier.findings)),
            refusals=tuple(map(self.told, dossier.refusals)),
            steps=tuple(map(self.step, dossier.steps)),
            events=tuple(map(self.event, dossier.events)),
        )


def _work(work: Worklist, rep: str, stakes: dict[str, OwnStake], hidden: _Hidden) -> Worklist:
    own = [each for each in work.dossiers if each.owner == rep]
    return replace(
        work,
        stakes=stakes,
        lessons=tuple(replace(each, latest=_among(each.latest, own)) for each in work.lessons),
        listed=work.listed_of.get(rep, 0),
        listed_of={rep: work.listed_of.get(rep, 0)},
        dossiers=tuple(map(hidden.dossier, own)),
    )


def _among(deals: Iterable[str], own: list[Dossier]) -> tuple[str, ...]:
    known = {each.deal for each in own}
    return tuple(deal for deal in deals if deal in known)
