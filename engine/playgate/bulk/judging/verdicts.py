"""The verdicts of an audit: one for each deal and rule that is due."""

from __future__ import annotations

from typing import NamedTuple

import ibis

from playgate.bulk.judging.charging import charged
from playgate.bulk.judging.conditions import with_shifts
from playgate.bulk.judging.governed import Governing, governed_at, governed_moments
from playgate.bulk.judging.history import EVERYTHING, History
from playgate.bulk.judging.joined_tables import JoinedTables
from playgate.bulk.judging.judged_moments import (
    AS_OF,
    MATCH,
    MOVE,
    Keys,
    as_of_moments,
    first_moments,
    move_moments,
    plain_moments,
    step_moments,
    with_values_read,
)
from playgate.bulk.judging.rules_at_moments import (
    MET,
    UNMET,
    WAIVED,
    asks_when_before,
    is_asked_at_moments,
    is_due,
    packed_verdicts,
    unpacked_verdicts,
    when_holds,
)
from playgate.bulk.judging.rules_due_once import is_due_once, verdicts_due_once
from playgate.bulk.judging.rules_with_deadline import deadline_starts
from playgate.bulk.judging.sequences import (
    NumberedSequence,
    SequenceEvents,
    match_moments,
    read_sequence_events,
)
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.waivers import Waivers, waived_deadlines, waived_moments
from playgate.bulk.judging.what_rules_read import read_at_moments
from playgate.bulk.values.expressions import (
    FOREVER,
    Table,
    all_of,
    any_of,
    beside,
    flag,
    is_in,
    least,
    number,
    sure,
    when,
)
from playgate.findings import Cause
from playgate.rules.asks import HasRole
from playgate.rules.due import (
    AsOf,
    AtDeadline,
    AtEntry,
    AtMatch,
    AtMoves,
    EachDate,
    EachStep,
    EachVisit,
    FirstEntry,
    FirstEvent,
    is_of_matches,
)
from playgate.rules.list import Rule

__all__ = ["CAUSES", "LATE", "LOGGED_LATE", "MISSING", "Verdicts", "verdicts_of"]

LOGGED_LATE, LATE, MISSING = 1, 2, 3
CAUSES: dict[int, Cause] = {LOGGED_LATE: "logged-late", LATE: "late", MISSING: "missing"}
"""By the number in the column `cause`; 0 stands for none."""

_BASE = 2**58
"""Added to instants, so that packed ones are never negative."""
_CLASS = 2**60


class Verdicts(NamedTuple):
    """The verdicts come with the moments at which they were asked."""

    table: Table
    """With `deal_no`, `rule`, `verdict`, `due_at`, `moment_no`, `position`, `is_made_good`, `cause`
    and `charged`."""
    due: Table
    last_matches: Table | None


def verdicts_of(setting: Setting, governing: Governing, waivers: Waivers | None) -> Verdicts:
    """Judges every governed deal, where it is governed."""
    history, deals, spans = governing.history, governing.deals, governing.spans
    sequences = _sequences(setting)
    marks = read_sequence_events(setting, history, list(sequences.values())) if sequences else None
    due = _due(setting, history, deals, marks, sequences)
    parts = [
        _at_moments(
            setting, history, deals, _governed(setting, due, spans), marks, sequences, waivers
        ),
        _by_deadlines(setting, history, deals, due, marks, sequences, waivers, spans),
    ]
    whole = ibis.union(*[each for each in parts if each is not None])
    table = setting.steps.keep("verdicts", whole)
    last = marks.deals if marks is not None else None
    return Verdicts(charged(setting, history, table), due, _last_matches(sequences, last))


def _governed(setting: Setting, due: Table, spans: Table | None) -> Table:
    """Keeps the moments at which the deal is governed."""
    if spans is None:
        return due
    return setting.steps.keep("governed_moments", governed_moments(due, spans))


