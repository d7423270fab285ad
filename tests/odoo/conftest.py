"""An Odoo with a pipeline, whose gate asks a server over a fresh ledger."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import install
import pytest
from running import Odoo, prepared

from bulk.servers import MissingError, free_port, postgres
from live.gate import say
from serve.served import Process, process

HERE = Path(__file__).parent
SCOPES = ("read", "ask", "import", "reconcile", "waiver-request", "waiver-approve", "waiver-decline")
PEOPLE = "actor,name,role\nann,Ann Berg,rep\nbob,Bob Cole,rep\neve,Eve Fox,manager\n"


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
        found: dict[str, Any] = self.ask("ada", "crm.lead", "read", ids=[lead], fields=list(fields))[0]
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
        script = "env['crm.lead']._cron_playgate_night(); env.cr.commit()\n"
        said = "env['ir.config_parameter'].get_param('playgate_gate.last_night')"
        return self.odoo.shell(f"{script}print({said})\n").strip().splitlines()[-1]

    # The server

    @contextmanager
    def away(self, on_failure: str) -> Iterator[None]:
        """playgate's server is killed until the context ends."""
        self._set("on_failure", on_failure)
        self.server.child.kill()
        self.server.child.wait()
        try:
            yield
        finally:
            self.server = Process(self.db, "--db", str(self.db), "--port", str(self.port))
            self._set("on_failure", "closed")

    def _set(self, name: str, value: str) -> None:
        self.ask("ada", "ir.config_parameter", "set_param", key=f"playgate_gate.{name}", value=value)


@pytest.fixture(scope="session")
def crm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    """All of it, running."""
    if not install.is_installed():
        stop = pytest.fail if request.config.getoption("--servers") else pytest.skip
        stop("Odoo is not installed: python tests/odoo/install.py")
    home = tmp_path_factory.mktemp("odoo")
    db = _ledger(home)
    port = free_port()
    given = {
        "url": f"http://127.0.0.1:{port}",
        "token": token_of(db),
        "on_failure": "closed",
        "seconds": "5",
        "playbook": "pipeline",
    }
    with _postgres(request) as address:
        odoo = prepared(home, address)
        odoo.install("playgate_gate")
        seed = (HERE / "seed.py").read_text(encoding="utf-8")
        told = odoo.shell(f"GIVEN, BASE = {given!r}, {odoo.url!r}\nexec({seed!r})\n")
        odoo.keys = json.loads(told.rpartition("KEYS ")[2].splitlines()[0])
        with process(db, "--port", str(port)) as server, odoo.running():
            crm = Crm(odoo, db, port, server=server)
            crm.stages = _names(crm, "crm.stage")
            crm.types = _names(crm, "mail.activity.type")
            try:
                yield crm
            finally:
                if crm.server is not server:
                    crm.server.child.kill()
                    crm.server.child.communicate()
                shutil.copy(home / "server.log", install.folder() / "server.log")


@contextmanager
def _postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    try:
        with postgres() as address:
            yield address
    except MissingError as error:
        (pytest.fail if request.config.getoption("--servers") else pytest.skip)(str(error))


def _ledger(home: Path) -> Path:
    """A ledger for which the CRM keeps the record, with the playbook and who is who."""
    db, people = home / "deals.db", home / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    for words in (
        ("ledger", "new", "--record", "crm"),
        ("publish", str(HERE / "pipeline.yaml")),
        ("people", str(people)),
    ):
        said = say(*words, db=db)
        assert said.status == 0, said
    return db


def token_of(db: Path) -> str:
    """A token by which Odoo asks for all who work in it."""
    words = [each for scope in (*SCOPES, "as-anybody") for each in ("--scope", scope)]
    said = say("token", "new", *words, "--name", "Odoo", "--format", "json", db=db)
    assert said.status == 0, said
    found: str = json.loads(said.out)["token"]
    return found


def _names(crm: Crm, model: str) -> dict[str, int]:
    found = crm.ask("ada", model, "search_read", domain=[], fields=["name"])
    return {each["name"]: each["id"] for each in found}
