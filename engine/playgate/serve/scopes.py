"""What a token may be for: commands by their names, groups of them, and what is no command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from playgate.documents.document import nearest
from playgate.enforce.commands import COMMANDS
from playgate.errors import InputError

__all__ = ["AS_ANYBODY", "PAGE", "SCOPES", "acts", "checked", "confined", "held", "playbooks_of"]

AS_ANYBODY = "as-anybody"
PAGE = "page"
_READ = ("check", "allowed", "next", "history", "deals", "card", "playbooks")
_WRITE = ("open", "log", "set", "move", "ask", "waiver-request")
SCOPES: Mapping[str, str] = {
    "read": f"questions: {', '.join(_READ)}",
    "write": f"what is recorded day by day: {', '.join(_WRITE)}",
    **{name: f"the command {name}" for name in COMMANDS},
    "deals": "the list of deals",
    "card": "what a deal lacks, to show in a CRM",
    "playbooks": "the playbooks that were published, and what their rules say",
    "import": "events of a CRM that keeps the record",
    "reconcile": "moves of the CRM against the gate's decisions",
    "audit": "how the playbooks are followed, over all deals",
    "metrics": "the server's own figures",
    PAGE: "the page for people, as far as who acts may see and do there; and nothing else",
    AS_ANYBODY: "a request says itself who acts",
}
"""Every scope, with what it lets through."""
_GROUPS = {"read": _READ, "write": _WRITE}


_ABOUT_ALL = ("audit", "import", "reconcile", PAGE)
_PLAYBOOK = "playbook:"


def confined(scopes: Iterable[str], playbooks: Iterable[str]) -> tuple[str, ...]:
    """Returns scopes that count only for deals of some playbooks, if there are any; raises
    `InputError` for scopes that are about all deals."""
    told, named = tuple(scopes), tuple(dict.fromkeys(playbooks))
    beyond = next((each for each in _ABOUT_ALL if named and each in told), None)
    if beyond is not None:
        hint = "make a token of its own for it, without --playbook"
        raise InputError(f"{beyond} is about all deals", hint=hint, code="usage")
    return (*told, *(f"{_PLAYBOOK}{name}" for name in named))


def playbooks_of(scopes: Iterable[str]) -> frozenset[str]:
    """Returns the playbooks for whose deals alone scopes count; none where they do for all."""
    return frozenset(each.removeprefix(_PLAYBOOK) for each in scopes if each.startswith(_PLAYBOOK))


def checked(scopes: Iterable[str]) -> tuple[str, ...]:
    """Returns the scopes, each once; raises `InputError` for what is none."""
    found = tuple(dict.fromkeys(scopes))
    for name in found:
        if name not in SCOPES:
            hint = nearest(name, SCOPES) or f"known: {', '.join(SCOPES)}"
            raise InputError(f'no scope "{name}"', hint=hint, code="unknown-name")
    if not found:
        hint = f"--scope names what it is for: {', '.join(SCOPES)}"
        raise InputError("a token without a scope may do nothing", hint=hint, code="usage")
    return found


def held(scopes: Iterable[str]) -> frozenset[str]:
    """Returns all that is let through by scopes, in place of groups what is in them."""
    return frozenset(
        each
        for name in scopes
        if not name.startswith(_PLAYBOOK)
        for each in _GROUPS.get(name, (name,))
    )


def acts(scopes: Iterable[str]) -> bool:
    """Returns whether somebody does something by these scopes, so that it must be said who."""
    return any(COMMANDS[name].records for name in held(scopes) & COMMANDS.keys())
