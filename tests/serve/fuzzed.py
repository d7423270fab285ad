"""Requests that are made of the server's own description, right ones and wrong ones.

`python tests/serve/fuzzed.py --examples 500 --seed 7` asks so many of each kind of each operation.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent), str(FOLDER.parent / "live")]

import schemathesis  # noqa: E402
from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402
from hypothesis.errors import Unsatisfiable  # noqa: E402
from kills import ledger  # noqa: E402
from schemathesis import GenerationMode  # noqa: E402
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import AT, Server, serving, token  # noqa: E402

from live.gate import say  # noqa: E402
from playgate.serve.openapi import document  # noqa: E402
from playgate.serve.settings import Limits  # noqa: E402

__all__ = ["fuzz"]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCOPES = ("read", "write", "waive", "retract", "merge", "metrics", "as-anybody")
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    """A batch: what is drawn for its body, on one line and on a second."""
    text = value if isinstance(value, str) else json.dumps(value)
    return f"{text}\n{text}\n".encode("utf-8", "surrogatepass")


def fuzz(db: Path, examples: int, first: int) -> Counter[int]:
    """Asks so many requests of each kind of each operation; returns how often which status was
    the answer."""
    key = token(db, *SCOPES, "waiver-approve", "waiver-decline")
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document())))
    assert say("open", "d", db=db, clock=AT).status == 0
    found: Counter[int] = Counter()
    with serving(db, Limits(rate=1e9)) as server:
        for place, each in enumerate(schema.get_all_operations()):
            for mode in MODES:
                _ask(server, key, each.ok(), mode, examples, first + place, found)
    return found


def _ask(
    server: Server,
    key: str,
    operation: Any,
    mode: GenerationMode,
    examples: int,
    number: int,
    found: Counter[int],
) -> None:
    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        server.clock.on(0.001)
        if (
            isinstance(case.body, dict)
            and found.total() % 2 == 0
            and mode is GenerationMode.POSITIVE
        ):
            case.body["deal"] = "d"  # one that there is
        told = case.as_transport_kwargs(base_url="http://testserver")
        headers = {**told.pop("headers"), "Authorization": f"Bearer {key}"}
        answer = server.client.request(**told, headers=headers)
        found[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    try:
        asked()
    except Unsatisfiable:
        if mode is GenerationMode.POSITIVE:
            raise  # else there is nothing that could be wrong


def main() -> None:
    """Asks as often as the command line says."""
    parser = argparse.ArgumentParser(description="ask what the description describes")
    parser.add_argument("--examples", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    told = parser.parse_args()
    begun = time.monotonic()
    with ledger(None, postgres=False) as db:
        found = fuzz(db, told.examples, told.seed)
    statuses = ", ".join(f"{status}: {number}" for status, number in sorted(found.items()))
    print(f"{found.total()} requests, {time.monotonic() - begun:.0f} s; {statuses}")


if __name__ == "__main__":
    main()
