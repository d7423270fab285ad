"""Checks a file by what it is: a playbook, a mapping, or what stands beside a playbook."""

from __future__ import annotations

import re
from pathlib import Path

from playgate.errors import Mistake, Place
from playgate.playbook.beside import LEADS, PAY, Beside, kind_of, playbook_beside

__all__ = ["check_file", "check_roles"]

_MAPPING = re.compile(rb"^(?:\xef\xbb\xbf)?(['\"]?)mapping\1[ \t]*:", re.MULTILINE)
_PLAYBOOK = re.compile(rb"^(?:\xef\xbb\xbf)?(['\"]?)(?:playbook|stages)\1[ \t]*:", re.MULTILINE)


def check_file(content: bytes, file: str) -> list[Mistake]:
    """Checks a file by its kind, and returns all mistakes and warnings in it, by place."""
    if kind := kind_of(file):
        return _check_beside(content, file, kind)
    if _is_mapping(content, file):
        from playgate.history.mapping import parse_mapping

        return parse_mapping(content, file)[1]
    if _is_shared(content, file):
        from playgate.playbook.load import shared_mistakes

        return shared_mistakes(content, file)
    from playgate.proof.lint import lint_playbook

    return lint_playbook(content, file)


def check_roles(content: bytes, file: str, people: str) -> list[Mistake]:
    """Returns a warning for each place where a playbook names a role that nobody has in the file
    `people`."""
    if _is_mapping(content, file):
        return []
    from playgate.history.people import read_people
    from playgate.proof.lint import lint_roles

    held = read_people(people, lambda _: None).all_roles  # the audit says what is wrong in it
    return lint_roles(content, file, held=held, people=people)


def _check_beside(content: bytes, file: str, kind: Beside) -> list[Mistake]:
    from playgate.documents.yaml12 import read_bytes
    from playgate.playbook.load import parse_playbook

    path = playbook_beside(Path(file), content)
    playbook, mistakes = parse_playbook(read_bytes(path), str(path))
    if playbook is None:
        first = next(each for each in mistakes if each.level == "error")
        message, hint = "their playbook has mistakes", f"mend {path} first"
        return [Mistake(Place(file, 1, 1), message, "other-playbook", hint, related=first.place)]
    if kind is PAY:
        from playgate.pay.read import parse_pay

        return parse_pay(content, file, playbook)[1]
    if kind is LEADS:
        from playgate.leads.read import parse_leads

        return parse_leads(content, file, playbook)[1]
    from playgate.cases.load import parse_cases

    return parse_cases(content, file, playbook)[1]


def _is_shared(content: bytes, file: str) -> bool:
    """Returns whether the keys at the top are words that playbooks share, and none a playbook's."""
    if _PLAYBOOK.search(content):
        return False
    from playgate.documents.schema import load_schema
    from playgate.documents.yaml12 import parse

    document, _ = parse(content, file)
    keys = set(document.data if document is not None and isinstance(document.data, dict) else ())
    shared = set(load_schema("common")["properties"])
    return bool(keys & shared) and not keys & (set(load_schema("playbook")["required"]))


def _is_mapping(content: bytes, file: str) -> bool:
    """Returns whether the keys at the top are a mapping's; in JSON they need not start a line."""
    if _PLAYBOOK.search(content):
        return False
    if _MAPPING.search(content):
        return True
    from playgate.documents.yaml12 import parse

    document, _ = parse(content, file)
    keys = document.data if document is not None and isinstance(document.data, dict) else {}
    return "mapping" in keys and "playbook" not in keys
