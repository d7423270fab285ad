"""What pm4py needs for the same work; run by pm4py's own interpreter, prints one line of JSON.

    PYTHON peer.py declare events.csv.gz
    PYTHON peer.py read log.xes.gz
    PYTHON peer.py rules warehouse.parquet
    PYTHON peer.py replay warehouse.parquet

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

RULES = {
    "precedence": {
        ("first_call", "assess"): _NEEDS_ONE,
        ("needs_interview", "design"): _NEEDS_ONE,
        ("site_visit", "proposal"): _NEEDS_ONE,
        ("needs_interview", "proposal_sent"): _NEEDS_ONE,
        ("demo", "proposal_sent"): _NEEDS_ONE,
        ("proposal_sent", "follow_up_call"): _NEEDS_ONE,
    },
    "response": {("proposal_sent", "follow_up_call"): _NEEDS_ONE},
    "responded_existence": {("proposal_sent", "site_visit"): _NEEDS_ONE},
}
"""The rules of `warehouse-declare.yaml`."""
STEPS = """
->( 'approach', 'first_call', 'assess', 'needs_interview', 'site_visit', 'design', 'demo', 'demo',
'proposal', 'proposal_sent', 'follow_up_call', X( 'won', 'lost' ) )
"""
"""The way of a deal through the stages and activities of `warehouse.py`, as a process tree."""


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


def warehouse(file):
    """The stages and activities of what `warehouse.py` writes, and how many events it has."""
    import pandas
    import pm4py

    columns = ["deal", "happened_at", "kind", "name"]
    log = pandas.read_parquet(file, columns=columns)
    events = len(log)
    log = log[log["kind"].isin(["stage", "activity"])].drop(columns="kind")
    log["happened_at"] = log["happened_at"].dt.tz_localize("UTC")
    named = {"deal": "case:concept:name", "name": "concept:name", "happened_at": "time:timestamp"}
    log = log.rename(columns=named)
    return pm4py.utils.format_dataframe(
        log,
        case_id="case:concept:name",
        activity_key="concept:name",
        timestamp_key="time:timestamp",
    ), events


def rules(file, clock):
    import pm4py

    imported = clock()
    log, events = warehouse(file)
    found = {}
    for verdict in pm4py.conformance_declare(log, RULES):
        for rule, activities in verdict["deviations"]:
            name = " ".join((rule, *activities))
            found[name] = found.get(name, 0) + 1
    return {"import": imported, "work": clock(), "events": events, "found": found}


def replay(file, clock):
    import pm4py

    imported = clock()
    net = pm4py.convert_to_petri_net(pm4py.parse_process_tree(STEPS))
    log, events = warehouse(file)
    replayed = pm4py.conformance_diagnostics_token_based_replay(log, *net)
    fits = sum(each["trace_is_fit"] for each in replayed)
    return {"import": imported, "work": clock(), "events": events, "found": {"fits": fits}}


def main():
    job, file = sys.argv[1:]
    jobs = {"declare": declare, "read": read, "rules": rules, "replay": replay}
    result = jobs[job](file, Clock())
    print(json.dumps(result))


main()
