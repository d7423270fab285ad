"""Sequences: the events that match one, and those that answer a match."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import ibis

from playgate.bulk.judging.conditions import as_truth
from playgate.bulk.judging.field_changes import with_settings
from playgate.bulk.judging.history import EVERYTHING, History, source_of
from playgate.bulk.judging.judged_moments import MATCH, SPAN
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import read_of, referred
from playgate.bulk.values.expressions import (
    Expr,
    Table,
    all_of,
    any_of,
    beside,
    flag,
    is_in,
    number,
    sure,
    when,
)
from playgate.bulk.values.typed_values import passes
from playgate.conditions import tree
from playgate.conditions.narrowing import Comparison
from playgate.rules.asks import Answered, answers_of
from playgate.rules.due import AsOf, AtDeadline, first_only_of, patterns_of
from playgate.rules.list import Rule

__all__ = ["NumberedSequence", "SequenceEvents", "match_moments", "read_sequence_events"]


_OF_FIELDS = (tree.FieldPattern, tree.ChangePattern, tree.SetPattern)


class NumberedSequence(NamedTuple):
    """A sequence has a place among all sequences, and its rule one among all rules."""

    place: int
    rule_place: int
    rule: Rule

    @property
    def matches(self) -> tuple[tree.Pattern, ...]:
        """Returns the patterns whose events make the rule due."""
        return patterns_of(self.rule.due)

    @property
    def answers(self) -> tuple[tree.Pattern, ...]:
        """Returns the patterns of which an event is asked for."""
        return answers_of(self.rule.ask)

    @property
    def ways(self) -> dict[str, tuple[Comparison, ...]]:
        """Returns what must hold of who did an answer, by a name for it."""
        found = dict.fromkeys(map(_comparisons, self.answers))
        return {"_".join(one.name for one in each) or "anyone": each for each in found}

    @property
    def ends_late(self) -> bool:
        """Says whether the deal's next end is the deadline."""
        return isinstance(self.rule.due, AtDeadline) and self.rule.due.length is None


class SequenceEvents(NamedTuple):
    """What sequences speak of has a row for each event, and one for each deal."""

    events: Table
    """`matches_j` says whether an event matches sequence `j` and is asked about, `answered_at_j`
    when it is answered, `next_end_at` when the deal next ends."""
    deals: Table
    """`has_match_j` is 1 where an `if` has a match, `all_answered_j` where all of these are
    answered; `last_match_j` is when the last took effect."""


def read_sequence_events(
    setting: Setting, history: History, sequences: list[NumberedSequence]
) -> SequenceEvents:
    """Finds the matches of every sequence, and their answers."""
    keep = setting.steps.keep
    marks = keep("sequence_events", _marked(setting, history, sequences))
    firsts = _firsts(marks, sequences)
    asked = marks
    if firsts is not None:
        asked = beside(marks, (firsts, ("deal_no",)))
    asked = asked.mutate(
        **{
            f"matches_{j}": flag(
                (asked[f"matches_{j}"] == 1) & (asked.position == asked[f"first_match_{j}"])
            )
            for j, _, rule in sequences
            if first_only_of(rule.due)
        }
    )
    asked = asked.filter(any_of(asked[f"matches_{each.place}"] == 1 for each in sequences))
    asked = keep("asked_matches", asked)
    answers = _answers(asked, marks, sequences)
    ends = _next_ends(asked, history.moves, sequences)
    parts = [(part, ("deal_no", "position")) for part in (answers, ends) if part is not None]
    found = beside(asked, *parts)
    found = keep("answered_matches", found)
    return SequenceEvents(found, found.group_by("deal_no").agg(**_whole(found, sequences)))


