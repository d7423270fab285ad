"""All verdicts of an audit: one for each deal and rule that is due, and who is charged with it."""

from __future__ import annotations

from typing import NamedTuple

import ibis

from playgate.bulk.judging import deadlines
from playgate.bulk.judging.dues import AT_MOMENTS, MET, UNMET, WAIVED, is_due, packed, unpacked
from playgate.bulk.judging.history import History
from playgate.bulk.judging.moments import (
    AS_OF,
    MOVE,
    Keys,
    as_of_moments,
    move_moments,
    plain_moments,
    wide,
)
from playgate.bulk.judging.passings import is_due_once, once_packed
from playgate.bulk.judging.reads import read_at_moments
from playgate.bulk.judging.row import Row
from playgate.bulk.judging.sequences import Marks, Numbered, match_moments, read_marks
from playgate.bulk.judging.setting import Setting, with_shifts
from playgate.bulk.judging.waivers import Waivers, lifted, waived
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
from playgate.playbook.rules import Rule

__all__ = ["Verdicts", "verdicts_of"]

_BASE = 2**58
"""Added to instants, so that packed ones are never negative."""
_CLASS = 2**60


class Verdicts(NamedTuple):
    """The verdicts, and the moments at which they were asked."""

    table: Table
    """`d`, `rule`, `verdict`, `due_at`, `mid`, `pos`, `good`, `charged`."""
    due: Table


def verdicts_of(
    setting: Setting, history: History, deals: Table, waivers: Waivers | None
) -> Verdicts:
    """The verdicts on every governed deal."""
    sequences = _sequences(setting)
    marks = read_marks(setting, history, list(sequences.values())) if sequences else None
    due = _due(setting, history, deals, marks, sequences)
    parts = [
        _at_moments(setting, history, deals, due, marks, sequences, waivers),
        _by_deadlines(setting, history, deals, due, marks, sequences, waivers),
    ]
    whole = ibis.union(*[each for each in parts if each is not None])
    table = setting.steps.keep("verdicts", whole)
    return Verdicts(_charged(setting, history, table), due)


def _sequences(setting: Setting) -> dict[int, Numbered]:
    found: dict[int, Numbered] = {}
    for index, rule in enumerate(setting.rules):
        if rule.sequence is not None:
            found[index] = Numbered(len(found), index, rule.sequence)
    return found


def _asked(setting: Setting) -> list[tuple[int, Rule]]:
    """The rules that are asked at moments; without people nobody is asked for a role."""
    return [
        (index, rule)
        for index, rule in enumerate(setting.rules)
        if rule.family in AT_MOMENTS and not (rule.family == "by" and setting.people is None)
    ]


def _due(
    setting: Setting,
    history: History,
    deals: Table,
    marks: Marks | None,
    sequences: dict[int, Numbered],
) -> Table:
    """All moments at which something is asked."""
    moments = [move_moments(history.moves), as_of_moments(setting, deals)]
    starts = [
        rule.stage.id
        for rule in setting.rules
        if rule.family in ("within", "time") and rule.stage is not None and rule.stage.when
    ]
    if setting.has_grace and starts:
        moments.append(plain_moments(history.moves.filter(is_in(history.moves.into, starts))))
    for each in sequences.values():
        assert marks is not None  # noqa: S101  (there is a sequence)
        matches = marks.events.semi_join(deals, "d")
        if each.sequence.kind == "before":
            moments.append(match_moments(setting, matches, each, grace=True))
        elif each.sequence.kind == "after" and each.sequence.when is not None:
            moments.append(match_moments(setting, matches, each, grace=False))
    return setting.steps.keep("due", with_shifts(setting, ibis.union(*moments)))


