"""Checks a file by what it is: a playbook or a mapping."""

from __future__ import annotations

import re

from playgate.errors import Mistake

__all__ = ["check_file"]

_MAPPING = re.compile(rb"^mapping[ \t]*:", re.MULTILINE)
_PLAYBOOK = re.compile(rb"^playbook[ \t]*:", re.MULTILINE)


def check_file(content: bytes, file: str) -> list[Mistake]:
    """All mistakes and warnings in the file, by place."""
    if _MAPPING.search(content) and not _PLAYBOOK.search(content):
        from playgate.history.mapping import parse_mapping

        return parse_mapping(content, file)[1]
    from playgate.playbook.load import parse_playbook

    return parse_playbook(content, file)[1]