def _marked(setting: Setting, history: History, sequences: list[NumberedSequence]) -> Table:
    """Says of activities, moves and changes of fields what they are to each sequence."""
    moves, activities, fields = history.moves, history.activities, history.fields
    parts = [
        activities.select(
            "deal_no",
            "position",
            "actor",
            "effective_at",
            at="effective_at",
            seen_until="effective_at",
            last_move_seen=number(EVERYTHING),
            move_no=number(-1),
            to_stage=ibis.literal(""),
            from_stage=ibis.literal(""),
            **_flags(sequences, lambda each: _of_activity(setting, each, activities)),
        ),
        moves.select(
            "deal_no",
            "position",
            "actor",
            effective_at="at",
            at="seen_until",
            seen_until="seen_until",
            last_move_seen="last_move_seen",
            move_no="move_no",
            to_stage="to_stage",
            from_stage="from_stage",
            **_flags(sequences, lambda each: _of_move(each, moves)),
        ),
    ]
    if any(isinstance(each, _OF_FIELDS) for each in _patterns(sequences)):
        row = _with_changes(setting, _with_others(setting, fields, sequences), history.changes)
        settings = [each for each in _patterns(sequences) if isinstance(each, tree.SetPattern)]
        row = with_settings(setting, row, settings)
        parts.append(
            row.select(
                "deal_no",
                "position",
                "actor",
                effective_at="since",
                at="since",
                seen_until="since",
                last_move_seen=number(EVERYTHING),
                move_no=number(-1),
                to_stage=ibis.literal(""),
                from_stage=ibis.literal(""),
                **_flags(sequences, lambda each: _of_field(setting, each, row)),
            )
        )
    marks = ibis.union(*parts)
    matters = any_of(marks[name] == 1 for name in marks.columns if name[-1].isdigit())
    return marks.filter(matters & (marks.effective_at <= setting.as_of))


def _patterns(sequences: list[NumberedSequence]) -> list[tree.Pattern]:
    return [pattern for each in sequences for pattern in (*each.matches, *each.answers)]


def _flags(
    sequences: list[NumberedSequence], matches: Callable[[tree.Pattern], Expr]
) -> dict[str, Expr]:
    """Says whether an event matches a sequence, and whether it answers a match, by whom."""
    found: dict[str, Expr] = {}
    for numbered in sequences:
        j, answers = numbered.place, numbered.answers
        found[f"matches_{j}"] = flag(any_of(matches(each) for each in numbered.matches))
        for who, comparisons in numbered.ways.items():
            wanted = [each for each in answers if _comparisons(each) == comparisons]
            found[f"answers_by_{who}_{j}"] = flag(any_of(matches(each) for each in wanted))
    return found


def _comparisons(pattern: tree.Pattern) -> tuple[Comparison, ...]:
    return pattern.comparisons if isinstance(pattern, tree.ActivityPattern) else ()


def _of_activity(setting: Setting, pattern: tree.Pattern, row: Expr) -> Expr:
    if isinstance(pattern, tree.ActivityPattern):
        return row[setting.reads.pattern(pattern)] == 1
    return ibis.literal(False)


def _of_move(pattern: tree.Pattern, row: Expr) -> Expr:
    if isinstance(pattern, tree.StagePattern):
        return row.to_stage == pattern.stage
    return ibis.literal(False)


def _of_field(setting: Setting, pattern: tree.Pattern, row: Expr) -> Expr:
    if isinstance(pattern, tree.ChangePattern):
        return sure(row[setting.reads.pattern(pattern)] == 1)
    if isinstance(pattern, tree.SetPattern):
        return (row.name == pattern.field) & (row.is_set == 1)
    if not isinstance(pattern, tree.FieldPattern):
        return ibis.literal(False)
    own = as_truth(setting, pattern.field, row[source_of(setting, pattern.field)[1]])

    def compared(other: tree.FieldRef) -> Expr:
        read = read_of(other)
        return as_truth(setting, read, row["compared_" + setting.reads.fields[read]])

    passed = passes(pattern.test, own, row.since, setting.playbook.calendar, compared)
    return (row.name == pattern.field) & passed


def _with_others(setting: Setting, fields: Table, sequences: list[NumberedSequence]) -> Table:
    """Adds to changes of fields the values that tests compare with, as of that instant."""
    tests = [each for each in _patterns(sequences) if isinstance(each, tree.FieldPattern)]
    reads = dict.fromkeys(read for each in tests for read in referred(each.test))
    named = {each.field for each in _patterns(sequences) if isinstance(each, _OF_FIELDS)}
    changed = fields.filter(is_in(fields.name, named))
    if not reads:
        return changed
    sources = {"compared_" + setting.reads.fields[each]: source_of(setting, each) for each in reads}
    names = {name for name, _ in sources.values()}
    values = fields.filter(is_in(fields.name, names)).select(
        *sorted({slot for _, slot in sources.values()}),
        other_deal_no="deal_no",
        other_field="name",
        begins="since",
        ends="until",
    )
    moment = changed.select("deal_no", "position", "since")
    seen = moment.join(
        values,
        [
            moment.deal_no == values.other_deal_no,
            values.begins <= moment.since,
            moment.since < values.ends,
        ],
    )
    found = seen.group_by("deal_no", "position").agg(
        **{
            column: seen[slot].max(where=seen.other_field == name)
            for column, (name, slot) in sources.items()
        }
    )
    return beside(changed, (found, ("deal_no", "position")))


