"""Rules that are due once in a deal: one row for each deal decides them, without its moments.

Where a deal passes a stage, or as of the audit, what is asked is mostly a matter of instants that
stand in the deal's row already; of fields, the values as of then are looked up once for each deal.
"""

from __future__ import annotations

from typing import NamedTuple

from playgate.bulk.judging.history import EVERYTHING, SLOT
from playgate.bulk.judging.joined_tables import JoinedTables
from playgate.bulk.judging.judged_moments import AS_OF, AS_OF_MID, MOVE
from playgate.bulk.judging.rules_at_moments import packed_verdicts
from playgate.bulk.judging.sequences import NumberedSequence
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import read_at_moments
from playgate.bulk.values.expressions import Expr, Table, all_of, is_in, number
from playgate.playbook.rules import Rule

__all__ = ["is_due_once", "verdicts_due_once"]

_PASSING = frozenset(("entered", "activity", "exit", "fit"))
_LAST = "end"
"""What stands for a place where a rule is due as of the audit."""

Ruled = list[tuple[int, Rule]]


def is_due_once(setting: Setting, rule: Rule) -> bool:
    """Whether one row for each deal decides the rule: no window moves, no actor is compared."""
    if rule.family == "if":
        pass
    elif rule.family not in _PASSING or not setting.open or _place(setting, rule) is None:
        return False
    reads = read_at_moments([rule], setting.playbook)
    return not reads.counts and not reads.shifts


def _place(setting: Setting, rule: Rule) -> int | None:
    """The place of the track that a deal passes where the rule is due."""
    if rule.family == "fit":
        return 0
    return setting.places.get(rule.info.stage) if rule.info.stage in setting.open else None


def verdicts_due_once(
    setting: Setting,
    rules: Ruled,
    sequences: dict[int, NumberedSequence],
    deals: Table,
    fields: Table,
    marks: Table | None,
    lifts: Table | None,
) -> Table:
    """The packed verdict of each of the rules (`v{i}`), by deal (`d`)."""
    parts = [
        part
        for part in (
            marks,
            _lifted(setting, rules, deals, lifts),
            _values(setting, rules, deals, fields),
        )
        if part is not None
    ]
    row = JoinedTables(setting.steps, "once", deals, *((part, ("d",)) for part in parts))
    found: dict[str, Expr] = {}
    for index, rule in rules:
        moment = _DueMoment(setting, row, None if rule.family == "if" else _place(setting, rule))
        found |= packed_verdicts(setting, moment, [(index, rule)], sequences)
    return row.select("d", **found)


class _DueMoment(NamedTuple):
    """A deal's row, read as the moment at which it passes a place, or as of the audit."""

    setting: Setting
    row: JoinedTables
    place: int | None

    @property
    def columns(self) -> frozenset[str]:
        return self.row.columns

    def __getattr__(self, name: str) -> Expr:
        return self[name]

    def __getitem__(self, name: str) -> Expr:  # type: ignore[override]
        setting, place = self.setting, self.place
        if name in setting.reads.fields.values():
            return self.row[_column(name, place)]
        if place is None:
            at = setting.as_of
            own = {
                "kind": number(AS_OF),
                "mid": number(AS_OF_MID),
                "seen": number(EVERYTHING),
                "due_at": at,
                "at": at,
                "facts": at,
            }
            return own[name] if name in own else self.row[name]
        match name:
            case "kind":
                return number(MOVE)
            case "n" | "mid":
                return self.row[f"gn{place}"]
            case "due_at":
                return self.row[f"ga{place}"]
            case "at" | "facts":
                return self.row[_sees(setting, place)]
            case "seen":
                return number(EVERYTHING) if setting.has_grace else self.row[f"gn{place}"]
        return self.row[name]


def _column(field: str, place: int | None) -> str:
    return f"{field}_{_LAST if place is None else place}"


def _sees(setting: Setting, place: int) -> str:
    """The column with the instant until which a deal's passing of the place sees."""
    return f"gf{place}" if setting.has_grace else f"ga{place}"


def _values(setting: Setting, rules: Ruled, deals: Table, fields: Table) -> Table | None:
    """The value of each field as of each place at which a rule reads it."""
    read: dict[tuple[str, int | None], None] = {}
    for _, rule in rules:
        place = None if rule.family == "if" else _place(setting, rule)
        for name in read_at_moments([rule], setting.playbook).fields:
            read[name, place] = None
    if not read:
        return None
    kinds = setting.playbook.fields
    instants = {_sees(setting, place) for _, place in read if place is not None}
    passed = deals.select("d", *sorted(instants))
    wanted = fields.filter(is_in(fields.name, {name for name, _ in read}))
    slots = sorted({SLOT[kinds[name].kind] for name, _ in read})
    values = wanted.select("name", "since", "until", *slots, fd="d")
    row = values.join(passed, values.fd == passed.d)
    found: dict[str, Expr] = {}
    for name, place in read:
        at = setting.as_of if place is None else row[_sees(setting, place)]
        stands = all_of([row.name == name, row.since <= at, at < row.until])
        column = _column(setting.reads.fields[name], place)
        found[column] = row[SLOT[kinds[name].kind]].max(where=stands)
    return row.group_by("d").agg(**found)


def _lifted(setting: Setting, rules: Ruled, deals: Table, lifts: Table | None) -> Table | None:
    """Whether a waiver would lift each rule where it is due (`w{i}`)."""
    if lifts is None:
        return None
    named = [(index, rule) for index, rule in rules if f"w{index}" in lifts.columns]
    if not named:
        return None
    places = {_place(setting, rule) for _, rule in named if rule.family != "if"}
    passed = deals.select(*(f"gn{place}" for place in sorted(places)), od="d")  # type: ignore[type-var]
    row = lifts.join(passed, lifts.d == passed.od)
    return row.group_by("d").agg(
        **{
            f"w{index}": row[f"w{index}"].max(
                where=row.mid
                == (number(AS_OF_MID) if rule.family == "if" else row[f"gn{_place(setting, rule)}"])
            )
            for index, rule in named
        }
    )
