"""Playbooks and mappings from files, not held against their schema again where lint knows them."""

from __future__ import annotations

from pathlib import Path

from playgate.cli.cache import Cache
from playgate.documents.yaml12 import read_bytes
from playgate.errors import InputError, Mistake
from playgate.history.mapping import Mapping, find_mapping, parse_mapping
from playgate.playbook.load import parse_playbook
from playgate.playbook.model import Playbook

__all__ = ["mapping_from", "playbook_from"]


def playbook_from(file: str) -> Playbook:
    """The playbook in the file; `InputError` with all its mistakes where it has any."""
    content = read_bytes(Path(file))
    cache = Cache.open()
    known = cache.mistakes(content, file)
    playbook, mistakes = parse_playbook(content, file, fits_schema=_is_good(known))
    if known is None:
        cache.keep_mistakes(content, mistakes)
    if playbook is None:
        raise InputError(mistakes=[each for each in mistakes if each.level == "error"])
    return playbook


def mapping_from(name_or_path: str) -> Mapping:
    """The mapping in a file, or the shipped one of this name."""
    path = find_mapping(name_or_path)
    content = read_bytes(path)
    cache = Cache.open()
    known = cache.mistakes(content, str(path))
    mapping, mistakes = parse_mapping(content, str(path), fits_schema=_is_good(known))
    if known is None:
        cache.keep_mistakes(content, mistakes)
    if mapping is None:
        raise InputError(mistakes=mistakes)
    return mapping


def _is_good(known: list[Mistake] | None) -> bool:
    return known is not None and all(mistake.level != "error" for mistake in known)
