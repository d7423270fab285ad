"""The audit of a whole table: the same result as `playgate.audit.run`, found by an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from playgate.audit.assemble import assemble, problem_of
from playgate.audit.blind_spots import BlindSpots, parts_of
from playgate.audit.bulk.attributes import is_too_deep
from playgate.audit.bulk.connect import backend_of
from playgate.audit.bulk.counts import count, counted, selected
from playgate.audit.bulk.explain import every
from playgate.audit.bulk.expressions import Table, is_in, number
from playgate.audit.bulk.judged import judged, located, named, setting_of
from playgate.audit.bulk.parts import EVENTS, in_parts
from playgate.audit.bulk.patterns import misread
from playgate.audit.bulk.reading import mentioned, notes, observe, unknown_names
from playgate.audit.bulk.reads import Reads
from playgate.audit.bulk.setting import Setting
from playgate.audit.bulk.settle import Oddities, oddities, resolved, settled, twins
from playgate.audit.bulk.steps import Steps
from playgate.audit.bulk.summary import summary
from playgate.audit.bulk.waivers import lifted_rules
from playgate.audit.bulk.zones import CannotExpressError
from playgate.audit.result import AuditResult, BlindSpot, HistoryFacts
from playgate.audit.run import audit
from playgate.audit.selection import Selection
from playgate.audit.summary import kinds_of
from playgate.audit.tally import Tally
from playgate.audit.watch import Watch, unwatched
from playgate.conditions import tree
from playgate.history.deal import no_roles
from playgate.history.event import Problem
from playgate.history.people import People
from playgate.judge.judge import Judge
from playgate.playbook.model import Playbook
from playgate.playbook.rules import Rule, list_rules

__all__ = ["audit_table", "refuse_misread"]


def audit_table(
    playbook: Playbook,
    table: Table,
    *,
    connection: Any,
    people: People | None = None,
    as_of: int | None = None,
    selection: Selection | None = None,
    sources: Sequence[str] = (),
    problems: Sequence[Problem] = (),
    shown: bool = False,
    watch: Watch = unwatched,
    limit: int = EVENTS,
) -> AuditResult:
    """Judge every deal of a table of events (`settle.COLUMNS`) where it lies.

    An engine in this process judges some deals at a time, of about as many events as `limit`.
    With `shown`, findings and problems are fetched only as far as the result's summary has them.
    """
    rules = list_rules(playbook)
    refuse_misread(playbook, rules, backend_of(connection))
    with Steps(connection) as steps:
        facts = steps.rows(oddities(table))[0]
        instant = facts["latest"] if as_of is None else as_of
        if instant is None:
            return audit(playbook, (), people=people, sources=sources, problems=problems)
        setting = setting_of(
            playbook,
            people=people,
            as_of=number(instant),
            steps=steps,
            is_latest=facts["latest"] is not None and instant >= facts["latest"],
        )
        refuse_deep(steps, table, setting.reads)
        odd = Oddities(
            starts=bool(facts["starts"]),
            derived=bool(facts["derived"] and facts["bare"]),
            bare=bool(facts["bare"]),
        )
        return _Audit(
            setting,
            table,
            odd,
            as_of=instant,
            selection=selection or Selection(),
            sources=sources,
            problems=problems,
            shown=shown,
            watch=watch,
            events=facts["events"],
            limit=limit,
        ).result()


def refuse_deep(steps: Steps, events: Table, reads: Reads) -> None:
    """`CannotExpressError` where attributes that are read are nested too deep to be seen."""
    read = ["waiver"]
    narrowings = (each for pattern in reads.patterns for each in pattern.narrowings)
    if any(kind == "attribute" for each in narrowings for kind, _ in each.reads()):
        read.append("activity")
    deep = events.filter(is_in(events.kind, read) & is_too_deep(events.attrs))
    found = steps.rows(deep.aggregate(count=deep.count(), deal=deep.deal.min()))[0]
    if found["count"]:
        what = "attributes nested more than three deep"
        raise CannotExpressError(f"{what} ({found['count']}, as on deal {found['deal']})")


def refuse_misread(playbook: Playbook, rules: Sequence[Rule], engine: str) -> None:
    """`CannotExpressError` where the engine would find a regular expression elsewhere than RE2."""
    for rule in rules:
        for part in parts_of(rule, playbook):
            match part:
                case tree.FieldTest(_, test) | tree.FieldPattern(_, test):
                    tests = [test]
                case tree.ActivityPattern():
                    tests = [each.test for each in part.tests]
                case _:
                    continue
            for each in tests:
                reason = (
                    misread(str(each.operands[0]), engine) if each.operator == "matches" else ""
                )
                if reason:
                    what = f'{rule.info.id}: it reads otherwise in "{each.operands[0]}"'
                    raise CannotExpressError(f"{what}: {reason}")


class _Audit:
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
        self._blind = BlindSpots(setting.playbook, setting.rules)
        self._judge = Judge(setting.playbook, has_people=setting.people is not None)
        self._reader = self._judge.reader(setting.people.roles if setting.people else no_roles)

    def result(self) -> AuditResult:
        """The whole audit."""
        setting, steps = self._setting, self._setting.steps
        lifted = lifted_rules(setting, self._raw)
        tables = in_parts(
            steps,
            self._raw,
            self._events,
            decide=self._have_twins,
            build=partial(self._judge_part, lifted),
            watch=self._watch,
            limit=self._limit,
        )
        tally = Tally(self._judge, self._selection)
        tally.absorb(count(setting, tables))
        problems = self._all_problems(tables)
        summed = None
        told = (setting, self._judge, self._raw, tables["found"])
        if self._shown:
            summed = summary(*told, kinds_of(problems), as_of=self._as_of)
        else:
            tally.findings.extend(every(*told, as_of=self._as_of, watch=self._watch))
        return assemble(
            setting.playbook,
            tally,
            people=setting.people,
            as_of=self._as_of,
            history=self._facts(tables["facts"], left_out=-tally.deals),
            unknown=unknown_names(setting, tables),
            blind_spots=self._blind_spots(tables),
            problems=[problem for problem, _ in problems],
            summary=summed,
        )

    def _have_twins(self, part: Table) -> bool:
        """Whether events of a part are there twice; they are counted."""
        steps = self._setting.steps
        number = steps.rows(twins(resolved(part, self._odd), self._odd, steps.backend))[0]["twins"]
        self._duplicates += number or 0
        return bool(number)

    def _judge_part(
        self, lifted: frozenset[int] | None, part: Table, have_twins: bool
    ) -> dict[str, Table]:
        """All that is known of some deals."""
        setting, steps = self._setting, self._setting.steps
        distinct = resolved(part, self._odd)
        if have_twins:
            distinct = steps.keep("settled", settled(distinct, self._odd, steps.backend))
        done = judged(setting, distinct, lifted)
        verdicts = selected(setting, self._selection, done.verdicts)
        failed = selected(setting, self._selection, done.failed)
        table = done.history.numbered
        return {
            "facts": table.aggregate(
                deals=table.count(),
                events=table.events.sum(),
                first=table.first_at.min(),
                last=table.last_at.max(),
            ),
            "found": (named if self._shown else located)(failed, done.governing),
            **counted(setting, verdicts, done.deals),
            **mentioned(setting, done.history, done.waivers, self._blind),
        }

    def _facts(self, facts: Table, *, left_out: int) -> HistoryFacts:
        row = self._setting.steps.rows(
            facts.aggregate(
                deals=facts.deals.sum(),
                events=facts.events.sum(),
                first=facts["first"].min(),
                last=facts["last"].max(),
            )
        )[0]
        return HistoryFacts(
            int(row["events"] or 0),
            row["deals"],
            row["deals"] + left_out,
            row["first"],
            row["last"],
            tuple(self._sources),
            self._duplicates,
        )

    def _blind_spots(self, tables: Mapping[str, Table]) -> tuple[BlindSpot, ...]:
        if self._selection.deals:
            return ()
        observe(self._setting, tables, self._blind)
        return self._blind.result(self._setting.people)

    def _all_problems(self, tables: Mapping[str, Table]) -> list[tuple[Problem, int]]:
        """By file and line, each with how many like it it stands for."""
        noted = notes(self._setting, tables, self._reader, as_of=self._as_of, alike=self._shown)
        problems = [(each, 1) for each in self._problems]
        problems += [(problem_of(note, self._sources), times) for note, times in noted]
        return sorted(problems, key=lambda each: (each[0].file, each[0].line))