def _last_matches(sequences: dict[int, NumberedSequence], marked: Table | None) -> Table | None:
    """Renames by their rules the instants of the last matches of rules that are due as of now."""
    columns = {
        f"last_match_{index}": f"last_match_{each.place}"
        for index, each in sequences.items()
        if isinstance(each.rule.due, AsOf)
    }
    return marked.select("deal_no", **columns) if marked is not None and columns else None


def _sequences(setting: Setting) -> dict[int, NumberedSequence]:
    found: dict[int, NumberedSequence] = {}
    for index, rule in enumerate(setting.rules):
        if is_of_matches(rule.due):
            found[index] = NumberedSequence(len(found), index, rule)
    return found


def _asked(setting: Setting) -> list[tuple[int, Rule]]:
    """Lists the rules that are asked at moments; without people nobody is asked for a role."""
    return [
        (index, rule)
        for index, rule in enumerate(setting.rules)
        if is_asked_at_moments(rule)
        and not (isinstance(rule.ask, HasRole) and setting.people is None)
    ]


def _due(
    setting: Setting,
    history: History,
    deals: Table,
    marks: SequenceEvents | None,
    sequences: dict[int, NumberedSequence],
) -> Table:
    """Makes all moments at which something is asked."""
    moments = [move_moments(history.moves), as_of_moments(setting, deals)]
    starts = [
        rule.due.start
        for rule in setting.rules
        if isinstance(rule.due, AtDeadline) and rule.when is not None
    ]
    stages = [each.stage for each in starts if isinstance(each, FirstEntry | EachVisit)]
    if setting.has_grace and stages:
        moments.append(plain_moments(history.moves.filter(is_in(history.moves.to_stage, stages))))
    dates = [each.field for each in starts if isinstance(each, EachDate)]
    if dates or any(isinstance(each, EachStep) for each in starts):
        moments.append(step_moments(setting, history, dates).semi_join(deals, "deal_no"))
    if any(isinstance(each, FirstEvent) for each in starts):
        moments.append(first_moments(deals))
    for each in sequences.values():
        assert marks is not None  # noqa: S101  (there is a sequence)
        matches = marks.events.semi_join(deals, "deal_no")
        if isinstance(each.rule.due, AtMatch):
            moments.append(match_moments(matches, each, grace=True))
        elif isinstance(each.rule.due, AtDeadline) and each.rule.when is not None:
            moments.append(match_moments(matches, each, grace=False))
    return setting.steps.keep("due_moments", with_shifts(setting, ibis.union(*moments)))


def _at_moments(
    setting: Setting,
    history: History,
    deals: Table,
    due: Table,
    marks: SequenceEvents | None,
    sequences: dict[int, NumberedSequence],
    waivers: Waivers | None,
) -> Table | None:
    rules = _asked(setting)
    if not rules:
        return None
    indexes = [index for index, _ in rules]
    waives = None
    if waivers is not None:
        waives = setting.steps.keep(
            "waived_moments", waived_moments(setting, waivers, due, indexes)
        )
    marked = marks.deals if marks is not None else None
    once = [each for each in rules if is_due_once(setting, each[1])]
    moving = [each for each in rules if _needs_move_only(setting, each[1])]
    others = [each for each in rules if each not in once and each not in moving]
    parts = [deals.select("deal_no")]
    if once:
        parts.append(
            verdicts_due_once(setting, once, sequences, deals, history.fields, marked, waives)
        )
    if moving:
        parts.append(_of_moves(setting, moving, due, waives))
    if others:
        parts.append(_of_moments(setting, others, sequences, history, deals, due, marked, waives))
    whole = beside(parts[0], *((part, ("deal_no",)) for part in parts[1:]))
    found = unpacked_verdicts(setting, setting.steps.keep("packed_verdicts", whole), indexes)
    moments = due.select("deal_no", "moment_no", "due_at", "position", "actor", "move_no")
    keys = [found.deal_no == moments.deal_no, found.moment_no == moments.moment_no]
    row = found.join(moments, keys)
    return row.select(
        "deal_no",
        "rule",
        "verdict",
        "due_at",
        "moment_no",
        "position",
        "actor",
        is_made_good=number(0),
        cause=number(0),
        last_move_seen=when(row.move_no >= 0, row.move_no, number(FOREVER)),
    )