def _with_changes(setting: Setting, fields: Table, changes: Table | None) -> Table:
    """Adds to events of fields which changes they are."""
    if changes is None:
        return fields
    columns = [name for name in changes.columns if name in setting.reads.patterns.values()]
    keys = ("deal_no", "position")
    return beside(fields, (changes.select(*keys, *columns), keys))


def _firsts(marks: Table, sequences: list[NumberedSequence]) -> Table | None:
    wanted = [each.place for each in sequences if first_only_of(each.rule.due)]
    if not wanted:
        return None
    return marks.group_by("deal_no").agg(
        **{f"first_match_{j}": marks.position.min(where=marks[f"matches_{j}"] == 1) for j in wanted}
    )


def _answers(asked: Table, marks: Table, sequences: list[NumberedSequence]) -> Table | None:
    """Finds when each match was first answered; an `after` by an event that is later in order."""
    wanted = [each for each in sequences if each.answers]
    if not wanted:
        return None
    columns = [f"answers_by_{who}_{each.place}" for each in wanted for who in each.ways]
    answers = marks.filter(any_of(marks[column] == 1 for column in columns)).select(
        answer_deal_no="deal_no",
        answer_position="position",
        answered_by="actor",
        answered_at="effective_at",
        **{f"other_{column}": column for column in columns},
    )
    row = asked.join(answers, asked.deal_no == answers.answer_deal_no)
    found: dict[str, Expr] = {}
    for numbered in wanted:
        j, rule = numbered.place, numbered.rule
        fits = any_of(
            all_of(
                [
                    row[f"other_answers_by_{who}_{j}"] == 1,
                    *(each.expression(row.answered_by, row.actor) for each in comparisons),
                ]
            )
            for who, comparisons in numbered.ways.items()
        )
        if isinstance(rule.ask, Answered) and rule.ask.later:
            fits &= row.answer_position > row.position
        found[f"answered_at_{j}"] = row.answered_at.min(where=fits & (row[f"matches_{j}"] == 1))
    return row.group_by("deal_no", "position").agg(**found)


def _next_ends(asked: Table, moves: Table, sequences: list[NumberedSequence]) -> Table | None:
    """Finds the deadline of an `after` without `within`: the next move that ends the deal."""
    if not any(each.ends_late for each in sequences):
        return None
    ends = moves.filter(moves.ends_deal == 1).select(
        ending_deal_no="deal_no", end_position="position", end_at="at"
    )
    row = asked.join(
        ends,
        [
            asked.deal_no == ends.ending_deal_no,
            ends.end_position > asked.position,
            ends.end_at >= asked.effective_at,
        ],
    )
    return row.group_by("deal_no", "position").agg(next_end_at=row.end_at.min())


def _whole(found: Table, sequences: list[NumberedSequence]) -> dict[str, Expr]:
    flags: dict[str, Expr] = {"asked_matches": found.count()}
    for j, _, rule in sequences:
        if isinstance(rule.due, AsOf):
            match = found[f"matches_{j}"] == 1
            flags[f"has_match_{j}"] = found[f"matches_{j}"].max()
            flags[f"last_match_{j}"] = found.effective_at.max(where=match)
            flags[f"all_answered_{j}"] = flag(found[f"answered_at_{j}"].notnull()).min(where=match)
    return flags


def match_moments(marks: Table, each: NumberedSequence, *, grace: bool) -> Table:
    """Makes the moments of a sequence: a `before` is asked at each match, an `after` starts at one.

    A match that is a move is seen as one, apart from that with all that is effective by then.
    """
    matches = marks.filter(marks[f"matches_{each.place}"] == 1)
    order = ibis.row_number().over(group_by="deal_no", order_by=["effective_at", "position"])
    is_move = matches.move_no >= 0
    at = matches["at"] if grace else matches.effective_at
    seen = (
        matches.last_move_seen if grace else when(is_move, matches.move_no, matches.last_move_seen)
    )
    return matches.select(
        "deal_no",
        moment_no=order + (each.place + 1) * SPAN,
        kind=number(MATCH + each.place),
        due_at="effective_at",
        at=at,
        seen_until=at,
        last_move_seen=seen,
        actor="actor",
        position="position",
        move_no="move_no",
        to_stage="to_stage",
        from_stage="from_stage",
    )
