"""The same work as in `peer.py`, by playgate in one process; prints one line of JSON.

    PYTHON own.py audit PLAYBOOK events.csv.gz MAPPING [OPTION …]
    PYTHON own.py read log.xes.gz

`import` and `work` are wall and CPU seconds.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module


def _clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _passed(since: tuple[float, float]) -> tuple[float, float]:
    now = _clock()
    return now[0] - since[0], now[1] - since[1]


def _audit(playbook: str, log: str, mapping: str, *options: str) -> dict[str, object]:
    begun = _clock()
    import_module("playgate.cli.audit")
    from playgate.cli.main import main

    imported, begun = _passed(begun), _clock()
    sys.argv = [
        "playgate",
        "audit",
        playbook,
        log,
        "--map",
        mapping,
        "--fail-on",
        "never",
        *options,
    ]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
    return {"import": imported, "work": _passed(begun)}


def _read(log: str) -> dict[str, object]:
    begun = _clock()
    from playgate.history.mapping import find_mapping, load_mapping
    from playgate.history.read import read_history

    imported, begun = _passed(begun), _clock()
    mapping = load_mapping(find_mapping("bpic2012"))
    events = list(read_history([log], mapping=mapping, report=print))
    return {"import": imported, "work": _passed(begun), "events": len(events)}


if __name__ == "__main__":
    job, *arguments = sys.argv[1:]
    print(json.dumps(_audit(*arguments) if job == "audit" else _read(*arguments)))