def _needs_move_only(setting: Setting, rule: Rule) -> bool:
    """Says whether a move by itself decides whether the rule is due, and met."""
    if rule.when is not None:
        return False
    if isinstance(rule.due, AtEntry) and isinstance(rule.ask, HasRole):
        return not setting.playbook.stage(rule.due.stage).optional
    return isinstance(rule.due, AtMoves)


def _of_moves(
    setting: Setting, rules: list[tuple[int, Rule]], due: Table, waives: Table | None
) -> Table:
    moves = due.filter(due.kind == MOVE)
    row = beside(moves, (waives, ("deal_no", "moment_no"))) if waives is not None else moves
    return _least(row.select("deal_no", **packed_verdicts(setting, row, rules, {})))


def _of_moments(
    setting: Setting,
    rules: list[tuple[int, Rule]],
    sequences: dict[int, NumberedSequence],
    history: History,
    deals: Table,
    due: Table,
    marked: Table | None,
    waives: Table | None,
) -> Table:
    """Judges by what stands as of a moment, at those moments that matter."""
    row = JoinedTables(setting.steps, "moments_and_deals", due, (deals, ("deal_no",)))
    matters = any_of(
        row.kind == AS_OF
        if isinstance(rule.due, AsOf)
        else all_of(is_due(setting, row, index, rule, sequences))
        for index, rule in rules
    )
    asking = row.select(*due.columns, matters=matters)
    moments = setting.steps.keep("asked_moments", asking.filter(asking.matters).drop("matters"))
    parts: list[tuple[Table, Keys]] = [(marked, ("deal_no",))] if marked is not None else []
    if waives is not None:
        parts.append((waives, ("deal_no", "moment_no")))
    before = _whens_before(setting, rules, sequences, history, deals, moments)
    if before is not None:
        parts.append((before, ("deal_no", "moment_no")))
    at_once = [rule for _, rule in rules if not asks_when_before(rule)]
    reads = read_at_moments(at_once, setting.playbook)
    row = with_values_read(setting, reads, "moments_as_seen", moments, deals, history, *parts)
    return _least(row.select("deal_no", **packed_verdicts(setting, row, rules, sequences)))


def _whens_before(
    setting: Setting,
    rules: list[tuple[int, Rule]],
    sequences: dict[int, NumberedSequence],
    history: History,
    deals: Table,
    moments: Table,
) -> Table | None:
    """Says whether the `when` of rule `i` holds as of the instants before a match's own
    (`when_holds_i`), for those rules that ask it then."""
    asking = [each for each in rules if asks_when_before(each[1])]
    if not asking:
        return None
    kinds = [MATCH + sequences[index].place for index, _ in asking]
    matches = moments.filter(is_in(moments.kind, kinds))
    plain = [name for name in matches.columns if name not in setting.reads.shifts.values()]
    before = matches.due_at - 1
    earlier = matches.select(*plain).mutate(
        at=before, seen_until=before, last_move_seen=number(EVERYTHING)
    )
    earlier = setting.steps.keep("moments_before", with_shifts(setting, earlier))
    reads = read_at_moments([rule for _, rule in asking], setting.playbook)
    row = with_values_read(setting, reads, "before_as_seen", earlier, deals, history)
    found = {
        f"when_holds_{index}": flag(all_of(when_holds(setting, rule, row)))
        for index, rule in asking
    }
    return setting.steps.keep("whens_before", row.select("deal_no", "moment_no", **found))


def _least(verdicts: Table) -> Table:
    """Keeps the least packed verdict of each deal."""
    names = [name for name in verdicts.columns if name != "deal_no"]
    return verdicts.group_by("deal_no").agg(**{name: verdicts[name].min() for name in names})


