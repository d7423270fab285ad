"""Checks a file by what it is: a playbook or a mapping."""

from __future__ import annotations

import re

from playgate.errors import Mistake

__all__ = ["check_file"]

_MAPPING = re.compile(rb"^(?:\xef\xbb\xbf)?(['\"]?)mapping\1[ \t]*:", re.MULTILINE)
_PLAYBOOK = re.compile(rb"^(?:\xef\xbb\xbf)?(['\"]?)(?:playbook|stages)\1[ \t]*:", re.MULTILINE)


def check_file(content: bytes, file: str) -> list[Mistake]:
    """All mistakes and warnings in the file, by place."""
    if _is_mapping(content, file):
        from playgate.history.mapping import parse_mapping

        return parse_mapping(content, file)[1]
    from playgate.playbook.load import lint_playbook

    return lint_playbook(content, file)


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