def _at_moments(
    setting: Setting,
    history: History,
    deals: Table,
    due: Table,
    marks: Marks | None,
    sequences: dict[int, Numbered],
    waivers: Waivers | None,
) -> Table | None:
    rules = _asked(setting)
    if not rules:
        return None
    indexes = [index for index, _ in rules]
    lifts = None
    if waivers is not None:
        lifts = setting.steps.keep("lifts", waived(setting, waivers, due, indexes))
    marked = marks.deals if marks is not None else None
    once = [each for each in rules if is_due_once(setting, each[1])]
    moving = [each for each in rules if _needs_move_only(each[1])]
    others = [each for each in rules if each not in once and each not in moving]
    parts = [deals.select("d")]
    if once:
        parts.append(once_packed(setting, once, sequences, deals, history.fields, marked, lifts))
    if moving:
        parts.append(_of_moves(setting, moving, due, lifts))
    if others:
        parts.append(_of_moments(setting, others, sequences, history, deals, due, marked, lifts))
    whole = beside(parts[0], *((part, ("d",)) for part in parts[1:]))
    found = unpacked(setting, setting.steps.keep("packed", whole), indexes)
    moments = due.select("d", "mid", "due_at", "pos", "actor", "n")
    keys = [found.d == moments.d, found.mid == moments.mid]
    row = found.join(moments, keys)
    return row.select(
        "d",
        "rule",
        "verdict",
        "due_at",
        "mid",
        "pos",
        "actor",
        good=number(0),
        until=when(row.n >= 0, row.n, number(FOREVER)),
    )


def _needs_move_only(rule: Rule) -> bool:
    """Whether a move by itself says whether the rule is due, and met."""
    if rule.family == "by":
        assert rule.stage is not None  # noqa: S101
        return rule.stage.when is None and not rule.stage.optional
    return rule.family in ("back", "reopened")


def _of_moves(
    setting: Setting, rules: list[tuple[int, Rule]], due: Table, lifts: Table | None
) -> Table:
    moves = due.filter(due.kind == MOVE)
    row = beside(moves, (lifts, ("d", "mid"))) if lifts is not None else moves
    return _least(row.select("d", **packed(setting, row, rules, {})))


def _of_moments(
    setting: Setting,
    rules: list[tuple[int, Rule]],
    sequences: dict[int, Numbered],
    history: History,
    deals: Table,
    due: Table,
    marked: Table | None,
    lifts: Table | None,
) -> Table:
    """Verdicts that rest on what stands as of a moment, of those moments that matter."""
    row = Row(setting.steps, "mattering", due, (deals, ("d",)))
    matters = any_of(
        row.kind == AS_OF
        if rule.family == "if"
        else all_of(is_due(setting, row, index, rule, sequences))
        for index, rule in rules
    )
    asking = row.select(*due.columns, matters=matters)
    moments = setting.steps.keep("asking", asking.filter(asking.matters).drop("matters"))
    parts: list[tuple[Table, Keys]] = [(marked, ("d",))] if marked is not None else []
    if lifts is not None:
        parts.append((lifts, ("d", "mid")))
    reads = read_at_moments([rule for _, rule in rules], setting.playbook)
    row = wide(setting, reads, "moments", moments, deals, history, *parts)
    return _least(row.select("d", **packed(setting, row, rules, sequences)))


def _least(verdicts: Table) -> Table:
    """The least packed verdict of each deal."""
    names = [name for name in verdicts.columns if name != "d"]
    return verdicts.group_by("d").agg(**{name: verdicts[name].min() for name in names})


