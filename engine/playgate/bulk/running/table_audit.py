"""The audit of a whole table: an engine finds the same result as `playgate.audit.run`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from playgate.audit.assemble import add_notes, assemble
from playgate.audit.blind_spots import BlindSpots
from playgate.audit.findings_store import FindingStore
from playgate.audit.result import AuditResult, BlindSpot, HistoryFacts
from playgate.audit.run import audit
from playgate.audit.selection import Selection
from playgate.audit.summary import kinds_of, summarize
from playgate.audit.tally import Tally
from playgate.audit.unjudged import unjudged
from playgate.audit.verdict_rows import VerdictSink
from playgate.audit.watch import Watch, unwatched
from playgate.bulk.engine.connect import backend_of
from playgate.bulk.engine.steps import Steps
from playgate.bulk.judging.judgement import judge_events, verdict_rows, with_deal_ids, with_stages
from playgate.bulk.judging.refusals import refuse_deep, refuse_misread, refuse_unsaid
from playgate.bulk.judging.setting import Setting, setting_of
from playgate.bulk.judging.waivers import rules_waived
from playgate.bulk.reading.distinct_events import (
    Oddities,
    clashes,
    count_twins,
    distinct_events,
    in_fine_order,
    oddities,
    with_starts_placed,
)
from playgate.bulk.running.explain import explain_all
from playgate.bulk.running.mentions import mention_tables, notes, observe, unknown_names
from playgate.bulk.running.parts import EVENTS, in_parts
from playgate.bulk.running.summary import summary
from playgate.bulk.running.verdict_counts import (
    count_tables,
    fetch_counts,
    fetch_verdicts,
    selected_verdicts,
)
from playgate.bulk.values.expressions import Table, number
from playgate.history.deal import no_roles
from playgate.history.event import Event, Problem, in_the_future
from playgate.history.order import Clash
from playgate.history.people import People
from playgate.history.problems import EarliestProblems
from playgate.judge.judge import Judge
from playgate.model.playbook import Playbook
from playgate.rules.list import list_rules

__all__ = ["audit_table"]


def audit_table(
    playbook: Playbook,
    table: Table,
    *,
    connection: Any,
    people: People | None = None,
    as_of: int | None = None,
    until: int | None = None,
    selection: Selection | None = None,
    sources: Sequence[str] = (),
    problems: Sequence[Problem] = (),
    shown: bool = False,
    verdicts: VerdictSink | None = None,
    watch: Watch = unwatched,
    limit: int = EVENTS,
) -> AuditResult:
    """Judges every deal of a table of events (`event_table.EVENT`) where it lies.

    An engine in this process judges some deals at a time, of about as many events as `limit`.
    What happens after `until` is the future. `verdicts` is given every verdict. With `shown`,
    findings and problems are fetched only as far as the result's summary has them.
    """
    rules = list_rules(playbook)
    refuse_unsaid(playbook, rules)
    refuse_misread(playbook, rules, backend_of(connection))
    with Steps(connection) as steps:
        facts = steps.rows(oddities(table, None if until is None else number(until)))[0]
        instant = facts["latest"] if as_of is None else as_of
        problems = list(problems)
        if facts["ahead"] and until is not None:
            problems += _ahead(steps, table, max(until, until if as_of is None else as_of), sources)
        if instant is None:
            return audit(playbook, (), people=people, sources=sources, problems=problems)
        setting = setting_of(
            playbook,
            people=people,
            as_of=number(instant),
            steps=steps,
            is_latest=facts["latest"] is not None
            and instant >= facts["latest"]
            and not facts["ahead"],
        )
        refuse_deep(steps, table, setting.reads)
        odd = Oddities(
            starts=bool(facts["starts"]),
            derived=bool(facts["derived"] and facts["bare"]),
            bare=bool(facts["bare"]),
            fine=bool(facts["fine"]),
        )
        return _TableAudit(
            setting,
            table,
            odd,
            as_of=instant,
            selection=selection or Selection(),
            sources=sources,
            problems=problems,
            shown=shown,
            verdicts=verdicts,
            watch=watch,
            events=facts["events"],
            limit=limit,
        ).result()


def _ahead(steps: Steps, table: Table, until: int, sources: Sequence[str]) -> list[Problem]:
    """Returns the problems of rows that lie in the future, later than an instant."""
    later = table.filter(table.happened_at > number(until)).select("happened_at", "source", "line")
    return [in_the_future(at, sources[source], line) for at, source, line in steps.tuples(later)]


class _TableAudit:
    def __init__(
        self,
        setting: Setting,
        raw: Table,
        odd: Oddities,
        *,
        as_of: int,
        selection: Selection,
        sources: Sequence[str],
        problems: Sequence[Problem],
        shown: bool,
        verdicts: VerdictSink | None,
        watch: Watch,
        events: int,
        limit: int,
    ) -> None:
        self._setting = setting
        self._selection = selection
        self._raw = raw.filter(raw.deal.isin(sorted(selection.deals))) if selection.deals else raw
        self._odd = odd
        self._as_of = as_of
        self._sources = sources
        self._problems = list(problems)
        self._shown = shown
        self._watch = watch
        self._events = 0 if selection.deals else events
        self._limit = limit
        self._duplicates = 0
        self._blind = BlindSpots(setting.playbook, list_rules(setting.playbook))
        self._judge = Judge(setting.playbook, has_people=setting.people is not None)
        self._reader = self._judge.reader(setting.people.roles if setting.people else no_roles)
        self._tally = Tally(self._judge, self._selection, verdicts)
        self._kept: Table | None = None

    def result(self) -> AuditResult:
        """Runs the whole audit."""
        setting, steps = self._setting, self._setting.steps
        waived = rules_waived(setting, self._raw)
        tables = in_parts(
            steps,
            self._raw,
            self._events,
            decide=self._have_twins,
            build=partial(self._judge_part, waived),
            watch=self._watch,
            after=self._pass_on,
            limit=self._limit,
        )
        tally = self._tally
        tally.absorb(fetch_counts(setting, tables))
        problems = self._all_problems(tables)
        told = (setting, self._judge, self._raw, tables["found"])
        if self._shown:
            summed = summary(*told, kinds_of(problems), as_of=self._as_of)
            found = None
        else:
            store = FindingStore([rule.rule.info for rule in self._judge.rules])
            store.extend(explain_all(*told, as_of=self._as_of, watch=self._watch))
            found = store.ordered()
            summed = summarize(found, [problem for problem, _ in problems])
        return assemble(
            setting.playbook,
            tally,
            people=setting.people,
            as_of=self._as_of,
            history=self._facts(tables["facts"], tables["known"], judged=tally.deals),
            unknown=unknown_names(setting, tables),
            blind_spots=self._blind_spots(tables, tally),
            findings=found,
            problems=[problem for problem, _ in problems],
            summary=summed,
        )

    def _have_twins(self, part: Table) -> bool:
        """Says whether events of a part are there twice, and counts them."""
        steps = self._setting.steps
        number = steps.rows(
            count_twins(with_starts_placed(part, self._odd), self._odd, steps.backend)
        )[0]["twins"]
        if not number:
            return False
        taken = list(steps.tuples(clashes(with_starts_placed(part, self._odd))))
        self._duplicates += number - len(taken)
        self._problems += [self._taken(*each) for each in taken]
        return True

    def _taken(
        self, source: int, line: int, first_source: int, first_line: int, event_id: str
    ) -> Problem:
        kept, left_out = (
            Event("", 0, "", "", "", "", 0, event_id, "", *place)
            for place in ((first_source, first_line), (source, line))
        )
        return Clash(kept, left_out).problem(self._sources)

    def _judge_part(
        self, waived: frozenset[int] | None, part: Table, have_twins: bool
    ) -> dict[str, Table]:
        """Judges some deals: the tables hold all that is known of them."""
        setting, steps = self._setting, self._setting.steps
        distinct = with_starts_placed(part, self._odd)
        if have_twins:
            distinct = steps.keep(
                "distinct_events", distinct_events(distinct, self._odd, steps.backend)
            )
        if self._odd.fine:
            distinct = in_fine_order(distinct)
        done = judge_events(setting, distinct, waived)
        verdicts = selected_verdicts(setting, self._selection, done, done.verdicts)
        failed = selected_verdicts(setting, self._selection, done, done.failed)
        table, known = done.history.numbered, done.governing.known
        if self._tally.pass_on:
            rows = verdict_rows(verdicts, done.history)
            self._kept = steps.keep("verdict_rows", rows)
        return {
            "facts": table.aggregate(
                events=table.events.sum(), first=table.first_at.min(), last=table.last_at.max()
            ),
            "known": known.aggregate(deals=known.count()),
            "found": (with_deal_ids if self._shown else with_stages)(
                failed, done.governing.history
            ),
            **count_tables(setting, verdicts, done.governing.deals),
            **mention_tables(setting, done, self._blind),
        }

    def _pass_on(self) -> None:
        """Passes on the verdicts of the part that was judged last."""
        if self._tally.pass_on and self._kept is not None:
            for rows in fetch_verdicts(self._setting, self._kept):
                self._tally.pass_on(rows)

    def _facts(self, facts: Table, known: Table, *, judged: int) -> HistoryFacts:
        rows = self._setting.steps.rows
        deals = rows(known.aggregate(deals=known.deals.sum()))[0]["deals"]
        row = rows(
            facts.aggregate(
                events=facts.events.sum(), first=facts["first"].min(), last=facts["last"].max()
            )
        )[0]
        return HistoryFacts(
            int(row["events"] or 0),
            deals,
            deals - judged,
            row["first"],
            row["last"],
            tuple(self._sources),
            self._duplicates,
        )

    def _blind_spots(self, tables: Mapping[str, Table], tally: Tally) -> tuple[BlindSpot, ...]:
        if self._selection.deals:
            return ()
        people = self._setting.people
        observe(self._setting, tables, self._blind)
        never = unjudged(
            self._setting.playbook, tally, self._selection, has_people=people is not None
        )
        return (*self._blind.result(people), *never)

    def _all_problems(self, tables: Mapping[str, Table]) -> list[tuple[Problem, int]]:
        """Sorts the problems by file and line, each with how many it stands for."""
        noted = notes(self._setting, tables, self._reader, as_of=self._as_of, alike=self._shown)
        problems = EarliestProblems()
        problems.take(self._problems)
        add_notes(problems, noted, self._sources)
        return problems.told()
