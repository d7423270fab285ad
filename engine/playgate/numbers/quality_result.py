"""What the marks on facts come to: frozen values, in the units of `playgate.numbers.result`."""

from __future__ import annotations

from playgate.numbers.result import Basis, Figure, Scope
from playgate.records import Record

__all__ = ["Marked", "QualityResult", "RepMarks", "RuleMarks"]


class Marked(Record):
    """How many rules were met by facts with each mark; a rule may have several."""

    just_before: int
    same_text: int
    batch: int
    at_threshold: int


class RuleMarks(Record):
    """A rule that was met by facts: how much of that is marked."""

    rule: str
    title: str
    share: Figure
    """Of the times that it was met, `count`, those with a mark, `part`."""
    expected: float | None
    """How many were to be expected at everybody's rate, of a rep."""
    chance: float | None
    """How likely so large a difference is by chance, raised for the number of reps and rules;
    `None` where it rests on too few."""
    marks: Marked
    deals: tuple[str, ...]
    """Those with the latest marks."""


class RepMarks(Record):
    """The company, a team or a rep: how much of what counts as met is marked."""

    scope: Scope
    id: str
    name: str
    team: str
    ramps: bool
    """Whether the rep is new, and is not compared."""
    share: Figure
    expected: float | None
    chance: float | None
    """Raised for the number of reps."""
    marks: Marked
    rules: tuple[RuleMarks, ...]


class QualityResult(Record):
    """What `playgate quality` shows."""

    basis: Basis
    looked_for: tuple[str, ...]
    """The marks that are looked for; the playbook may leave some out."""
    lines: tuple[RepMarks, ...]
