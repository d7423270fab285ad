"""The patterns for other CRMs: what they ask of the server exists and fits, what can run here runs,
and the rest is read as far as that can be done without the services themselves."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

pytest.importorskip("starlette")
from starlette.testclient import TestClient

from live.gate import SCHEMAS, say
from playgate.cli.errors import Bugs
from playgate.documents.yaml12 import parse
from playgate.ledger.store import Ledger
from playgate.serve.app import App
from playgate.serve.openapi import document
from playgate.serve.settings import Settings, World

ROOT = Path(__file__).parents[2]
PATTERNS = ROOT / "integrations"
CRMS = ("dynamics", "frappe", "hubspot", "pipedrive", "salesforce", "zoho")
FILES = sorted(file for crm in CRMS for file in (PATTERNS / crm).rglob("*") if file.is_file())
OPENAPI: dict[str, Any] = json.loads(json.dumps(document()))
AT = 1_772_000_000_000_000
_IDS = [file.relative_to(PATTERNS).as_posix() for file in FILES]
_CODE = (".cls", ".trigger", ".cs", ".dg", ".jsx", ".js")


# What they are


@pytest.mark.parametrize("file", FILES, ids=_IDS)
def test_each_file_can_be_read(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    match file.suffix:
        case ".xml":
            ElementTree.fromstring(text)  # noqa: S314  (our own)
        case ".json":
            json.loads(text)
        case ".py":
            compile(text, file.name, "exec")
        case _:
            assert file.suffix in _CODE
            _check_brackets(text)
    assert file.suffix == ".json" or "Not tried on the service" in text


def _check_brackets(text: str) -> None:
    """Asserts that brackets close in order, outside of texts and comments."""
    bare = re.sub(r"""//.*|/\*.*?\*/|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])*'|`[^`]*`""", "", text)
    bare = re.sub(r"/\*.*?\*/", "", bare, flags=re.DOTALL)
    waiting = []
    for each in bare:
        if each in "([{":
            waiting.append(each)
        elif each in ")]}":
            assert waiting, text
            assert waiting.pop() + each in ("()", "[]", "{}")
    assert waiting == []


@pytest.mark.parametrize("file", [f for f in FILES if f.suffix == ".js"], ids=lambda f: f.name)
def test_scripts_are_scripts(file: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    subprocess.run([node, "--check", str(file)], check=True, timeout=60)


def test_every_crm_is_on_the_page_with_its_files() -> None:
    page = (ROOT / "docs" / "in-your-crm.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", page, flags=re.M)
    for crm in CRMS:
        (section,) = (each for each in sections if f"integrations/{crm}" in each)
        assert section.split("\n", 2)[2].lstrip().startswith("*Not tried on the service.*"), crm
        assert "seen afterwards" in section
    for file in FILES:
        assert file.name.partition(".")[0] in page or file.suffix in (".xml", ".json"), file


# What they ask of the server


def _calls() -> Iterator[tuple[Path, str]]:
    for file in FILES:
        for path in re.findall(r"/v1/[\w/${}-]*", file.read_text("utf-8")):
            yield file, path


def _route(path: str) -> str:
    """The path of the description that an address is one of."""
    found = [
        each
        for each in OPENAPI["paths"]
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each.replace("$", "")), path.replace("$", ""))
    ]
    assert len(found) == 1, path
    return found[0]


@pytest.mark.parametrize(
    ("file", "path"), [*_calls()], ids=lambda each: getattr(each, "name", each)
)
def test_each_call_exists(file: Path, path: str) -> None:
    (method,) = OPENAPI["paths"][_route(path)]
    text = file.read_text(encoding="utf-8")
    if method == "get":
        assert "method" not in text
    else:
        # A subscription is posted by the service itself, as its documentation says.
        is_told = file.suffix == ".json" and ("targetUrl" in text or "subscription_url" in text)
        assert is_told or method in text.lower()


_SAID = {
    ".cls": r"question\.put\('(\w+)'",
    ".dg": r'question\.put\("(\w+)"',
    ".cs": r"\[DataMember[^]]*\] public string (\w+);",
    ".py": r'(?:question = {|^\s{8})"?(\w+)"?: |question\["(\w+)"\]',
}


