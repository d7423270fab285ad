"""Who comes through the door for agents, and what they may do."""

from __future__ import annotations

from playgate.agents.tools import TOOLS, Tool
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.history.people import AGENT
from playgate.records import Record

__all__ = ["Visitor"]


class Visitor(Record):
    """An agent, by the name under which the ledger keeps what it does."""

    actor: str
    """Empty where it is not known who asks: then nothing is recorded."""
    scopes: frozenset[str]
    """What it may do."""
    mends_scope: str
    """How a person lets it do more."""

    def may(self, tool: Tool) -> bool:
        """Returns whether a tool is let through."""
        return tool.scope in self.scopes

    def refuse_beyond(self, name: str) -> None:
        """Raises `InputError` where the agent may not use a tool."""
        if not self.may(TOOLS[name]):
            raise InputError(
                f"you may not use {name} here",
                hint=f"only a person can let you: {self.mends_scope}",
                code="may-not",
            )

    def roles(self, live: Live) -> frozenset[str]:
        """Returns the roles that the agent holds now."""
        people = live.people()
        return people.roles(self.actor, live.now) if people else frozenset()

    def refuse_person(self, live: Live) -> None:
        """Raises `InputError` where what is recorded would not be an agent's: a program that acts
        as a person would do what only people may."""
        if AGENT in self.roles(live):
            return
        who = f'"{self.actor[:60]}" is' if self.actor else "who asks is"
        raise InputError(
            f"{who} no agent here: what an agent does is recorded under a name of its own",
            hint=f"only a person can: a row of the people file with the role {AGENT}",
            code="may-not",
        )
