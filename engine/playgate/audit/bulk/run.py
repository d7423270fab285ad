"""The audit of a whole table: the same result as `playgate.audit.run`, found by an engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from playgate.audit.assemble import assemble, problem_of
from playgate.audit.blind_spots import BlindSpots, parts_of
from playgate.audit.bulk.connect import backend_of
from playgate.audit.bulk.counts import count, selected
from playgate.audit.bulk.deals import read_deals
from playgate.audit.bulk.dues import WAIVED
from playgate.audit.bulk.explain import Found, explained, plain
from playgate.audit.bulk.expressions import Table
from playgate.audit.bulk.governed import governed
from playgate.audit.bulk.history import History, read_history
from playgate.audit.bulk.made_good import CAUSES, found
from playgate.audit.bulk.patterns import misread
from playgate.audit.bulk.reading import notes, observe, unknown_names
from playgate.audit.bulk.setting import Setting, read_by
from playgate.audit.bulk.settle import Oddities, oddities, resolved, settled, twins
from playgate.audit.bulk.steps import Steps
from playgate.audit.bulk.verdicts import judged
from playgate.audit.bulk.waivers import Waivers, read_waivers
from playgate.audit.bulk.zones import CannotExpressError
from playgate.audit.result import AuditResult, BlindSpot, HistoryFacts
from playgate.audit.run import audit
from playgate.audit.selection import Selection
from playgate.audit.tally import Tally
from playgate.conditions import tree
from playgate.findings import Finding, State
from playgate.history.deal import no_roles
from playgate.history.event import Problem
from playgate.history.people import People
from playgate.judge.judge import Judge
from playgate.judge.track import Track
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
    explain: int | None = None,
) -> AuditResult:
    """Judge every deal of a table of events (`settle.COLUMNS`) where it lies.

    At most `explain` findings, the first ones, are put into words by the judge (default: all); the
    others have their rule's title for a message, and neither evidence nor when they were made good.
    """
    rules = list_rules(playbook)
    refuse_misread(playbook, rules, backend_of(connection))
    with Steps(connection) as steps:
        facts = steps.rows(oddities(table))[0]
        instant = facts["latest"] if as_of is None else as_of
        if instant is None:
            return audit(playbook, (), people=people, sources=sources, problems=problems)
        track = Track(playbook)
        setting = Setting(
            playbook=playbook, rules=rules, people=people, as_of=instant, steps=steps,
            is_latest=facts["latest"] is not None and instant >= facts["latest"],
            reads=read_by(playbook, rules), places=track.place, open=tuple(track.open),
            numbers={stage.id: number for number, stage in enumerate(playbook.stages)},
        )  # fmt: skip
        odd = Oddities(
            starts=bool(facts["starts"]), derived=bool(facts["derived"] and facts["bare"]),
            bare=bool(facts["bare"]),
        )
        return _Audit(
            setting, table, odd, selection=selection or Selection(), sources=sources,
            problems=problems, explain=explain,
        ).result()  # fmt: skip


def refuse_misread(playbook: Playbook, rules: Sequence[Rule], engine: str) -> None:
    """`CannotExpressError` where the engine would find a regular expression elsewhere than RE2."""
    for rule in rules:
        for part in parts_of(rule, playbook):
            match part:
                case tree.FieldTest(_, test) | tree.FieldPattern(_, test):
                    tests = [test]
                case tree.ActivityPattern():
                    tests = [each.test for each in part.where]
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
        selection: Selection,
        sources: Sequence[str],
        problems: Sequence[Problem],
        explain: int | None,
    ) -> None:
        self._setting = setting
        self._selection = selection
        self._raw = raw.filter(raw.deal.isin(sorted(selection.deals))) if selection.deals else raw
        self._odd = odd
        self._sources = sources
        self._problems = list(problems)
        self._explain = explain
        self._judge = Judge(setting.playbook, has_people=setting.people is not None)
        self._reader = self._judge.reader(setting.people.roles if setting.people else no_roles)

    def result(self) -> AuditResult:
        """The whole audit."""
        setting, steps = self._setting, self._setting.steps
        kept = resolved(self._raw, self._odd)
        distinct, duplicates = kept, 0
        if steps.rows(twins(kept, self._odd))[0]["n"]:
            distinct = steps.keep("settled", settled(kept, self._odd))
            duplicates = self._size(kept) - self._size(distinct)
        history = read_history(setting, distinct)
        waivers = read_waivers(setting, history)
        governing, deals = governed(setting, history, read_deals(setting, history))
        verdicts = judged(setting, governing, deals, waivers)
        tally = Tally(self._judge, self._selection)
        counted = selected(setting, self._selection, verdicts.table)
        failed = selected(setting, self._selection, found(setting, governing, deals, verdicts))
        tally.absorb(count(setting, counted, deals))
        tally.findings.extend(self._findings(failed, governing))
        return assemble(
            setting.playbook,
            tally,
            people=setting.people,
            as_of=setting.as_of,
            history=self._facts(history, left_out=-tally.deals, duplicates=duplicates),
            unknown=unknown_names(setting, history, waivers),
            blind_spots=self._blind_spots(history),
            problems=self._all_problems(history, waivers),
        )

    def _size(self, table: Table) -> int:
        size: int = self._setting.steps.rows(table.aggregate(n=table.count()))[0]["n"]
        return size

    def _facts(self, history: History, *, left_out: int, duplicates: int) -> HistoryFacts:
        table = history.numbered
        row = self._setting.steps.rows(table.aggregate(
            deals=table.count(), events=table.events.sum(), first=table.first_at.min(),
            last=table.last_at.max(),
        ))[0]  # fmt: skip
        return HistoryFacts(
            int(row["events"] or 0), row["deals"], row["deals"] + left_out, row["first"],
            row["last"], tuple(self._sources), duplicates,
        )  # fmt: skip

    def _findings(self, failed: Table, history: History) -> list[Finding]:
        rows = self._setting.steps.rows(_with_stages(failed, history))
        found_ = sorted((_found(row) for row in rows), key=lambda f: (f.due_at, f.deal, f.rule))
        most = len(found_) if self._explain is None else self._explain
        told = explained(self._setting, self._judge, self._raw, found_[:most])
        return [*told, *(plain(self._setting, each) for each in found_[most:])]

    def _blind_spots(self, history: History) -> tuple[BlindSpot, ...]:
        if self._selection.deals:
            return ()
        blind = BlindSpots(self._setting.playbook, self._setting.rules)
        observe(self._setting, history, blind)
        return blind.result(self._setting.people)

    def _all_problems(self, history: History, waivers: Waivers | None) -> list[Problem]:
        found_ = notes(self._setting, history, waivers, self._reader)
        return [*self._problems, *(problem_of(note, self._sources) for note in found_)]


def _with_stages(failed: Table, history: History) -> Table:
    """The findings with their deals, and the stages that they lie between."""
    moves = history.moves
    named = history.numbered.select("deal", nd="d")
    moved = moves.select("left", "into", md="d", mpos="pos")
    stayed = moves.select(sd="d", stage="into", begins="at", ends="until")
    row = failed.join(named, failed.d == named.nd)
    row = row.left_join(moved, [row.d == moved.md, row.pos == moved.mpos])
    row = row.left_join(
        stayed, [row.d == stayed.sd, stayed.begins <= row.due_at, row.due_at < stayed.ends]
    )
    is_move = row.into.notnull()
    return row.select(
        "deal", "rule", "verdict", "due_at", "charged", "good", "cause",
        from_stage=ibis.ifelse(is_move, row.left, row.stage.fill_null("")),
        to_stage=row.into.fill_null(""),
    )  # fmt: skip


def _found(row: dict[str, Any]) -> Found:
    waived = row["verdict"] == WAIVED
    state: State = "waived" if waived else ("made-good" if row["good"] else "open")
    cause = None if waived else CAUSES.get(row["cause"])
    return Found(
        row["deal"], row["rule"], row["due_at"], row["charged"], state, cause,
        row["from_stage"], row["to_stage"],
    )  # fmt: skip