@pytest.mark.parametrize(
    "file",
    [file for file, path in _calls() if path == "/v1/ask" and file.suffix in _SAID],
    ids=lambda file: file.name,
)
def test_each_question_has_the_keys_of_one(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".cs":
        text = text[text.index("class Question") : text.index("class Decision")]
    if file.suffix == ".py":
        start = text.index("question = {")
        text = text[start : text.index("headers=", start)]
    found = {"".join(each) for each in re.findall(_SAID[file.suffix], text, flags=re.M)} - {""}
    schema = OPENAPI["components"]["schemas"]["request.ask"]
    assert set(schema["required"]) <= found <= schema["properties"].keys()


@pytest.mark.parametrize(
    "file", [file for file in FILES if "playgate.stage" in file.read_text("utf-8")], ids=str
)
def test_each_event_has_the_keys_of_one(file: Path) -> None:
    schema = json.loads((SCHEMAS / "cloudevent.schema.json").read_bytes())
    text = file.read_text(encoding="utf-8")
    for key in schema["required"]:
        assert re.search(rf"""["']{key}["']""", text), key
    for key in ("name", "actor"):
        assert re.search(rf"""["']{key}["']""", text), key


# Stages are called as by the mapping that reads the same CRM


@pytest.mark.parametrize(
    ("crm", "file"),
    [
        ("salesforce", "force-app/main/default/classes/PlaygateGate.cls"),
        ("zoho", "gate.dg"),
        ("zoho", "told.dg"),
        ("frappe", "server_script.py"),
        ("frappe", "playgate_gate/gate.py"),
    ],
)
def test_stages_have_the_names_of_the_mapping(crm: str, file: str) -> None:
    source = ROOT / "playbooks" / "crm" / crm / f"{crm}.mapping.yaml"
    mapping, mistakes = parse(source.read_bytes(), source.name)
    assert mapping is not None
    assert not mistakes
    known = max(_names(mapping.data), key=len)
    text = (PATTERNS / crm / file).read_text(encoding="utf-8")
    pattern = r"""['"]([^'"\n]+)['"](?: =>|:|,) ['"]([a-z-]+)['"]"""
    found = {label: name for label, name in re.findall(pattern, text) if label[0].isupper()}
    found.pop("Content-Type", None)
    assert found == known


def _names(data: Any) -> Iterator[Mapping[str, str]]:
    if isinstance(data, list):
        for each in data:
            yield from _names(each)
    if isinstance(data, dict):
        if isinstance(data.get("names"), dict) and "Qualification" in data["names"]:
            yield data["names"]
        for each in data.values():
            yield from _names(each)


# What runs here

PLAYBOOK = """\
playbook: small
version: 1
fields: {amount: {type: number}}
stages:
  - {stage: qualification}
  - {stage: demo, optional: true}
  - {stage: proposal, entry: [{field: amount, more_than: 0, why: "<b>x</b>"}]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A ledger of a CRM, with a deal."""
    path, playbook, history = (tmp_path / name for name in ("crm.db", "small.yaml", "first.csv"))
    playbook.write_text(PLAYBOOK)
    history.write_text(
        "deal,happened_at,kind,name,value,actor\n"
        "CRM-DEAL-1,2026-02-01T09:00:00Z,stage,qualification,,ann@example.com\n"
    )
    for words in (
        ("ledger", "new", "--record", "crm"),
        ("publish", str(playbook)),
        ("import", str(history), "--playbook", str(playbook), "--db", str(path)),
    ):
        said = say(*words, db=path, clock=AT)
        assert said.status == 0, said
    return path


@pytest.fixture
def client(db: Path) -> Iterator[TestClient]:
    """A server over it, which brings the token of a CRM."""
    words = ("--scope", "ask", "--scope", "card", "--scope", "as-anybody", "--format", "json")
    said = say("token", "new", *words, db=db, clock=AT)
    world = World(
        now=lambda: AT + 60_000_000,
        clock=lambda: 0.0,
        meaning=Bugs().meaning,
        write=lambda _: None,
        random=bytes,
    )
    with TestClient(App(Settings(db=str(db)), world)) as client:
        client.headers["authorization"] = f"Bearer {json.loads(said.out)['token']}"
        yield client


class _ThrownError(Exception):
    pass


class _Doc:
    """A document as Frappe gives it to its hooks."""

    doctype, name, modified, modified_by = "CRM Deal", "CRM-DEAL-1", "2026-02-25 06:13:20", "ann"

    def __init__(self, before: str, **fields: Any) -> None:
        self._before = SimpleNamespace(get={"status": before}.get) if before else None
        self.fields = fields

    def get(self, name: str) -> Any:
        return self.fields.get(name)

    def set(self, name: str, value: Any) -> None:
        self.fields[name] = value

    def get_doc_before_save(self) -> Any:
        return self._before


class _Frappe:
    """What of Frappe the files use, and the library by which they ask."""

    def __init__(self, client: TestClient, conf: Mapping[str, Any]) -> None:
        self.client = client
        self.away = False
        self.told: list[dict[str, Any]] = []
        self.bodies: list[tuple[str, Any]] = []
        self.module: Any = ModuleType("frappe")
        self.requests: Any = ModuleType("requests")
        self.requests.RequestException = OSError
        self.requests.post = self.post
        self.module.__dict__.update(
            conf=conf,
            session=SimpleNamespace(user="ann@example.com"),
            utils=SimpleNamespace(escape_html=lambda text: text.replace("<", "&lt;")),
            throw=self.throw,
            log_error=lambda **_: None,
            enqueue=lambda _, event, **__: self.told.append(event),
            make_post_request=self.make_post_request,
        )

    def throw(self, message: str, **_: Any) -> None:
        raise _ThrownError(message)

    def post(self, url: str, *, json: Any, timeout: float, headers: Any = None) -> Any:
        if self.away:
            raise OSError("nobody is there")
        assert 0 < timeout < 10
        path = url.removeprefix("https://gate.example.com")
        self.bodies.append((path, json))
        said = self.client.headers if headers else {}
        return self.client.post(path, json=json, headers=said)

    def make_post_request(self, url: str, headers: Any, data: str) -> Any:
        assert headers["Authorization"].startswith("Bearer ")
        answer = self.post(url, json=json.loads(data), timeout=1, headers=headers)
        answer.raise_for_status()
        return answer.json()

    def check_bodies(self) -> None:
        """Asserts that what was asked fits the description."""
        for path, body in self.bodies:
            operation = OPENAPI["paths"][_route(path)]["post"]
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            validator = Draft202012Validator({**OPENAPI, **schema})
            assert [str(each) for each in validator.iter_errors(body)] == []


CONF = {
    "playgate_url": "https://gate.example.com/",
    "playgate_token": "pgt",
    "playgate_hook": "https://gate.example.com/v1/hooks/crm/a-secret-of-some-length-1234567890",
}


def _app(frappe: _Frappe) -> Any:
    found = ModuleType("gate")
    text = (PATTERNS / "frappe" / "playgate_gate" / "gate.py").read_text(encoding="utf-8")
    with mock.patch.dict(sys.modules, frappe=frappe.module, requests=frappe.requests):
        exec(compile(text, "gate.py", "exec"), found.__dict__)  # noqa: S102  (our own)
    return found


def test_frappe_blocks_and_lets_through(client: TestClient, db: Path) -> None:
    frappe = _Frappe(client, CONF)
    gate = _app(frappe)
    with pytest.raises(_ThrownError, match="amount is more than 0"):
        gate.validate(_Doc("Qualification", status="Proposal/Quotation"))
    doc = _Doc("Qualification", status="Proposal/Quotation", deal_value=900)
    gate.validate(doc)
    decision = doc.get("playgate_decision")
    with Ledger.open(db, reading=True) as ledger:
        decisions = ledger.decisions.of("CRM-DEAL-1")
        assert [(each.allowed, each.actor) for each in decisions] == [
            (0, "ann@example.com"),
            (1, "ann@example.com"),
        ]
        assert decisions[-1].decision_id == decision
    for kept in (_Doc("Demo/Making", status="Demo/Making"), _Doc("Won", status="Lost"), _Doc("")):
        gate.validate(kept)
    assert len(frappe.bodies) == 2
    frappe.check_bodies()


def test_frappe_is_closed_or_open_where_playgate_is_away(client: TestClient) -> None:
    frappe = _Frappe(client, dict(CONF))
    frappe.away = True
    doc = _Doc("Qualification", status="Proposal/Quotation")
    with pytest.raises(_ThrownError, match="could not be asked"):
        _app(frappe).validate(doc)
    frappe.module.conf["playgate_open"] = 1
    _app(frappe).validate(doc)


def test_what_frappe_tells_becomes_an_event(client: TestClient, db: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(CONF["playgate_hook"].rpartition("/")[2] + "\n")
    words = ("hook", "in", "new", "crm", "--kind", "path", "--map", "events")
    said = say(*words, "--secret-file", str(secret), db=db, clock=AT)
    assert said.status == 0, said
    frappe = _Frappe(client, CONF)
    gate = _app(frappe)
    doc = _Doc("Qualification", status="Demo/Making", playgate_decision="q-1")
    gate.on_update(doc)
    gate.on_update(_Doc("Demo/Making", status="Demo/Making"))
    (event,) = frappe.told
    schema = json.loads((SCHEMAS / "cloudevent.schema.json").read_bytes())
    assert Draft202012Validator(schema).is_valid(event)
    gate.tell({**event, "time": "2026-02-25T06:13:20Z"})
    frappe.check_bodies()
    assert "1" in say("inbox", "list", db=db, clock=AT).out


def test_the_server_script_of_frappe(client: TestClient) -> None:
    text = (PATTERNS / "frappe" / "server_script.py").read_text(encoding="utf-8")
    assert not re.search(r"^\s*(import|from|try|raise|class|while) ", text, flags=re.M)

    def saved(before: str, doc: _Doc) -> _Frappe:
        frappe = _Frappe(client, {})
        frappe.module.db = SimpleNamespace(get_value=lambda *_: before)
        given = {"doc": doc, "frappe": frappe.module, "json": json}
        exec(compile(text, "server_script.py", "exec"), given)  # noqa: S102  (our own)
        frappe.check_bodies()
        return frappe

    with pytest.raises(_ThrownError, match="amount is more than 0"):
        saved("Qualification", _Doc("", status="Proposal/Quotation"))
    doc = _Doc("", status="Proposal/Quotation", deal_value=5)
    assert len(saved("Qualification", doc).bodies) == 1
    assert doc.get("playgate_decision")
    assert saved("Qualification", _Doc("", status="Lost")).bodies == []
    assert saved("", _Doc("", status="Demo/Making")).bodies == []


_RUN = """
const calls = [];
const answers = JSON.parse(process.argv[2]);
globalThis.fetch = async (url, { method = "GET", headers, body } = {}) => {
  calls.push({ method, url, said: headers.authorization, body: body ? JSON.parse(body) : null });
  const said = answers[`${method} ${new URL(url).pathname}`];
  const status = said === undefined ? 503 : 200;
  return { ok: status === 200, status, json: async () => said ?? { title: "away" } };
};
const { main } = require(process.argv[1]);
const told = [];
main(JSON.parse(process.argv[3]), (each) => told.push(each))
  .then((result) => console.log(JSON.stringify({ calls, told, result: result ?? null })))
  .catch((error) => console.log(JSON.stringify({ calls, told, error: error.message })));
"""


def _ran(file: str, answers: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node")
    words = [node, "-e", _RUN]
    words += [str(PATTERNS / "hubspot" / file), json.dumps(answers), json.dumps(event)]
    env = {"PLAYGATE_TOKEN": "pgt", "HUBSPOT_TOKEN": "hub", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=60, env=env)
    return json.loads(done.stdout)


def test_hubspot_puts_back_what_the_gate_refuses(client: TestClient) -> None:
    question = {"deal": "CRM-DEAL-1", "stage": "proposal", "by": "ann@example.com"}
    refused = client.post("/v1/ask", json=question).json()
    deal = "/crm/v3/objects/deals/CRM-DEAL-1"
    answers = {
        "POST /v1/ask": refused,
        f"GET {deal}": {
            "propertiesWithHistory": {"dealstage": [{"value": "proposal"}, {"value": "demo"}]}
        },
        f"PATCH {deal}": {},
    }
    fields = {"dealstage": "proposal", "amount": "900", "owner_email": "ann@example.com"}
    event = {"object": {"objectId": "CRM-DEAL-1"}, "inputFields": fields}
    found = _ran("workflow/stage-changed.js", answers, event)
    asked, _, changed = found["calls"]
    assert [each["said"] for each in (asked, changed)] == ["Bearer pgt", "Bearer hub"]
    frappe = _Frappe(client, {})
    frappe.bodies = [("/v1/ask", asked["body"])]
    frappe.check_bodies()
    assert client.post("/v1/ask", json=asked["body"]).json()["allowed"]  # the amount came with it
    assert changed["body"]["properties"]["dealstage"] == "demo"
    assert "amount is more than 0" in changed["body"]["properties"]["playgate_why"]
    assert found["told"] == [{"outputFields": {"allowed": "false"}}]
    again = {**fields, "dealstage": "demo", "playgate_put_back": "demo"}
    found = _ran("workflow/stage-changed.js", answers, {**event, "inputFields": again})
    assert [each["method"] for each in found["calls"]] == ["PATCH"]
    found = _ran("workflow/stage-changed.js", {}, event)
    assert found["error"] == "POST /v1/ask: 503"


def test_hubspots_card_is_that_of_the_server(client: TestClient) -> None:
    card = client.get("/v1/deals/CRM-DEAL-1/card").json()
    answers = {"GET /v1/deals/CRM-DEAL-1/card": card}
    event = {"parameters": {"deal": "CRM-DEAL-1"}}
    found = _ran("src/app/functions/gate.js", answers, event)
    assert found["result"] == card
    used = re.findall(r"card\.(\w+)", (PATTERNS / "hubspot/src/app/cards/GateCard.jsx").read_text())
    assert set(used) <= card.keys()
    assert _ran("src/app/functions/gate.js", {}, event)["error"] == "away"


def test_pipedrive_is_told_what_the_hook_asks_for() -> None:
    for file in (PATTERNS / "pipedrive").glob("*.json"):
        told = json.loads(file.read_bytes())
        assert told["version"] == "2.0"
        assert {"http_auth_user", "http_auth_password"} <= told.keys()
