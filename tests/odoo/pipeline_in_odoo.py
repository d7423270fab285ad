"""A pipeline in Odoo, the ledger, and playgate's server between them, as tests speak of them."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from odoo_server import Odoo

from live.gate import say
from serve.served import Process

__all__ = ["Crm", "names_of"]


@dataclass
class Crm:
    """Odoo, the ledger, and playgate's server between them."""

    odoo: Odoo
    db: Path
    port: int
    stages: dict[str, int] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)
    server: Any = None

    def ask(self, login: str, model: str, method: str, **given: Any) -> Any:
        return self.odoo.ask(login, model, method, **given)

    # Opportunities

    def lead(self, name: str, login: str = "ann", **values: Any) -> int:
        """A new opportunity of somebody, in the first stage."""
        return self.leads([{"name": name, **values}], login)[0]

    def leads(self, given: Sequence[dict[str, Any]], login: str = "ann") -> list[int]:
        values = [{"type": "opportunity", **each} for each in given]
        found: list[int] = self.ask(login, "crm.lead", "create", vals_list=values)
        return found

    def done(self, leads: Sequence[int], kind: str, login: str = "ann") -> None:
        """Marks an activity of a kind as done on each."""
        model = self.ask("ada", "ir.model", "search", domain=[["model", "=", "crm.lead"]])[0]
        values = [
            {"res_model_id": model, "res_id": lead, "activity_type_id": self.types[kind]}
            for lead in leads
        ]
        made = self.ask(login, "mail.activity", "create", vals_list=values)
        self.ask(login, "mail.activity", "action_feedback", ids=made, feedback="done")

    def move(self, leads: Sequence[int], stage: str, login: str = "ann", **values: Any) -> Any:
        vals = {"stage_id": self.stages[stage], **values}
        return self.ask(login, "crm.lead", "write", ids=list(leads), vals=vals)

    def read(self, lead: int, *fields: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(
            "ada", "crm.lead", "read", ids=[lead], fields=list(fields)
        )[0]
        return found

    def stage(self, lead: int) -> str:
        name: str = self.read(lead, "stage_id")["stage_id"][1]
        return name

    # The ledger

    def tells(self, *words: str) -> Any:
        """What a command tells of the ledger, as data."""
        said = say(*words, "--format", "json", db=self.db)
        return json.loads(said.out)

    def standing(self, lead: int) -> str | None:
        stage: str | None = self.tells("next", str(lead))["stage"]
        return stage

    def reconciled(self, lead: int) -> list[str]:
        """What a lead's moves and decisions come to, as the ledger stands."""
        found = self.tells("reconcile")["results"]
        return [each["result"] for each in found if each["deal"] == str(lead)]

    def night(self) -> str:
        """Runs what runs at night; what it told."""
        job = [["cron_name", "=like", "playgate%"]]
        crons = self.ask("ada", "ir.cron", "search", domain=job)
        self.ask("ada", "ir.cron", "method_direct_trigger", ids=crons)
        name = "playgate_gate.last_night"
        told: str = self.ask("ada", "ir.config_parameter", "get_param", key=name)
        return told

    # The server

    @contextmanager
    def away(self, on_failure: str) -> Iterator[None]:
        """playgate's server is killed until the context ends."""
        self._set("on_failure", on_failure)
        self.server.stopped(signal.SIGKILL)
        try:
            yield
        finally:
            self.server = Process(self.db, "--db", str(self.db), "--port", str(self.port))
            self._set("on_failure", "closed")

    @contextmanager
    def open_while_away(self) -> Iterator[None]:
        """Moves that cannot be asked are let through until the context ends."""
        self._set("on_failure", "open")
        try:
            yield
        finally:
            self._set("on_failure", "closed")

    def _set(self, name: str, value: str) -> None:
        self.ask(
            "ada", "ir.config_parameter", "set_param", key=f"playgate_gate.{name}", value=value
        )


def names_of(crm: Crm, model: str) -> dict[str, int]:
    """The ids of records by their names."""
    found = crm.ask("ada", model, "search_read", domain=[], fields=["name"])
    return {each["name"]: each["id"] for each in found}
