"""An Odoo that runs for a test, on a database of its own, and what is said to it from outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from odoo_install import ROOT, folder

from bulk.servers import free_port, postgres_programs

__all__ = ["DATABASE", "Odoo", "RefusedError", "prepared"]

DATABASE = "crm"
_PATIENCE = 300.0
"""Seconds for a server to answer for the first time."""


class RefusedError(Exception):
    """What Odoo answers in place of a result, in its words."""


@dataclass
class Odoo:
    """A database with the addon, and the server over it while it runs."""

    home: Path
    postgres: str
    port: int
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, login: str, model: str, method: str, **given: Any) -> Any:
        """What somebody's call is answered with; raises `RefusedError`."""
        request = urllib.request.Request(
            f"{self.url}/json/2/{model}/{method}",
            json.dumps(given).encode(),
            {
                "Authorization": f"bearer {self.keys[login]}",
                "Content-Type": "application/json",
                "X-Odoo-Database": DATABASE,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RefusedError(json.load(error).get("message", "")) from None

    def shell(self, script: str) -> str:
        """What a script prints that runs inside of Odoo, as its superuser."""
        words = ["shell", *self._options(), "--no-http", "--log-level=error"]
        done = _run(words, self.home, input=script)
        return done.stdout

    def sql(self, query: str) -> str:
        """What a query of the database answers, past Odoo."""
        parts = urlsplit(self.postgres)
        program = postgres_programs()
        assert program is not None
        words = ["-h", "127.0.0.1", "-p", str(parts.port), "-U", str(parts.username), "-At"]
        asked = [str(program / "psql"), *words, "-c", query, DATABASE]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout

    @contextmanager
    def running(self) -> Iterator[None]:
        """The server, until the context ends."""
        words = [*_program(), *self._options(), "--workers=0", "--log-level=warn"]
        with (self.home / "server.log").open("a") as log:
            server = subprocess.Popen(words, env=_surroundings(), stdout=log, stderr=log)
        try:
            self._await(server)
            yield
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def _await(self, server: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and server.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/web/health", timeout=30):
                    return
            except OSError:
                time.sleep(0.3)
        raise AssertionError((self.home / "server.log").read_text()[-4000:])

    def _options(self) -> list[str]:
        return ["-c", str(self.home / "odoo.conf"), "-d", DATABASE]

    def install(self, module: str) -> None:
        """Installs an addon into the database."""
        _run([*self._options(), "-i", module, "--stop-after-init", "--log-level=warn"], self.home)


def prepared(home: Path, postgres: str) -> Odoo:
    """Odoo with its CRM and nothing in it, as a database of the server at an address.

    What the first call makes is kept where Odoo lies, for the next.
    """
    odoo = Odoo(home, postgres, free_port())
    parts = urlsplit(postgres)
    addons = [
        folder() / "root/usr/lib/python3/dist-packages/odoo/addons",
        ROOT / "integrations/odoo",
    ]
    settings = {
        "addons_path": ",".join(map(str, addons)),
        "data_dir": home / "data",
        "db_host": "127.0.0.1",
        "db_port": parts.port,
        "db_user": parts.username,
        "http_interface": "127.0.0.1",
        "http_port": odoo.port,
        "gevent_port": free_port(),
        "max_cron_threads": 0,
        "list_db": False,
        "admin_passwd": "unused",
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    (home / "odoo.conf").write_text("\n".join(["[options]", *lines, ""]))
    kept = folder() / "base"
    tools = _Tools(parts.port or 0, parts.username or "")
    if (kept / "dump").is_file():
        shutil.copytree(kept / "data", home / "data")
        tools.run("createdb", DATABASE)
        tools.run("pg_restore", "--no-owner", "-j", "2", "-d", DATABASE, str(kept / "dump"))
        return odoo
    (home / "data").mkdir()
    odoo.install("crm")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(home / "data", kept / "data")
    tools.run("pg_dump", "-Fc", "-f", str(kept / "dump"), DATABASE)
    return odoo


@dataclass(frozen=True)
class _Tools:
    """PostgreSQL's own programs, run against a server."""

    port: int
    user: str

    def run(self, program: str, *words: str) -> None:
        where = postgres_programs()
        assert where is not None
        server = ["-h", "127.0.0.1", "-p", str(self.port), "-U", self.user]
        subprocess.run([str(where / program), *server, *words], check=True)


def _program() -> list[str]:
    return [str(folder() / "venv/bin/python"), str(folder() / "root/usr/bin/odoo")]


def _surroundings() -> Mapping[str, str]:
    packages = str(folder() / "root/usr/lib/python3/dist-packages")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPATH": packages}


def _run(
    words: Sequence[str], home: Path, *, input: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs Odoo for something that ends; what it complains of is an error with its words."""
    done = subprocess.run(
        [*_program(), *words],
        env=_surroundings(),
        cwd=home,
        input=input,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or "Traceback" in done.stderr:
        raise AssertionError(
            f"odoo {' '.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
        )
    return done
