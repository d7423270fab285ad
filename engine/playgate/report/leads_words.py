"""How a prospect stands, as every list of them writes it."""

from __future__ import annotations

from collections.abc import Mapping

from playgate.language import message
from playgate.leads.result import Status

__all__ = ["KINDS", "STANDS"]

STANDS: Mapping[Status, str] = {
    "free": message("free"),
    "incomplete": message("incomplete"),
    "client": message("client"),
    "taken": message("taken"),
    "twice": message("twice"),
    "to-decide": message("to-decide"),
}
KINDS: Mapping[str, str] = {
    "client": message("client"),
    "deal": message("deal"),
    "prospect": message("prospect"),
}
"""What somebody is whom a prospect may be."""
