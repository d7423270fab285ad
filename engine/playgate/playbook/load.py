"""File → playbook: text, schema, model and whole-playbook checks, with all mistakes at once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from playgate.documents.document import Document, Route
from playgate.documents.schema import check_schema
from playgate.documents.yaml12 import parse, read_bytes
from playgate.errors import InputError, Mistake
from playgate.playbook.build import build
from playgate.playbook.check import check
from playgate.playbook.model import Playbook
from playgate.playbook.read_numbers import read_numbers
from playgate.records import replace

__all__ = ["lint_playbook", "lint_roles", "load_playbook", "parse_playbook"]


def parse_playbook(
    content: bytes, file: str, *, fits_schema: bool = False
) -> tuple[Playbook | None, list[Mistake]]:
    """Reads `content` and returns the playbook, and every mistake and warning in it by place.

    The playbook is `None` where an error keeps it from being used; warnings do not. What is known
    to fit the schema is not held against it again.
    """
    playbook, _, mistakes = _read(content, file, fits_schema=fits_schema)
    return playbook, mistakes


def lint_playbook(content: bytes, file: str) -> list[Mistake]:
    """Returns the mistakes and warnings of a playbook and, where nothing is wrong, what is proven
    besides."""
    playbook, document, mistakes = _read(content, file)
    if playbook is None or document is None:
        return mistakes
    from playgate.playbook.analysis.run import analyse  # only here: nobody else waits for it

    return _in_order([*mistakes, *analyse(playbook, document)])


def lint_roles(content: bytes, file: str, *, held: Collection[str], people: str) -> list[Mistake]:
    """Returns a warning for each place where a playbook names a role that nobody has in the file
    `people`."""
    playbook, document, _ = _read(content, file)
    if playbook is None or document is None:
        return []
    from playgate.playbook.analysis.roles import check_roles

    return _in_order(check_roles(playbook, document, held=held, people=people))


def _read(
    content: bytes, file: str, *, fits_schema: bool = False
) -> tuple[Playbook | None, Document | None, list[Mistake]]:
    document, mistakes = parse(content, file)
    if document is None:
        return None, None, mistakes
    damaged: frozenset[Route] = frozenset()
    if not fits_schema:
        found, damaged = check_schema(document, "playbook")
        mistakes.extend(found)
    playbook = build(document, damaged, mistakes)
    if playbook is not None:
        mistakes.extend(check(playbook, document, damaged))
        numbers = read_numbers(document, playbook, damaged, mistakes)
        playbook = replace(playbook, numbers=numbers)
    wrong = any(mistake.level == "error" for mistake in mistakes)
    return (None if wrong else playbook), document, _in_order(mistakes)


def _in_order(mistakes: list[Mistake]) -> list[Mistake]:
    """Returns the mistakes by place, each once, though what an alias repeats is read wherever it
    stands."""
    first: dict[tuple[object, ...], Mistake] = {}
    for mistake in mistakes:
        several_at_one_place = mistake.message if mistake.rule == "missing-key" else ""
        first.setdefault((mistake.place, mistake.rule, several_at_one_place), mistake)
    return sorted(first.values(), key=lambda mistake: mistake.place)


def load_playbook(path: Path) -> Playbook:
    """Reads the file and returns its playbook; raises `InputError` with all its mistakes where it
    has any."""
    playbook, mistakes = parse_playbook(read_bytes(path), str(path))
    if playbook is None:
        raise InputError(mistakes=[each for each in mistakes if each.level == "error"])
    return playbook
