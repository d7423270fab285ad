"""File → playbook: text, schema, model and whole-playbook checks, with all mistakes at once."""

from __future__ import annotations

from pathlib import Path

from playgate.documents.document import Document, Route
from playgate.documents.schema import check_schema
from playgate.documents.yaml12 import parse, read_bytes
from playgate.errors import InputError, Mistake
from playgate.model.playbook import Experiment, Playbook
from playgate.playbook.arm import arm_content, as_armed
from playgate.playbook.build import build
from playgate.playbook.check import check
from playgate.playbook.read_experiments import check_experiments, check_measures
from playgate.playbook.read_numbers import read_numbers
from playgate.playbook.use import with_used
from playgate.records import replace

__all__ = [
    "in_order",
    "load_playbook",
    "load_whole",
    "parse_playbook",
    "read_playbook",
    "shared_mistakes",
]


def parse_playbook(
    content: bytes, file: str, *, fits_schema: bool = False
) -> tuple[Playbook | None, list[Mistake]]:
    """Reads `content` and returns the playbook, and every mistake and warning in it by place.

    The playbook is `None` where an error keeps it from being used; warnings do not. What is known
    to fit the schema is not held against it again.
    """
    playbook, _, mistakes = read_playbook(content, file, fits_schema=fits_schema)
    return playbook, mistakes


def read_playbook(
    content: bytes, file: str, *, fits_schema: bool = False
) -> tuple[Playbook | None, Document | None, list[Mistake]]:
    """The same, and the document that the playbook was read from, with all that it uses."""
    document, mistakes = parse(content, file)
    if document is None:
        return None, None, mistakes
    damaged: frozenset[Route] = frozenset()
    if not fits_schema:
        found, damaged = check_schema(document, "playbook")
        mistakes.extend(found)
    document, damaged = with_used(document, damaged, mistakes)
    told = _told(document, mistakes)
    playbook = build(told, damaged, mistakes)
    if playbook is not None:
        mistakes.extend(check(playbook, told, damaged))
        numbers = read_numbers(told, playbook, damaged, mistakes)
        playbook = replace(playbook, numbers=numbers)
        if "experiments" in told.data:
            playbook = _with_experiments(playbook, told, content, mistakes)
    wrong = any(mistake.level == "error" for mistake in mistakes)
    return (None if wrong else playbook), document, in_order(mistakes)


def _told(document: Document, mistakes: list[Mistake]) -> Document:
    """Returns what the document says: where it is one side of an experiment, with the change."""
    if not isinstance(document.data, dict) or "arm" not in document.data:
        return document
    armed = as_armed(document)
    mistakes.extend(check_schema(armed, "playbook")[0] if armed is not document else ())
    return armed


def _with_experiments(
    playbook: Playbook, document: Document, content: bytes, mistakes: list[Mistake]
) -> Playbook:
    """Returns the playbook whose experiments know the playbook with their change; what is wrong
    with that is added to `mistakes`."""
    mistakes.extend(check_experiments(playbook, document))
    mistakes.extend(check_measures(playbook, document))
    experiments = []
    for experiment in playbook.experiments:
        treated, _, found = read_playbook(arm_content(content, experiment.id), playbook.file)
        known = {(each.place, each.rule, each.message) for each in mistakes}
        mistakes += [each for each in found if (each.place, each.rule, each.message) not in known]
        if treated is not None and not treated.arm:
            mistakes.append(_unwritten(experiment))
        experiments.append(replace(experiment, treated=treated))
    return replace(playbook, experiments=tuple(experiments))


def _unwritten(experiment: Experiment) -> Mistake:
    message = f"the version with the change of {experiment.id} cannot be written"
    return Mistake(experiment.place, message, "experiment", "write the top keys one below another")


def shared_mistakes(content: bytes, file: str) -> list[Mistake]:
    """Returns what is wrong in the form of a file of shared words.

    What its names mean together only shows in the playbooks that use it.
    """
    document, mistakes = parse(content, file)
    if document is None:
        return mistakes
    return in_order([*mistakes, *check_schema(document, "common")[0]])


def in_order(mistakes: list[Mistake]) -> list[Mistake]:
    """The mistakes by place, each once, though what an alias repeats is read wherever it stands."""
    first: dict[tuple[object, ...], Mistake] = {}
    for mistake in mistakes:
        several_at_one_place = mistake.message if mistake.rule == "missing-key" else ""
        first.setdefault((mistake.place, mistake.rule, several_at_one_place), mistake)
    return sorted(first.values(), key=lambda mistake: mistake.place)


def load_playbook(path: Path) -> Playbook:
    """Reads the file and returns its playbook; raises `InputError` with all its mistakes where it
    has any."""
    return load_whole(read_bytes(path), str(path))[0]


def load_whole(content: bytes, file: str) -> tuple[Playbook, Document]:
    """Returns the playbook in `content` and its document, with all that it uses; raises
    `InputError` with all its mistakes where it has any."""
    playbook, document, mistakes = read_playbook(content, file)
    if playbook is None or document is None:
        raise InputError(mistakes=[each for each in mistakes if each.level == "error"])
    return playbook, document