def _by_deadlines(
    setting: Setting,
    history: History,
    deals: Table,
    due: Table,
    marks: Marks | None,
    sequences: dict[int, Numbered],
    waivers: Waivers | None,
) -> Table | None:
    rules = [
        (index, rule) for index, rule in enumerate(setting.rules) if rule.family not in AT_MOMENTS
    ]
    matches = marks.events.semi_join(deals, "d") if marks is not None else None
    found = deadlines.started(
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
    found = setting.steps.keep("deadlines", _answered(setting, history, found))
    failed = number(UNMET)
    if waivers is not None:
        indexes = [index for index, _ in rules]
        lifts = lifted(setting, waivers, found.filter(found.met == 0), indexes)
        keys = [found.d == lifts.d, found.rule == lifts.rule, found.deadline == lifts.deadline]
        found = found.left_join(lifts.mutate(lift=number(1)), keys)
        failed = when(sure(found.lift == 1), number(WAIVED), number(UNMET))
    found = found.mutate(verdict=when(found.met == 1, number(MET), failed))
    return _put_together(setting, found)


def _answered(setting: Setting, history: History, started: Table) -> Table:
    """What was met, and what was missed; what is neither is left out."""
    ends = history.moves.filter(history.moves.ends == 1)
    ends = ends.select(ed="d", end_at="at", end_until="until")
    row = started.left_join(
        ends,
        [
            started.d == ends.ed,
            started.minds_end == 1,
            ends.end_at < started.deadline,
            started.deadline <= ends.end_until,
        ],
    )
    as_of = setting.as_of
    met = sure(row.fulfilled <= least(row.deadline, as_of))
    in_time = row.passed_at.isnull() | (row.passed_at >= row.deadline)
    missed = (row.deadline <= as_of) & in_time & row.end_at.isnull()
    since = when(row.fulfilled > row.start_at, row.fulfilled, row.start_at)
    due_at = when(met, since, row.deadline)
    return row.filter(met | missed).select(
        "d", "rule", "deadline", "good", due_at=due_at, met=flag(met)
    )


def _put_together(setting: Setting, found: Table) -> Table:
    """One verdict for each deal and rule: the first unmet, else waived, else met."""
    packed = found.verdict * _CLASS + found.due_at + _BASE
    unmet = found.verdict == UNMET
    one = found.group_by("d", "rule").agg(
        packed=packed.min(),
        all_good=found.good.min(where=unmet),
        any_good=found.good.max(where=unmet),
    )
    verdict = when(
        one.packed >= MET * _CLASS,
        number(MET),
        when(one.packed >= _CLASS, number(WAIVED), number(UNMET)),
    )
    one = one.mutate(verdict=verdict)
    # Of several gaps the first counts, and only the last of them can still be open.
    idle = [index for index, rule in enumerate(setting.rules) if rule.family == "idle"]
    good = when(is_in(one.rule, idle), one.any_good, one.all_good)
    return one.select(
        "d",
        "rule",
        "verdict",
        due_at=one.packed - one.verdict * _CLASS - _BASE,
        mid=number(-1),
        pos=number(-1),
        actor=ibis.literal(""),
        good=good.fill_null(0),
        until=number(FOREVER),
    )


# --- Charging ------------------------------------------------------------------------------------


def _charged(setting: Setting, history: History, verdicts: Table) -> Table:
    """The verdicts with who is charged: the actor, else the owner, else the last one to act."""
    keep = setting.steps.keep
    bare = verdicts.filter(verdicts.actor == "").select("d", "due_at", "until").distinct()
    owned = keep("owned", _owned(history, bare))
    acted = _last_to_act(history, owned.filter(owned.owner.isnull()))
    row = owned.left_join(
        acted, [owned.d == acted.d, owned.due_at == acted.due_at, owned.until == acted.until]
    )
    instead = keep(
        "instead",
        row.select(
            bd="d",
            bat="due_at",
            buntil="until",
            instead=ibis.coalesce(row.owner, row.last_actor, ibis.literal("")),
        ),
    )
    joined = verdicts.left_join(
        instead,
        [
            verdicts.actor == "",
            verdicts.d == instead.bd,
            verdicts.due_at == instead.bat,
            verdicts.until == instead.buntil,
        ],
    )
    charged = ibis.ifelse(joined.actor != "", joined.actor, joined.instead)
    return keep(
        "charged",
        joined.select("d", "rule", "verdict", "due_at", "mid", "pos", "good", charged=charged),
    )


def _owned(history: History, moments: Table) -> Table:
    fields = history.fields
    owners = fields.filter(fields.name == "owner").select(
        "since", od="d", owner="text", ends="until"
    )
    row = moments.left_join(
        owners,
        [moments.d == owners.od, owners.since <= moments.due_at, moments.due_at < owners.ends],
    )
    return row.select("d", "due_at", "until", "owner")


def _last_to_act(history: History, moments: Table) -> Table:
    """Of stage, activity and field events; from a move, later moves are not seen."""
    events = history.events
    others = events.filter((events.known == 1) & events.kind.isin(["activity", "field"]))
    moves = history.moves
    acted = ibis.union(
        others.select("effective", ad="d", apos="pos", by="actor", n=number(-1)),
        moves.select("n", effective="at", ad="d", apos="pos", by="actor"),
    )
    acted = acted.filter(acted.by != "")
    row = moments.join(
        acted, [moments.d == acted.ad, acted.effective <= moments.due_at, acted.n <= moments.until]
    )
    last = row.group_by("d", "due_at", "until").agg(apos=row.apos.max())
    actors = acted.select("ad", "apos", "by")
    found = last.join(actors, [last.d == actors.ad, last.apos == actors.apos])
    return found.select("d", "due_at", "until", last_actor="by")
