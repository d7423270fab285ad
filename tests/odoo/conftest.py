"""An Odoo with a pipeline, whose gate asks a server over a fresh ledger."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import odoo_install
import pytest
from odoo_server import prepared
from pipeline_in_odoo import Crm, names_of

from bulk.servers import MissingError, free_port, postgres
from live.gate import say
from serve.served import process

HERE = Path(__file__).parent
SCOPES = (
    "read",
    "ask",
    "import",
    "reconcile",
    "waiver-request",
    "waiver-approve",
    "waiver-decline",
)
PEOPLE = "actor,name,role\nann,Ann Berg,rep\nbob,Bob Cole,rep\neve,Eve Fox,manager\n"


@pytest.fixture(scope="session")
def crm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    """All of it, running."""
    if not odoo_install.is_installed():
        stop = pytest.fail if request.config.getoption("--servers") else pytest.skip
        stop("Odoo is not installed: python tests/odoo/odoo_install.py")
    home = tmp_path_factory.mktemp("odoo")
    db = _ledger(home)
    port = free_port()
    given = {
        "url": f"http://127.0.0.1:{port}",
        "token": token_of(db),
        "on_failure": "closed",
        "seconds": "60",
        "playbook": "pipeline",
    }
    with _postgres(request) as address:
        odoo = prepared(home, address)
        odoo.install("playgate_gate")
        seed = (HERE / "odoo_seed.py").read_text(encoding="utf-8")
        told = odoo.shell(f"GIVEN, BASE = {given!r}, {odoo.url!r}\nexec({seed!r})\n")
        odoo.keys = json.loads(told.rpartition("KEYS ")[2].splitlines()[0])
        with process(db, "--port", str(port)) as server, odoo.running():
            crm = Crm(odoo, db, port, server=server)
            crm.stages = names_of(crm, "crm.stage")
            crm.types = names_of(crm, "mail.activity.type")
            try:
                yield crm
            finally:
                if crm.server is not server:
                    crm.server.stopped(signal.SIGKILL)
                shutil.copy(home / "server.log", odoo_install.folder() / "server.log")


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