def _by_deadlines(
    setting: Setting,
    history: History,
    deals: Table,
    due: Table,
    marks: SequenceEvents | None,
    sequences: dict[int, NumberedSequence],
    waivers: Waivers | None,
    spans: Table | None,
) -> Table | None:
    rules = [
        (index, rule) for index, rule in enumerate(setting.rules) if not is_asked_at_moments(rule)
    ]
    matches = marks.events.semi_join(deals, "deal_no") if marks is not None else None
    found = deadline_starts(
        setting,
        rules=rules,
        sequences=sequences,
        history=history,
        deals=deals,
        due=due,
        matches=matches,
    )
    if found is None:
        return None
    told = governed_at(_answered(setting, history, found), spans, "due_at")
    found = setting.steps.keep("deadlines", told)
    failed = number(UNMET)
    if waivers is not None:
        indexes = [index for index, _ in rules]
        waives = waived_deadlines(setting, waivers, found.filter(found.is_met == 0), indexes)
        keys = [
            found.deal_no == waives.deal_no,
            found.rule == waives.rule,
            found.deadline == waives.deadline,
        ]
        found = found.left_join(waives.mutate(is_waived=number(1)), keys)
        failed = when(sure(found.is_waived == 1), number(WAIVED), number(UNMET))
    found = found.mutate(verdict=when(found.is_met == 1, number(MET), failed))
    return _put_together(found)


def _answered(setting: Setting, history: History, starts: Table) -> Table:
    """Says what was met and what was missed; what is neither is left out."""
    ends = history.moves.filter(history.moves.ends_deal == 1)
    ends = ends.select(ended_deal_no="deal_no", end_at="at", end_until="until")
    row = starts.left_join(
        ends,
        [
            starts.deal_no == ends.ended_deal_no,
            starts.minds_end == 1,
            ends.end_at < starts.deadline,
            starts.deadline <= ends.end_until,
        ],
    )
    as_of = setting.as_of
    met = sure(row.fulfilled_at <= least(row.deadline, as_of))
    in_time = row.passed_at.isnull() | (row.passed_at >= row.deadline)
    missed = (row.deadline <= as_of) & in_time & row.end_at.isnull()
    since = when(row.fulfilled_at > row.start_at, row.fulfilled_at, row.start_at)
    due_at = when(met, since, row.deadline)
    return row.filter(met | missed).select(
        "deal_no",
        "rule",
        "deadline",
        "is_made_good",
        due_at=due_at,
        is_met=flag(met),
        is_late=flag(row.fulfilled_at <= as_of),
    )


def _put_together(found: Table) -> Table:
    """Keeps one verdict for each deal and rule: the first unmet, else waived, else met."""
    packed = found.verdict * _CLASS + found.due_at + _BASE
    unmet = found.verdict == UNMET
    # Of what was missed at the first instant the worst cause: what is still missing.
    first = (found.due_at + _BASE) * 2 + found.is_late
    one = found.group_by("deal_no", "rule").agg(
        packed=packed.min(),
        all_good=found.is_made_good.min(where=unmet),
        first_late=first.min(where=unmet),
    )
    verdict = when(
        one.packed >= MET * _CLASS,
        number(MET),
        when(one.packed >= _CLASS, number(WAIVED), number(UNMET)),
    )
    one = one.mutate(verdict=verdict)
    # Compared, as SQLite takes the rest of a division in floats, which hold no such number.
    is_late = one.first_late == (one.packed - one.verdict * _CLASS) * 2 + 1
    cause = when(is_late, number(LATE), number(MISSING))
    return one.select(
        "deal_no",
        "rule",
        "verdict",
        due_at=one.packed - one.verdict * _CLASS - _BASE,
        moment_no=number(-1),
        position=number(-1),
        actor=ibis.literal(""),
        is_made_good=one.all_good.fill_null(0),
        cause=when(verdict == UNMET, cause, number(0)),
        last_move_seen=number(FOREVER),
    )
