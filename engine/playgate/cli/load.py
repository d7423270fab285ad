"""Reads files of all kinds, and does not hold them against their schema again where lint knows
them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playgate.cli.cache import Cache
from playgate.documents.yaml12 import read_bytes
from playgate.errors import InputError, Mistake
from playgate.history.mapping import Mapping, find_mapping, parse_mapping
from playgate.model.playbook import Playbook
from playgate.playbook.load import parse_playbook
from playgate.playbook.use import says_use

if TYPE_CHECKING:
    from playgate.cases.model import CaseFile

__all__ = ["cases_from", "mapping_from", "playbook_from"]


def playbook_from(file: str) -> Playbook:
    """Reads the file and returns its playbook; raises `InputError` with all its mistakes where it
    has any."""
    content = read_bytes(Path(file))
    cache = Cache.open(wanted=not says_use(content))
    known = cache.mistakes(content, file)
    playbook, mistakes = parse_playbook(content, file, fits_schema=_is_good(known))
    if known is None:
        cache.keep_mistakes(content, mistakes)
    if playbook is None:
        raise InputError(mistakes=[each for each in mistakes if each.level == "error"])
    return playbook


def mapping_from(name_or_path: str) -> Mapping:
    """Returns the mapping in a file, or the shipped one of this name."""
    path = find_mapping(name_or_path)
    content = read_bytes(path)
    cache = Cache.open()
    known = cache.mistakes(content, str(path))
    mapping, mistakes = parse_mapping(content, str(path), fits_schema=_is_good(known))
    if known is None:
        cache.keep_mistakes(content, mistakes)
    if mapping is None:
        raise InputError(mistakes=[each for each in mistakes if each.level == "error"])
    return mapping


def cases_from(path: Path, playbook: Playbook) -> CaseFile:
    """Reads the file and returns its cases; raises `InputError` with all their mistakes where they
    have any."""
    from playgate.cases.load import parse_cases

    content = read_bytes(path)
    cache = Cache.open()
    known = cache.mistakes(content, str(path)) == []
    cases, mistakes = parse_cases(content, str(path), playbook, fits_schema=known)
    if cases is None:
        raise InputError(mistakes=mistakes)
    if not known:
        cache.keep_mistakes(content, [])  # all that this says is that they fit the schema
    return cases


def _is_good(known: list[Mistake] | None) -> bool:
    return known is not None and all(mistake.level != "error" for mistake in known)
