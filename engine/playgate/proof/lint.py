"""What `lint` says of a playbook: its mistakes or, where there are none, what can be proven."""

from __future__ import annotations

from collections.abc import Collection

from playgate.documents.document import Document
from playgate.errors import Mistake
from playgate.model.playbook import Playbook
from playgate.playbook.arm import as_armed
from playgate.playbook.load import in_order, read_playbook
from playgate.proof.claims import Reasoner
from playgate.proof.clashes import check_clashes
from playgate.proof.never_or_always import check_conditions
from playgate.proof.roles import check_roles
from playgate.proof.settings import check_settings
from playgate.proof.unused import check_names
from playgate.records import replace
from playgate.rules.list import list_rules

__all__ = ["lint_playbook", "lint_roles"]


def lint_playbook(content: bytes, file: str) -> list[Mistake]:
    """Returns all mistakes and warnings in `content`, and what is proven where nothing is wrong."""
    playbook, document, mistakes = read_playbook(content, file)
    if playbook is None or document is None:
        return mistakes
    found = [*_proven(playbook, document), *_proven_of_arms(playbook, document)]
    return in_order([*mistakes, *found])


def lint_roles(content: bytes, file: str, *, held: Collection[str], people: str) -> list[Mistake]:
    """Returns where a playbook without mistakes names a role that nobody has in the file
    `people`."""
    playbook, document, _ = read_playbook(content, file)
    if playbook is None or document is None:
        return []
    return in_order(check_roles(playbook, document, held=held, people=people))


def _proven(playbook: Playbook, document: Document) -> list[Mistake]:
    """Returns what is proven to be wrong with a playbook without mistakes; nothing here is a guess.

    It does not keep a playbook from being used, so only `lint` asks for it.
    """
    rules = list_rules(playbook)
    reasoner = Reasoner(playbook, document)
    checks = (check_conditions, check_clashes, check_settings, check_names)
    return [mistake for check in checks for mistake in check(reasoner, rules)]


def _proven_of_arms(playbook: Playbook, document: Document) -> list[Mistake]:
    """Returns what is proven to be wrong with the playbook as experiments change it: conditions
    that never hold or always do, and clashes."""
    found: list[Mistake] = []
    for experiment in playbook.experiments:
        if experiment.treated is not None:
            armed = as_armed(replace(document, data={**document.data, "arm": experiment.id}))
            rules = list_rules(experiment.treated)
            reasoner = Reasoner(experiment.treated, armed)
            for check in (check_conditions, check_clashes):
                found += check(reasoner, rules)
    return found
