"""What the server says of itself is valid, and it keeps to it: a client goes by that alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from served import Server, serving, token

from playgate.enforce.commands import COMMANDS
from playgate.serve.openapi import document
from support.thorough import but_every

DOCUMENT: dict[str, Any] = json.loads(json.dumps(document()))


def test_it_is_valid() -> None:
    assert [str(each) for each in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_it_describes_every_route(server: Server) -> None:
    routes = {
        (route.path.replace(":path", ""), method.lower())
        for route in server.app._router.routes
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
        if not route.endpoint.is_for_people
    }
    described = {(path, way) for path, ways in DOCUMENT["paths"].items() for way in ways}
    assert described == routes
    assert json.loads(server.client.get("/openapi.json").text) == DOCUMENT


def test_each_reference_leads_somewhere() -> None:
    def references(part: Any) -> Iterator[str]:
        if isinstance(part, list):
            part = dict(enumerate(part))
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for each in part.values():
                yield from references(each)

    for each in references(DOCUMENT):
        found = DOCUMENT
        for name in each.removeprefix("#/").split("/"):
            found = found[name]


# A client that knows the description and nothing else


class Client:
    """Asks by the names of operations, and holds every answer against the description."""

    def __init__(self, server: Server, token: str) -> None:
        self._server = server
        self._token = token
        self._operations = {
            operation["operationId"]: (path, way, operation)
            for path, ways in DOCUMENT["paths"].items()
            for way, operation in ways.items()
        }

    def __call__(self, name: str, *, body: Any = None, **parameters: str) -> Any:
        path, way, operation = self._operations[name]
        query = {}
        for parameter in operation.get("parameters", ()):
            said = parameters.pop(parameter["name"], None)
            if said is not None and parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", said)
            elif said is not None:
                query[parameter["name"]] = said
        assert not parameters
        answer = self._server.client.request(
            way.upper(), path, params=query, headers=self._headers(operation), json=body
        )
        self._check(operation, answer)
        return answer

    def _headers(self, operation: Mapping[str, Any]) -> dict[str, str]:
        needed = operation.get("security", DOCUMENT["security"])
        return {"authorization": f"Bearer {self._token}"} if needed else {}

    def _check(self, operation: Mapping[str, Any], answer: Any) -> None:
        said = operation["responses"].get(str(answer.status_code))
        said = said or DOCUMENT["components"]["responses"]["problem"]
        kind = answer.headers["content-type"].partition(";")[0]
        schema = said["content"][kind]["schema"]
        if kind.endswith("json"):
            validator = Draft202012Validator({**DOCUMENT, **schema})
            assert [str(each) for each in validator.iter_errors(answer.json())] == []


@pytest.fixture
def client(server: Server, db: Path) -> Client:
    return Client(server, token(db, "read", "write", "waive", "metrics"))


def test_a_client_that_goes_by_it(client: Client, server: Server) -> None:
    steps: list[tuple[str, dict[str, Any], int]] = [
        ("open", {"deal": "n", "fields": {"amount": 1}}, 200),
        ("log", {"deal": "n", "activity": "call", "with": ["decider"]}, 200),
        ("set", {"deal": "n", "fields": {"note": "x"}}, 200),
        ("set", {"deal": "n", "fields": {"secret": "x"}}, 200),
        ("check", {"deal": "n", "stage": "b", "tag": 1}, 200),
        ("check", {"deals": ["n", "x"], "stage": "b"}, 200),
        ("allowed", {"deal": "n"}, 200),
        ("move", {"deal": "n", "stage": "b"}, 200),
        ("move", {"deal": "n", "stage": "x"}, 422),
        ("waive", {"deal": "n", "rule": "b/entry/note", "reason": "y"}, 200),
        ("waiver-request", {"deal": "n", "rule": "b/entry/note", "reason": "y"}, 200),
        ("next", {"deal": "n"}, 200),
        ("history", {"deal": "n"}, 200),
        ("merge", {"deal": "n", "into": "d"}, 403),
    ]
    for name, body, status in steps:
        server.clock.on(1)
        assert client(name, body=body).status_code == status, name
    assert client("deals", stage="a").status_code == 200
    assert client("card", deal="d").status_code == 200
    assert client("card", deal="d", format="html").status_code == 200
    assert client("card", deal="x").status_code == 404
    for name in ("metrics", "healthz", "readyz", "openapi"):
        assert client(name).status_code == 200


def _examples(command: str) -> Iterator[dict[str, Any]]:
    """Requests made of the examples that the description has: all that must be there, each key that
    may be, and each key with a value of another type."""
    schemas = DOCUMENT["components"]["schemas"]
    shape = schemas[f"request.{command}"]

    def example(key: str) -> Any:
        form = shape["properties"][key]
        found = {**schemas.get(form.get("$ref", "").rpartition("/")[2], {}), **form}
        return (found.get("examples") or found.get("enum") or [f"x-{key}"])[0]

    needed = {key: example(key) for key in shape.get("required", ())}
    if "oneOf" in shape:
        needed["deal"] = "d"
    yield needed
    for key in shape["properties"].keys() - needed.keys() - {"command", "deals"}:
        yield {**needed, key: example(key)}
    for key in shape["properties"]:
        for other in (None, 0, 1e308, True, [], {}, "", " ", "\u202e", "x" * 5000):
            yield {**needed, key: other}


@pytest.mark.parametrize("command", but_every(4, COMMANDS))
def test_requests_made_of_it_are_answered_as_it_says(db: Path, command: str, made: Path) -> None:
    with serving(db) as server:
        client = Client(server, token(db, "read", "write", command, "as-anybody", by="rep"))
        schema = {**DOCUMENT, "$ref": f"#/components/schemas/request.{command}"}
        validator = Draft202012Validator(schema)
        for body in _examples(command):
            server.clock.on(0.001)
            answer = client(command, body=body)
            assert answer.status_code != 500, body
            if not validator.is_valid(body):
                assert answer.status_code == 422, body
