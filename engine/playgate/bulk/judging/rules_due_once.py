"""Rules that are due once in a deal: the deal's row decides them, without its moments.

Where a deal passes a stage, or as of the audit, what is asked is mostly a matter of instants that
stand in the deal's row already; of fields, the values as of then are looked up once for each deal.
"""

from __future__ import annotations

from typing import NamedTuple

from playgate.bulk.judging.history import EVERYTHING, source_of
from playgate.bulk.judging.joined_tables import JoinedTables
from playgate.bulk.judging.judged_moments import AS_OF, AS_OF_MID, MOVE
from playgate.bulk.judging.rules_at_moments import packed_verdicts
from playgate.bulk.judging.sequences import NumberedSequence
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import FieldRead, read_at_moments
from playgate.bulk.values.expressions import Expr, Table, all_of, is_in, number, when
from playgate.rules.due import AsOf, AtPassing
from playgate.rules.list import Rule

__all__ = ["is_due_once", "verdicts_due_once"]

Ruled = list[tuple[int, Rule]]


def is_due_once(setting: Setting, rule: Rule) -> bool:
    """Says whether a deal's row decides the rule: no window moves, no actor is compared."""
    if not isinstance(rule.due, AsOf) and _place(setting, rule) is None:
        return False
    reads = read_at_moments([rule], setting.playbook)
    return not reads.counts and not reads.shifts


def _place(setting: Setting, rule: Rule) -> int | None:
    """Returns the place of the track that a deal passes where the rule is due; `None` where it is
    due elsewhere."""
    if isinstance(rule.due, AtPassing) and rule.due.stage in setting.open:
        return setting.places[rule.due.stage]
    return None


def verdicts_due_once(
    setting: Setting,
    rules: Ruled,
    sequences: dict[int, NumberedSequence],
    deals: Table,
    fields: Table,
    marks: Table | None,
    waives: Table | None,
) -> Table:
    """Returns the packed verdict of each rule `i` (`verdict_i`) on each deal."""
    parts = [
        part
        for part in (
            marks,
            _waived_once(setting, rules, deals, waives),
            _values(setting, rules, deals, fields),
        )
        if part is not None
    ]
    row = JoinedTables(
        setting.steps, "deals_as_moments", deals, *((part, ("deal_no",)) for part in parts)
    )
    found: dict[str, Expr] = {}
    for index, rule in rules:
        moment = _DueMoment(setting, row, _place(setting, rule))
        found |= {
            name: when(moment.governed == 1, verdict) if setting.playbook.applies_to else verdict
            for name, verdict in packed_verdicts(
                setting, moment, [(index, rule)], sequences
            ).items()
        }
    return row.select("deal_no", **found)


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
        if name == "governed":
            return self.row["governed_as_of" if place is None else f"governed_at_passing_{place}"]
        if place is None:
            at = setting.as_of
            own = {
                "kind": number(AS_OF),
                "moment_no": number(AS_OF_MID),
                "last_move_seen": number(EVERYTHING),
                "due_at": at,
                "at": at,
                "seen_until": at,
            }
            return own[name] if name in own else self.row[name]
        match name:
            case "kind":
                return number(MOVE)
            case "move_no" | "moment_no":
                return self.row[f"passed_move_{place}"]
            case "due_at":
                return self.row[f"passed_at_{place}"]
            case "at" | "seen_until":
                return self.row[_sees(setting, place)]
            case "last_move_seen":
                return number(EVERYTHING) if setting.has_grace else self.row[f"passed_move_{place}"]
        return self.row[name]


def _column(field: str, place: int | None) -> str:
    return f"{field}_as_of" if place is None else f"{field}_at_passing_{place}"


def _sees(setting: Setting, place: int) -> str:
    """Names the column that says until when a deal's passing of the place sees facts."""
    return f"passing_seen_until_{place}" if setting.has_grace else f"passed_at_{place}"


def _values(setting: Setting, rules: Ruled, deals: Table, fields: Table) -> Table | None:
    """Finds the value of each field as of each place at which a rule reads it."""
    read: dict[tuple[FieldRead, int | None], None] = {}
    for _, rule in rules:
        place = _place(setting, rule)
        for each in read_at_moments([rule], setting.playbook).fields:
            read[each, place] = None
    if not read:
        return None
    sources = {each: source_of(setting, each) for each, _ in read}
    instants = {_sees(setting, place) for _, place in read if place is not None}
    passed = deals.select("deal_no", *sorted(instants))
    wanted = fields.filter(is_in(fields.name, {name for name, _ in sources.values()}))
    slots = sorted({slot for _, slot in sources.values()})
    values = wanted.select("name", "since", "until", *slots, field_deal_no="deal_no")
    row = values.join(passed, values.field_deal_no == passed.deal_no)
    found: dict[str, Expr] = {}
    for each, place in read:
        name, slot = sources[each]
        at = setting.as_of if place is None else row[_sees(setting, place)]
        stands = all_of([row.name == name, row.since <= at, at < row.until])
        column = _column(setting.reads.fields[each], place)
        found[column] = row[slot].max(where=stands)
    return row.group_by("deal_no").agg(**found)


def _waived_once(
    setting: Setting, rules: Ruled, deals: Table, waives: Table | None
) -> Table | None:
    """Says whether a waiver would waive rule `i` where it is due (`waives_i`)."""
    if waives is None:
        return None
    named = [(index, rule) for index, rule in rules if f"waives_{index}" in waives.columns]
    if not named:
        return None
    places = {index: _place(setting, rule) for index, rule in named}
    passing = {f"passed_move_{place}" for place in places.values() if place is not None}
    passed = deals.select(*sorted(passing), passed_deal_no="deal_no")
    row = waives.join(passed, waives.deal_no == passed.passed_deal_no)
    return row.group_by("deal_no").agg(
        **{
            f"waives_{index}": row[f"waives_{index}"].max(
                where=row.moment_no
                == (number(AS_OF_MID) if place is None else row[f"passed_move_{place}"])
            )
            for index, place in places.items()
        }
    )
