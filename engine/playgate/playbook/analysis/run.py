"""All that can be proven about a playbook, as warnings."""

from __future__ import annotations

from playgate.documents.document import Document
from playgate.errors import Mistake
from playgate.playbook.analysis.clashes import check_clashes
from playgate.playbook.analysis.conditions import check_conditions
from playgate.playbook.analysis.reasoning import Reasoner
from playgate.playbook.analysis.settings import check_settings
from playgate.playbook.model import Playbook
from playgate.rules.list import list_rules

__all__ = ["analyse"]


def analyse(playbook: Playbook, document: Document) -> list[Mistake]:
    """What is proven to be wrong with a playbook without mistakes; nothing here is a guess.

    It keeps no playbook from being used, so only `lint` asks.
    """
    rules = list_rules(playbook)
    reasoner = Reasoner(playbook, document)
    checks = (check_conditions, check_clashes, check_settings)
    return [mistake for check in checks for mistake in check(reasoner, rules)]
