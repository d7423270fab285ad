"""In which arm of an experiment a deal is, and which version of the playbook so judges it.

A deal is assigned as it begins: by when that is, whose it is then, and its id. Nothing that becomes
of it later changes the arm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from playgate.documents.document import Document, nearest
from playgate.errors import InputError
from playgate.history.deal import Deal, DealReader, no_roles, responsible
from playgate.history.people import People
from playgate.history.walk import Walked
from playgate.judge.judge import Judge
from playgate.model.playbook import Experiment, Playbook
from playgate.playbook.arm import arm_content

__all__ = ["Arms", "Assigned", "JudgedSides", "Side", "arms_to_keep", "check_arms", "drawn"]

_WHOLE = 2**64


class Assigned(NamedTuple):
    """The experiment that a deal is in, and whether it is among those that try the change."""

    experiment: Experiment
    treated: bool


class Arms:
    """Assigns deals to the arms of a playbook's experiments."""

    def __init__(self, playbook: Playbook, people: People | None) -> None:
        self._playbook = playbook.name
        self._experiments = playbook.experiments
        self._people = people
        self._left_out = frozenset(playbook.automation)

    def of(self, deal: Deal) -> Assigned | None:
        """Returns the arm of a deal, `None` where it is in no experiment."""
        if not self._experiments or not deal.events:
            return None
        return self.at(deal.id, deal.happened[0], responsible(deal, 0))

    def at(self, deal: str, begins: int, rep: str) -> Assigned | None:
        """Returns the arm of a deal that begins at an instant, with this rep."""
        for experiment in self._experiments:
            if experiment.starts <= begins <= experiment.until:
                treated = self.assigned(experiment, deal, rep)
                if treated is not None:
                    return Assigned(experiment, treated)
        return None

    def assigned(self, experiment: Experiment, deal: str, rep: str) -> bool | None:
        """Returns the same of a deal that began while the experiment runs: what a ledger pinned it
        to, where one did."""
        side = self.side(experiment, deal, rep)
        if experiment.assigned is None:
            return side
        return True if deal in experiment.assigned else None if side is None else False

    def side(self, experiment: Experiment, deal: str, rep: str) -> bool | None:
        """Returns whether a deal with this rep would try the change; `None` where it is in neither
        arm."""
        arms = experiment.arms
        if arms.share is not None:
            return drawn(experiment, self._playbook, deal)
        group = rep if arms.reps else self._team(rep)
        if not group or rep in self._left_out:
            return None
        if group in arms.named:
            return True
        return None if arms.against and group not in arms.against else False

    def _team(self, rep: str) -> str:
        person = self._people.person(rep) if self._people else None
        return person.team if person else ""


class Side(NamedTuple):
    """What judges the deals of an arm; `places` are those of its rules in the playbook as it is
    written, `None` of a rule that only the change brings."""

    judge: Judge
    reader: DealReader
    places: tuple[int | None, ...]


class JudgedSides:
    """Judges each deal of a history by the version of the arm that it is in."""

    def __init__(self, judge: Judge, reader: DealReader, people: People | None) -> None:
        self._arms = Arms(judge.playbook, people)
        self._own = Side(judge, reader, tuple(range(len(judge.rules))))
        places = {rule.rule.info.id: place for place, rule in enumerate(judge.rules)}
        self._treated: dict[str, Side] = {}
        for experiment in judge.playbook.experiments:
            if experiment.treated is not None:
                other = Judge(experiment.treated, has_people=people is not None)
                own = tuple(places.get(rule.rule.info.id) for rule in other.rules)
                read = other.reader(people.roles if people else no_roles)
                self._treated[experiment.id] = Side(other, read, own)

    def of(self, walked: Walked) -> tuple[Side, Deal]:
        """Returns what judges a deal, and the deal as that reads it."""
        assigned = self._arms.of(walked.deal) if self._treated else None
        side = self._treated.get(assigned.experiment.id) if assigned else None
        if assigned is None or not assigned.treated or side is None:
            return self._own, walked.deal
        deal = walked.deal
        return side, side.reader.read(deal.id, walked.events, deal.as_of)


def drawn(experiment: Experiment, playbook: str, deal: str) -> bool:
    """Returns whether a deal is drawn to try the change.

    It is where the first 64 bits of the HMAC-SHA256 of its id, under the experiment's key, are less
    than the share of all that they can be.
    """
    import hashlib  # only here: their import takes long, and few deals are drawn
    import hmac

    arms = experiment.arms
    key = arms.key or f"{playbook}/{experiment.id}"
    digest = hmac.digest(_bytes(key), _bytes(deal), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") < (arms.share or 0.0) * _WHOLE


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def check_arms(playbook: Playbook, people: People | None) -> None:
    """Raises `InputError` where the arms of an experiment cannot be told apart among the people."""
    for experiment in playbook.experiments:
        if experiment.arms.teams:
            _check_teams(experiment, people)
        elif experiment.arms.reps and people is not None:
            known = set(people.actors())
            _check_names(experiment, known, "rep", people)
            if known == set(experiment.arms.reps):
                raise _nobody_else(experiment, "rep")


def _check_teams(experiment: Experiment, people: People | None) -> None:
    if people is None:
        raise InputError(
            f"the experiment {experiment.id} is tried by teams, and who is in which is not known",
            hint="--people people.csv says it",
            code="usage",
        )
    teams = set(_teams(people))
    _check_names(experiment, teams, "team", people)
    if teams == set(experiment.arms.teams):
        raise _nobody_else(experiment, "team")


def _check_names(experiment: Experiment, known: set[str], what: str, people: People) -> None:
    arms = experiment.arms
    for name in (*arms.named, *arms.against):
        if name not in known:
            raise InputError(
                f'the experiment {experiment.id} names the {what} "{name}", and nobody knows it',
                hint=nearest(name, known),
                code="unknown-name",
            )


def _nobody_else(experiment: Experiment, what: str) -> InputError:
    return InputError(
        f"the experiment {experiment.id} is no experiment: every {what} tries the change, so that"
        " there is nobody to compare with",
        hint=f"leave out a {what}, or draw a share of the deals",
        code="wrong-value",
    )


def _teams(people: People) -> Iterator[str]:
    for actor in people.actors():
        person = people.person(actor)
        if person is not None and person.team:
            yield person.team


def arms_to_keep(playbook: Playbook, content: bytes) -> Iterable[tuple[Playbook, Document, bytes]]:
    """Yields the versions of a playbook with the changes of its experiments, to be kept with it."""
    from playgate.playbook.load import load_whole  # most playbooks have none

    for experiment in playbook.experiments:
        armed = arm_content(content, experiment.id)
        yield *load_whole(armed, playbook.file), armed
