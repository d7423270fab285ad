"""`playgate import`: normalise a CRM export to the history table."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence

import click

from playgate.auditing.reading import problem_lines, refuse_problems
from playgate.cli.clock import horizon
from playgate.cli.door import put, tell
from playgate.cli.errors import CLEAN, WRONG
from playgate.cli.load import mapping_from
from playgate.cli.options import FILE, map_option, strict_option
from playgate.cli.output import write
from playgate.cli.reading import fill, progress_bar
from playgate.cli.requests import db_path
from playgate.history.event import Event, Problem, how_many
from playgate.history.spool import Spool
from playgate.history.tally import PassedOver
from playgate.history.walk import settled
from playgate.history.write import write_events, write_history
from playgate.report.words import count, plural

__all__ = ["command"]


@click.command("import")
@click.argument("history", nargs=-1, required=True, metavar="HISTORY…", type=FILE)
@map_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    show_default="standard output, as CSV",
    type=FILE,
    help="Where to write; the name says how (.csv, .ndjson, each also .gz).",
)
@click.option(
    "--db", metavar="FILE", type=FILE, help="Take the events into this ledger instead of a file."
)
@click.option(
    "--playbook",
    metavar="PLAYBOOK",
    type=FILE,
    help="With --db: what judges the deals that the ledger does not know yet.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to show what came of it.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Write nothing: show the first rows of each table, and what becomes of them, and why.",
)
@click.option(
    "--sniff",
    is_flag=True,
    help="Propose a mapping for the files, each guess with its evidence; nothing is taken in.",
)
@strict_option
def command(
    history: tuple[str, ...],
    mapping: str | None,
    output: str,
    db: str | None,
    playbook: str | None,
    form: str,
    explain: bool,
    sniff: bool,
    strict: bool,
) -> int:
    """Turn exports of a CRM into one history table; "-" reads standard input.

    With --db the events go into a ledger, as often as one likes: those that it has are passed over.

    \b
    playgate import flow.ndjson deals.json stages.json users.json --map pipedrive -o history.csv
    playgate import log.xes.gz --map bpic2012 -o history.ndjson.gz
    playgate import history.csv --db playgate.db --playbook bank-sales.yaml
    playgate import deals.json users.csv --map ours.mapping.yaml --explain
    playgate import deals.csv calls.xlsx --sniff > draft.mapping.yaml
    """
    if sniff:
        return _sniffed(history, mapping, db, output)
    if explain:
        from playgate.cli.import_explain import explained

        for line in explained(history, mapping_from(mapping) if mapping else None):
            put([line, "\n"])
        return CLEAN
    added = 0
    passed_over: list[PassedOver] = []
    until = horizon()
    with Spool(until=until) as spool:
        problems = fill(
            spool, history, mapping, into_ledger=db is not None, note=passed_over.append
        )
        tally = _Tally(history, problems)
        if strict:
            for _ in tally.settled(spool):  # an id may be taken
                pass
            refuse_problems(problems)
            tally = _Tally(history, problems)
        if db is not None:
            from playgate.cli.import_ledger import import_into  # a file needs no ledger

            with progress_bar("importing", spool.events) as progress:
                events, added = import_into(
                    db_path(db),
                    tally.settled(spool),
                    playbook=playbook,
                    until=until,
                    sources=history,
                    problems=problems,
                    progress=progress,
                )
        elif output == "-":
            events = write_events(sys.stdout, tally.settled(spool), as_json=False)
            sys.stdout.flush()
        else:
            events = write_history(output, tally.settled(spool))
    if form == "json":
        data = {
            "version": 1,
            "kind": "imported",
            "events": events,
            "deals": tally.deals,
            "added": added if db is not None else events,
            "duplicates": tally.duplicates,
            "problems": how_many(problems),
        }
        put([json.dumps(data), "\n"], sys.stderr if db is None else None)
        return _status(tally)
    for line in problem_lines(problems):
        tell(line)
    for each in passed_over:
        tell(f"note: {each}")
    new = "written" if db is None else f"read, {count(added)} of them new"
    tell(
        f"{plural(events, 'event')} of {plural(tally.deals, 'deal')} {new}; "
        f"{plural(tally.duplicates, 'repeated row')} counted once, "
        f"{plural(how_many(problems), 'problem')}"
    )
    return _status(tally)


def _status(tally: _Tally) -> int:
    """Returns the exit status: an import of which nothing came has failed, where that is told."""
    return WRONG if tally.problems and not tally.deals else CLEAN


def _sniffed(history: Sequence[str], mapping: str | None, db: str | None, output: str) -> int:
    if mapping is not None or db is not None:
        raise click.UsageError("--sniff proposes a mapping: it takes no --map and no --db")
    from playgate.drafting.sniff import sniffed_mapping

    write((sniffed_mapping(history),), None if output == "-" else output)
    return CLEAN


class _Tally:
    """Counts what passes by on its way to the file, and notes ids that are taken."""

    def __init__(self, sources: Sequence[str], problems: list[Problem]) -> None:
        self._sources = sources
        self.problems = problems
        self.deals = 0
        self.duplicates = 0

    def settled(self, spool: Spool) -> Iterator[list[Event]]:
        for each in settled(spool.deals()):
            self.deals += 1
            self.duplicates += each.duplicates
            self.problems += [clash.problem(self._sources) for clash in each.clashes]
            yield each.events
