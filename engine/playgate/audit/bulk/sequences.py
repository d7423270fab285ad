"""The events that sequences speak of: matches, and the answers to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import ibis

from playgate.audit.bulk.expressions import (
    Expr,
    Table,
    all_of,
    any_of,
    beside,
    flag,
    is_in,
    number,
    when,
)
from playgate.audit.bulk.history import EVERYTHING, SLOT, History
from playgate.audit.bulk.moments import MATCH, SPAN
from playgate.audit.bulk.reads import referred
from playgate.audit.bulk.setting import Setting
from playgate.audit.bulk.values import passes
from playgate.conditions import tree
from playgate.conditions.narrowing import Comparison
from playgate.playbook.model import Sequence

__all__ = ["Marks", "Numbered", "match_moments", "read_marks"]


class Numbered(NamedTuple):
    """A sequence, its place among them, and its rule's among all."""

    place: int
    rule_place: int
    sequence: Sequence


class Marks(NamedTuple):
    """The events that sequences speak of, and per deal what holds of all of its matches."""

    events: Table
    """`m{j}` says whether an event matches sequence `j` and is asked about, `t{j}` when it is
    answered, `e{j}` when the deal next ends."""
    deals: Table
    """`x{j}` is 1 where an `if` has a match, `y{j}` where all of its matches are answered."""


def read_marks(setting: Setting, history: History, sequences: list[Numbered]) -> Marks:
    """The matches of every sequence with their answers."""
    keep = setting.steps.keep
    marks = keep("marks", _marked(setting, history, sequences))
    firsts = _firsts(marks, sequences)
    asked = marks
    if firsts is not None:
        asked = beside(marks, (firsts, ("d",)))
    asked = asked.mutate(
        **{
            f"m{j}": flag((asked[f"m{j}"] == 1) & (asked.pos == asked[f"o{j}"]))
            for j, _, sequence in sequences
            if sequence.first_only
        }
    )
    asked = asked.filter(any_of(asked[f"m{each.place}"] == 1 for each in sequences))
    asked = keep("asked", asked)
    answers = _answers(asked, marks, sequences)
    ends = _next_ends(asked, history.moves, sequences)
    parts = [(part, ("d", "pos")) for part in (answers, ends) if part is not None]
    found = beside(asked, *parts)
    found = keep("matches", found)
    return Marks(found, found.group_by("d").agg(**_whole(found, sequences)))


def _marked(setting: Setting, history: History, sequences: list[Numbered]) -> Table:
    """Activities, moves and changes of fields, with what they are to each sequence."""
    moves, activities, fields = history.moves, history.activities, history.fields
    parts = [
        activities.select(
            "d",
            "pos",
            "actor",
            "effective",
            at="effective",
            facts="effective",
            seen=number(EVERYTHING),
            n=number(-1),
            into=ibis.literal(""),
            left=ibis.literal(""),
            **_flags(sequences, lambda each: _of_activity(setting, each, activities)),
        ),
        moves.select(
            "d",
            "pos",
            "actor",
            effective="at",
            at="facts",
            facts="facts",
            seen="seen",
            n="n",
            into="into",
            left="left",
            **_flags(sequences, lambda each: _of_move(each, moves)),
        ),
    ]
    if any(isinstance(each, tree.FieldPattern) for each in _patterns(sequences)):
        row = _with_others(setting, fields, sequences)
        parts.append(
            row.select(
                "d",
                "pos",
                "actor",
                effective="since",
                at="since",
                facts="since",
                seen=number(EVERYTHING),
                n=number(-1),
                into=ibis.literal(""),
                left=ibis.literal(""),
                **_flags(sequences, lambda each: _of_field(setting, each, row)),
            )
        )
    marks = ibis.union(*parts)
    matters = any_of(marks[name] == 1 for name in marks.columns if name[-1].isdigit())
    return marks.filter(matters & (marks.effective <= setting.as_of))


def _patterns(sequences: list[Numbered]) -> list[tree.Pattern]:
    return [
        pattern
        for each in sequences
        for pattern in (*each.sequence.matches, *each.sequence.answers)
    ]


def _flags(sequences: list[Numbered], matches: Callable[[tree.Pattern], Expr]) -> dict[str, Expr]:
    """`m{j}`: is a match; `anyone{j}`, `same{j}`, …: answers a match, if who did it fits."""
    found: dict[str, Expr] = {}
    for j, _, sequence in sequences:
        found[f"m{j}"] = flag(any_of(matches(each) for each in sequence.matches))
        for who, comparisons in _ways(sequence).items():
            wanted = [each for each in sequence.answers if _comparisons(each) == comparisons]
            found[f"{who}{j}"] = flag(any_of(matches(each) for each in wanted))
    return found


def _ways(sequence: Sequence) -> dict[str, tuple[Comparison, ...]]:
    """What must hold of who did an answer, by a name."""
    found = dict.fromkeys(map(_comparisons, sequence.answers))
    return {"".join(one.name for one in each) or "anyone": each for each in found}


def _comparisons(pattern: tree.Pattern) -> tuple[Comparison, ...]:
    return pattern.comparisons if isinstance(pattern, tree.ActivityPattern) else ()


def _of_activity(setting: Setting, pattern: tree.Pattern, row: Expr) -> Expr:
    if isinstance(pattern, tree.ActivityPattern):
        return row[setting.reads.pattern(pattern)] == 1
    return ibis.literal(False)


