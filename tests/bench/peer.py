"""What pm4py needs for the same work; run by pm4py's own interpreter, prints one line of JSON.

    PYTHON peer.py declare events.csv.gz
    PYTHON peer.py read log.xes.gz

pm4py is licensed under the AGPL: it is measured from outside and never a dependency.
"""

import json
import sys
import time

_COMPLETED = "W_Completeren aanvraag"
_CALLED = "W_Nabellen offertes"
_VALIDATED = "W_Valideren aanvraag"
_NEEDS_ONE = {"support": 1, "confidence": 1.0}
MODEL = {
    "precedence": {
        (f"{_COMPLETED}+COMPLETE", "O_SENT+COMPLETE"): _NEEDS_ONE,
        (f"{_COMPLETED}+START", "O_SENT+COMPLETE"): _NEEDS_ONE,
        (f"{_VALIDATED}+COMPLETE", "A_APPROVED+COMPLETE"): _NEEDS_ONE,
        (f"{_VALIDATED}+START", "A_APPROVED+COMPLETE"): _NEEDS_ONE,
    },
    "responded_existence": {("O_SENT+COMPLETE", f"{_CALLED}+START"): _NEEDS_ONE},
    "response": {("O_SENT+COMPLETE", f"{_CALLED}+START"): _NEEDS_ONE},
}
"""The six rules of the loan playbook, so far as DECLARE can say them (no window, no stages)."""


class Clock:
    """Wall and CPU seconds of what has passed since the last look."""

    def __init__(self):
        self._last = time.perf_counter(), time.process_time()

    def __call__(self):
        now = time.perf_counter(), time.process_time()
        passed = now[0] - self._last[0], now[1] - self._last[1]
        self._last = now
        return passed


def declare(file, clock):
    import pandas
    import pm4py

    imported = clock()
    log = pandas.read_csv(file, dtype={"case_id": "str", "resource": "str"})
    log["timestamp"] = pandas.to_datetime(log["timestamp"], utc=True, format="ISO8601")
    log["activity"] = log["activity"] + "+" + log["lifecycle"]
    log = pm4py.format_dataframe(
        log, case_id="case_id", activity_key="activity", timestamp_key="timestamp"
    )
    read = clock()
    verdicts = pm4py.conformance_declare(log, MODEL)
    checked = clock()
    found = {}
    for verdict in verdicts:
        for rule, activities in verdict["deviations"]:
            name = " ".join((rule, *activities))
            found[name] = found.get(name, 0) + 1
    work = [sum(parts) for parts in zip(read, checked, strict=True)]
    return {"import": imported, "work": work, "events": len(log), "found": found}


def read(file, clock):
    import pm4py

    imported = clock()
    log = pm4py.read_xes(file)
    return {"import": imported, "work": clock(), "events": len(log)}


def main():
    job, file = sys.argv[1:]
    result = {"declare": declare, "read": read}[job](file, Clock())
    print(json.dumps(result))


main()
