"""Instants, people, stages, levels and amounts as the page's reader calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playgate.conditions.instants import DAY, Zone
from playgate.enforce.remedy import Remedy
from playgate.findings import Level
from playgate.history.money import Amount
from playgate.language import say
from playgate.numbers.review import Review
from playgate.numbers.stakes import Stake
from playgate.report.figures import day, minute, percent
from playgate.report.html_parts import Plain, shortened
from playgate.report.numbers_words import money
from playgate.report.words import count

__all__ = ["PageWords", "all_of", "any_of", "level_word"]


def level_word(level: Level) -> str:
    """Returns a level, as a manager says it."""
    match level:
        case "block":
            return say("must")
        case "warn":
            return say("should")
        case "observe":
            return say("noted")


def all_of(words: Sequence[str]) -> str:
    """Returns words as a list: `a, b and c`."""
    return _listed(words, say("and"))


def any_of(words: Sequence[str]) -> str:
    """Returns words as a choice: `a, b or c`."""
    return _listed(words, say("or"))


def _listed(words: Sequence[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


class PageWords:
    """What a report's parts say alike."""

    def __init__(self, review: Review) -> None:
        self.zone: Zone = review.playbook.zone
        self.plain = Plain(review.playbook)
        self.live = review.is_live
        self.names: Mapping[str, str] = review.names
        self.unit = review.work.unit
        self.stages = {stage.id: stage.title for stage in review.playbook.stages}
        self.activities = {name: each.title for name, each in review.playbook.activities.items()}
        self.fields = {name: self.plain(name) for name in review.playbook.fields}
        self.fields["owner"] = say("Owner")
        self._units = {
            name: each.unit
            for name, each in review.playbook.fields.items()
            if each.kind in ("number", "integer")
        }
        self._now = review.kpis.basis.as_of or 0

    def day(self, at: int) -> str:
        """Returns a day, as the calendar writes it."""
        return day(at, self.zone)

    def minute(self, at: int) -> str:
        """Returns a day with its time."""
        return minute(at, self.zone)

    def days_since(self, at: int) -> int:
        """Returns the whole days until now."""
        return max(0, self._now - at) // DAY

    def who(self, actor: str) -> str:
        """Returns a person's name."""
        return shortened(self.names.get(actor, actor))

    def to_do(self, remedy: Remedy) -> str:
        """Returns a remedy on a list of things to do."""
        return self.plain(shortened(remedy.words.removeprefix("do ")))

    def by(self, who: tuple[str, ...], roles: tuple[str, ...]) -> str:
        """Returns who can do it: people where they are known, else roles."""
        names = [self.who(each) for each in who]
        if roles and names:
            return f"{any_of(names)} ({_either(roles)})"
        return any_of(names) or _either(roles)

    def stage(self, stage: str) -> str:
        """Returns a stage's title."""
        return self.stages.get(stage, stage)

    def amount(self, worth: Amount | None) -> str:
        """Returns what a deal is worth."""
        return "" if worth is None else money(worth.value, worth.currency or self.unit)

    def chance(self, stake: Stake) -> str:
        """Returns how often such deals are won."""
        return "" if stake.chance is None else percent(stake.chance)

    def value(self, field: str, text: str) -> str:
        """Returns a field's value; a number with its thousands apart, and its unit."""
        unit, digits = self._units.get(field), text.strip()
        if unit is None or not digits.isdecimal() or not digits.isascii():
            return shortened(text)
        large = count(int(digits)) if len(digits) < 16 else digits
        return f"{large} {unit}".rstrip()


def _either(roles: Sequence[str]) -> str:
    return f" {say('or')} ".join(roles)