def _of_move(pattern: tree.Pattern, row: Expr) -> Expr:
    if isinstance(pattern, tree.StagePattern):
        return row.into == pattern.stage
    return ibis.literal(False)


def _of_field(setting: Setting, pattern: tree.Pattern, row: Expr) -> Expr:
    if not isinstance(pattern, tree.FieldPattern):
        return ibis.literal(False)
    kinds = setting.playbook.fields

    def value(name: str, column: str) -> Expr:
        return row[column] == 1 if kinds[name].kind == "boolean" else row[column]

    own = value(pattern.field, SLOT[kinds[pattern.field].kind])
    passed = passes(
        pattern.test,
        own,
        row.since,
        setting.playbook.calendar,
        lambda name: value(name, "r" + setting.reads.fields[name]),
    )
    return (row.name == pattern.field) & passed


def _with_others(setting: Setting, fields: Table, sequences: list[Numbered]) -> Table:
    """The changes of fields, with the values at that instant of those that tests compare with."""
    tests = [each for each in _patterns(sequences) if isinstance(each, tree.FieldPattern)]
    names = sorted({name for each in tests for name in referred(each.test)})
    changed = fields.filter(is_in(fields.name, {each.field for each in tests}))
    if not names:
        return changed
    kinds = setting.playbook.fields
    values = fields.filter(is_in(fields.name, names)).select(
        *sorted({SLOT[kinds[name].kind] for name in names}),
        od="d",
        other="name",
        begins="since",
        ends="until",
    )
    moment = changed.select("d", "pos", "since")
    seen = moment.join(
        values, [moment.d == values.od, values.begins <= moment.since, moment.since < values.ends]
    )
    found = seen.group_by("d", "pos").agg(
        **{
            "r" + setting.reads.fields[name]: seen[SLOT[kinds[name].kind]].max(
                where=seen.other == name
            )
            for name in names
        }
    )
    return beside(changed, (found, ("d", "pos")))


def _firsts(marks: Table, sequences: list[Numbered]) -> Table | None:
    wanted = [each.place for each in sequences if each.sequence.first_only]
    if not wanted:
        return None
    return marks.group_by("d").agg(
        **{f"o{j}": marks.pos.min(where=marks[f"m{j}"] == 1) for j in wanted}
    )


def _answers(asked: Table, marks: Table, sequences: list[Numbered]) -> Table | None:
    """When each match was first answered; of `after`, later in order."""
    wanted = [each for each in sequences if each.sequence.answers]
    if not wanted:
        return None
    columns = [f"{who}{each.place}" for each in wanted for who in _ways(each.sequence)]
    answers = marks.filter(any_of(marks[column] == 1 for column in columns)).select(
        ad="d",
        answer_pos="pos",
        by="actor",
        answered="effective",
        **{f"w{column}": column for column in columns},
    )
    row = asked.join(answers, asked.d == answers.ad)
    found: dict[str, Expr] = {}
    for j, _, sequence in wanted:
        fits = any_of(
            all_of(
                [
                    row[f"w{who}{j}"] == 1,
                    *(each.expression(row.by, row.actor) for each in comparisons),
                ]
            )
            for who, comparisons in _ways(sequence).items()
        )
        if sequence.kind == "after":
            fits &= row.answer_pos > row.pos
        found[f"t{j}"] = row.answered.min(where=fits & (row[f"m{j}"] == 1))
    return row.group_by("d", "pos").agg(**found)


def _next_ends(asked: Table, moves: Table, sequences: list[Numbered]) -> Table | None:
    """The deadline of an `after` without `within`: the next move that ends the deal."""
    wanted = [
        each.place
        for each in sequences
        if each.sequence.kind == "after" and each.sequence.within is None
    ]
    if not wanted:
        return None
    ends = moves.filter(moves.ends == 1).select(md="d", end_pos="pos", end_at="at")
    row = asked.join(
        ends, [asked.d == ends.md, ends.end_pos > asked.pos, ends.end_at >= asked.effective]
    )
    return row.group_by("d", "pos").agg(next_end=row.end_at.min())


def _whole(found: Table, sequences: list[Numbered]) -> dict[str, Expr]:
    flags: dict[str, Expr] = {"marks": found.count()}
    for j, _, sequence in sequences:
        if sequence.kind == "if":
            match = found[f"m{j}"] == 1
            flags[f"x{j}"] = found[f"m{j}"].max()
            flags[f"y{j}"] = flag(found[f"t{j}"].notnull()).min(where=match)
    return flags


def match_moments(setting: Setting, marks: Table, each: Numbered, *, grace: bool) -> Table:
    """The moments at which a sequence is judged: `before` at each match, `after` where it starts.

    A match that is a move is seen as one, apart from that with all that is effective by then.
    """
    matches = marks.filter(marks[f"m{each.place}"] == 1)
    order = ibis.row_number().over(group_by="d", order_by=["effective", "pos"])
    is_move = matches.n >= 0
    at = matches["at"] if grace else matches.effective
    seen = matches.seen if grace else when(is_move, matches.n, matches.seen)
    return matches.select(
        "d",
        mid=order + (each.place + 1) * SPAN,
        kind=number(MATCH + each.place),
        due_at="effective",
        at=at,
        facts=at,
        seen=seen,
        actor="actor",
        pos="pos",
        n="n",
        into="into",
        left="left",
    )
