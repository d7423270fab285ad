"""Checks a file by what it is: a playbook or a mapping."""

from __future__ import annotations

import re

from playgate.errors import Mistake

__all__ = ["check_file", "check_roles"]

_MAPPING = re.compile(rb"^(?:\xef\xbb\xbf)?(['\"]?)mapping\1[ \t]*:", re.MULTILINE)
_PLAYBOOK = re.compile(rb"^(?:\xef\xbb\xbf)?(['\"]?)(?:playbook|stages)\1[ \t]*:", re.MULTILINE)


def check_file(content: bytes, file: str) -> list[Mistake]:
    """All mistakes and warnings in the file, by place."""
    if _is_mapping(content, file):
        from playgate.history.mapping import parse_mapping

        return parse_mapping(content, file)[1]
    from playgate.playbook.load import lint_playbook

    return lint_playbook(content, file)


def check_roles(content: bytes, file: str, people: str) -> list[Mistake]:
    """Where a playbook names a role that nobody has in the file `people`."""
    if _is_mapping(content, file):
        return []
    from playgate.history.people import read_people
    from playgate.playbook.load import lint_roles

    held = read_people(people, lambda _: None).all_roles  # what is wrong in it, the audit says
    return lint_roles(content, file, held=held, people=people)


def _is_mapping(content: bytes, file: str) -> bool:
    """By the keys at the top: most files have them at the start of a line, JSON may not."""
    if _PLAYBOOK.search(content):
        return False
    if _MAPPING.search(content):
        return True
    from playgate.documents.yaml12 import parse

    document, _ = parse(content, file)
    keys = document.data if document is not None and isinstance(document.data, dict) else {}
    return "mapping" in keys and "playbook" not in keys
