"""An Odoo with the records of the small export, as its JSON API answers."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playgate.documents.shipped import shipped

__all__ = ["EXPORT", "KEY", "FakeOdoo", "served"]

EXPORT = shipped("playbooks", "crm", "odoo", "export")
KEY = "c0ffee"
MODELS = {
    "crm.lead": "lead",
    "crm.stage": "stage",
    "ir.model.fields": "field",
    "mail.message": "message",
    "mail.tracking.value": "tracking",
    "res.users": "user",
}
_TESTS = {">": lambda a, b: a > b, ">=": lambda a, b: a >= b}


class FakeOdoo:
    """Its records by model, what it was asked, and what it answers before it answers well."""

    def __init__(self) -> None:
        self.records = {model: _read(EXPORT / f"{file}.ndjson") for model, file in MODELS.items()}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.faults: list[tuple[int, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []

    def answer(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        self.headers.append(headers)
        if self.faults:
            return self.faults.pop(0)
        if headers.get("Authorization") != f"bearer {KEY}":
            return 401, {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}
        model, method = path.removeprefix("/json/2/").split("/")
        assert method == "search_read"
        self.asked.append((model, body))
        found = [each for each in self.records[model] if _fits(each, body["domain"])]
        found.sort(key=lambda each: each[body["order"]])
        fields = {"id", *body["fields"]}
        return 200, [
            {name: value for name, value in each.items() if name in fields}
            for each in found[: body["limit"]]
        ]


def _read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def _fits(record: dict[str, Any], domain: list[list[Any]]) -> bool:
    """Whether a record has what is asked; of which model it is, is told by its file."""
    return all(_TESTS[test](record[name], value) for name, test, value in domain if test in _TESTS)


@contextlib.contextmanager
def served(odoo: FakeOdoo) -> Iterator[str]:
    """Serves it, and gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = odoo.answer(self.path, dict(self.headers), body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
