"""Which column of a table looks like the deal, the time, the stage, and so on: by its name first,
then by what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from playgate.drafting.sniffed_cells import ColumnSeen, words_of
from playgate.records import Record

__all__ = ["Guess", "Roles", "roles_of"]

_DEAL = frozenset(["deal", "opportunity", "opp", "case", "lead"])
_ID = frozenset(["id", "key", "number", "no", "nr", "concept", "name", "record", "uuid", "guid"])
_MOST_NAMES = 60
_FEW = 20
"""Of so few rows it means nothing that each has a cell of its own."""
_STAGE = {"stage": 4, "phase": 3, "step": 3, "status": 2, "state": 2, "pipeline": 1}
_ACTIVITY = {"activity": 4, "task": 3, "action": 3, "event": 3, "type": 2, "engagement": 2}
_ACTOR = {
    "actor": 4,
    "owner": 4,
    "rep": 4,
    "agent": 4,
    "salesperson": 4,
    "assigned": 3,
    "assignee": 3,
    "user": 3,
    "resource": 3,
    "author": 3,
    "by": 2,
}
_HAPPENED = {
    "timestamp": 4,
    "happened": 4,
    "occurred": 4,
    "changed": 4,
    "change": 4,
    "when": 4,
    "created": 3,
    "create": 3,
    "start": 3,
    "date": 2,
    "time": 2,
    "at": 2,
    "modified": 1,
    "updated": 1,
}
_LATER = frozenset(["expected", "due", "end", "systemmodstamp", "birth", "activity"])
_NO_NAMES = frozenset(
    ["id", "count", "date", "is", "has", "billing", "shipping", "mailing", "other"]
)
_OF_CONNECTORS = ("_fivetran", "_airbyte", "_dlt", "_sdc")
_OUTCOME = frozenset(["outcome", "result", "disposition", "done"])
_FIELD_NAMES = frozenset(["field", "property", "attribute", "what", "changed"])
_NEW = ({"new"}, {"new", "value"}, {"newvalue"}, {"value"}, {"to"}, {"to", "value"})


_SURE = 2
_Score = tuple[float, str]
_NONE: _Score = (0, "")


class Guess(Record):
    """A column is taken for something, for this reason."""

    column: ColumnSeen
    why: str
    is_sure: bool = True


class Roles(Record):
    """What the columns of a table are taken for; what no column looks like is `None`."""

    deal: Guess | None
    happened_at: Guess | None
    actor: Guess | None
    event_id: Guess | None
    stage: Guess | None
    activity: Guess | None
    outcome: Guess | None
    changed: Guess | None
    """The column that names the field which was changed, and beside it the new value."""
    new_value: ColumnSeen | None
    others: tuple[ColumnSeen, ...]


def roles_of(stem: str, columns: Sequence[ColumnSeen]) -> Roles:
    """Returns what the columns of a file of this name are taken for."""
    columns = [each for each in columns if not each.name.startswith(_OF_CONNECTORS)]
    changed, new = _change(columns)
    free = [each for each in columns if each is not changed and each is not new]
    deal = _best(free, lambda column: _as_deal(stem, column))
    free = _without(free, deal)
    at = _best(free, _as_time)
    free = [each for each in free if at is None or each is not at.column]
    stage = None if changed else _best(free, lambda column: _named(column, _STAGE))
    free = _without(free, stage)
    activity = None if changed else _best(free, lambda column: _named(column, _ACTIVITY))
    free = _without(free, activity)
    actor = _best(free, _as_actor)
    free = _without(free, actor)
    event_id = _best(free, _as_event_id)
    free = _without(free, event_id)
    outcome = _best(free, _as_outcome) if activity else None
    free = _without(free, outcome)
    return Roles(
        deal=deal,
        happened_at=at,
        actor=actor,
        event_id=event_id,
        stage=stage,
        activity=activity,
        outcome=outcome,
        changed=None if changed is None else Guess(changed, _examples(changed)),
        new_value=new,
        others=tuple(each for each in free if each.filled > 0),
    )


def _without(columns: Sequence[ColumnSeen], guess: Guess | None) -> list[ColumnSeen]:
    return [each for each in columns if guess is None or each is not guess.column]


def _best(columns: Iterable[ColumnSeen], score: Callable[[ColumnSeen], _Score]) -> Guess | None:
    scored = [(score(column), column) for column in columns]
    (points, why), column = max(scored, key=lambda each: each[0][0], default=(_NONE, None))
    return Guess(column, why, points >= _SURE) if column is not None and points > 0 else None


def _percent(column: ColumnSeen) -> str:
    return f"{column.filled:.0%} filled, {len(column.cells)} different"


def _as_deal(stem: str, column: ColumnSeen) -> _Score:
    words = words_of(column.name)
    if column.times is not None or column.filled < 0.5:
        return _NONE
    if words & _DEAL:
        if words <= _DEAL | _ID:
            return 4 + ("id" in words), f"named so; {_percent(column)}"
        return (2, f"named like it; {_percent(column)}") if words & _ID else _NONE
    if words == {"id"} and words_of(stem) & {*_DEAL, "deals", "opportunities", "cases", "leads"}:
        return 3, f"the id of a file of deals; {_percent(column)}"
    if words and words <= {*_ID, "object", "parent", "what", "related", "entity"} - {"name"}:
        return 1, f"CHECK: an id, and nothing says of what; {_percent(column)}"
    return _NONE


def _as_time(column: ColumnSeen) -> _Score:
    times = column.times
    if times is None or not column.filled:
        return _NONE
    words = words_of(column.name)
    named = max((_HAPPENED[word] for word in words & _HAPPENED.keys()), default=1)
    points = (named + times.has_clock) * column.filled
    if words & _LATER:
        points /= 10
    return points, f"{times.said}; {column.filled:.0%} filled"


def _named(column: ColumnSeen, words: dict[str, int]) -> _Score:
    own = words_of(column.name)
    known = own & words.keys()
    if column.name == "concept:name" and words is _ACTIVITY:  # XES
        return 5, _examples(column)
    if not known or column.times or not column.cells or len(column.cells) > _MOST_NAMES:
        return _NONE
    if own & _NO_NAMES or _is_id(column):
        return _NONE
    return max(words[each] for each in known), _examples(column)


def _examples(column: ColumnSeen) -> str:
    shown = ", ".join(f"{cell[:30]} {often}" for cell, often in column.cells.most_common(4))
    more = len(column.cells) - 4
    return f"in the sample {shown}" + (f" and {more} more" if more > 0 else "")


def _as_actor(column: ColumnSeen) -> _Score:
    words = words_of(column.name)
    known = words & _ACTOR.keys()
    if not known or column.times or column.filled < 0.05 or column.is_unique:
        return _NONE
    return max(_ACTOR[word] for word in known), f"named so; {_percent(column)}"


def _as_event_id(column: ColumnSeen) -> _Score:
    words = words_of(column.name)
    if not column.is_unique or not words & {"id", "key", "uuid", "guid"} or column.times:
        return _NONE
    return 1 + ("id" in words) / len(words), f"in each of {column.rows} rows another"


def _as_outcome(column: ColumnSeen) -> _Score:
    if not words_of(column.name) & _OUTCOME or len(column.cells) > _MOST_NAMES:
        return _NONE
    return (1, _examples(column)) if column.cells else _NONE


def _change(columns: Sequence[ColumnSeen]) -> tuple[ColumnSeen | None, ColumnSeen | None]:
    """Returns the columns of a log of changes: which field was changed, and the new value."""
    for field in columns:
        words = words_of(field.name)
        is_name = bool(words & _FIELD_NAMES) or words == {"name"}
        if not is_name or "id" in words or field.times or not field.cells or _is_id(field):
            continue
        for wanted in _NEW:
            if words == {"name"} and wanted != {"value"}:
                continue
            for new in _called(columns, wanted):
                return field, new
    return None, None


def _is_id(column: ColumnSeen) -> bool:
    return column.is_unique and column.rows > _FEW


def _called(columns: Sequence[ColumnSeen], wanted: set[str]) -> Iterator[ColumnSeen]:
    return (each for each in columns if words_of(each.name) == wanted and each.cells)
