"""Waivers: which have an effect, and which verdicts they waive."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import ibis

from playgate.bulk.judging.history import History
from playgate.bulk.judging.roles import holds_role
from playgate.bulk.judging.setting import Setting
from playgate.bulk.values.attributes import attribute, raw_attribute
from playgate.bulk.values.expressions import (
    FOREVER,
    Expr,
    Table,
    all_of,
    any_of,
    flag,
    number,
    when,
)
from playgate.bulk.values.instants import day_end
from playgate.bulk.values.regular_expressions import SPACE
from playgate.bulk.values.reused_values import ReusedValues
from playgate.bulk.values.typed_values import is_blank
from playgate.rules.waiving import Roles, roles_of

__all__ = [
    "Waivers",
    "matcher",
    "read_waivers",
    "rules_waived",
    "waived_deadlines",
    "waived_moments",
]


class Waivers(NamedTuple):
    """The waivers that have an effect say which rules they are for (`is_for_rule_i` is 1)."""

    table: Table
    rules: frozenset[int]
    """The rules that any of them may be for."""


def read_waivers(setting: Setting, history: History, rules: frozenset[int]) -> Waivers:
    """Reads the waivers of the history, which may be for these rules."""
    found = _effective(setting, history.waivers)
    pattern, matches = matcher(setting.steps.backend)
    found = found.mutate(pattern=pattern(found.glob))
    fits = {index: matches(found.pattern, setting.rules[index].info.id) for index in sorted(rules)}
    approved = _approved(setting, found)
    named = {
        f"is_for_rule_{index}": flag(fit & approved(roles_of(setting.rules[index])))
        for index, fit in fits.items()
    }
    usual = setting.playbook.may_waive
    of_none = approved(None if usual is None else frozenset(usual)) & ~any_of(fits.values())
    found = found.mutate(**named, is_for_none=flag(of_none))
    if any(rule.may_waive is not None for rule in setting.rules) or usual is not None:
        found = found.filter(any_of(found[name] == 1 for name in (*named, "is_for_none")))
    table = setting.steps.keep("waivers", found.drop("pattern", "is_for_none"))
    return Waivers(table, rules)


def _approved(setting: Setting, row: Expr) -> Callable[[Roles], Expr]:
    """Returns what says whether the approver held one of the roles when the waiver was given."""

    @cache
    def holds(roles: Roles) -> Expr:
        if roles is None:
            return ibis.literal(True)
        return holds_role(setting.people, row.approver, row.effective_at, roles)

    return holds


def rules_waived(setting: Setting, raw: Table) -> frozenset[int] | None:
    """Finds the rules that a raw table's waivers name, effective or not; `None` without any."""
    pattern, matches = matcher(setting.steps.backend)
    waivers = raw.filter(raw.kind == "waiver").select(pattern=pattern(raw.name)).distinct()
    found = setting.steps.rows(
        waivers.aggregate(
            waivers=waivers.count(),
            **{
                f"is_for_rule_{index}": flag(matches(waivers.pattern, rule.info.id)).max()
                for index, rule in enumerate(setting.rules)
            },
        )
    )[0]
    if not found["waivers"]:
        return None
    return frozenset(index for index in range(len(setting.rules)) if found[f"is_for_rule_{index}"])


_STAND_INS = {"_": " ", "%": "\t", "\\": "\n"}
"""For the signs that LIKE has a meaning for: white space, which is in no rule's id. To escape these
signs is something that each engine has other words for."""
_TRANSLATED = str.maketrans(dict(_STAND_INS))


def matcher(backend: str) -> tuple[Callable[[Expr], Expr], Callable[[Expr, str], Expr]]:
    """Returns what makes a pattern of a glob, and what says whether a rule's id fits a pattern."""
    if backend == "sqlite":  # whose LIKE knows no case
        return _as_glob, _fits_glob
    return _as_like, _is_like


def _as_like(glob: Expr) -> Expr:
    names_none = any_of(glob.contains(sign) for sign in _STAND_INS.values())
    pattern = glob
    for sign, stand_in in _STAND_INS.items():
        pattern = pattern.replace(sign, stand_in)
    return ibis.ifelse(names_none, "", pattern.replace("*", "%"))


def _is_like(pattern: Expr, rule_id: str) -> Expr:
    return ibis.literal(rule_id.translate(_TRANSLATED)).like(pattern)


def _as_glob(glob: Expr) -> Expr:
    return glob.replace("[", "[[]").replace("?", "[?]")


def _fits_glob(pattern: Expr, rule_id: str) -> Expr:
    def glob(a: Any, b: Any) -> Any: ...

    own = ibis.udf.scalar.builtin(glob, signature=(("string", "string"), "boolean"))
    return own(pattern, rule_id)


def _effective(setting: Setting, waivers: Table) -> Table:
    playbook = setting.playbook
    valid = waivers.filter(~is_blank(waivers["value"], playbook.reading))
    valid = valid.select(
        "deal_no",
        "position",
        "effective_at",
        "attrs",
        glob="name",
        approver="actor",
        reason="value",
    )
    reused = ReusedValues(valid)
    raw = reused.keep(raw_attribute(valid.attrs, "expires"))
    given = reused.keep(attribute(raw).re_replace(f"^[{SPACE}]+|[{SPACE}]+$", ""))
    end = day_end(given, playbook.zone, reused.keep)
    expires = when(raw.isin(["", "null", '""']), number(FOREVER), end)
    found = reused.select(
        "deal_no", "position", "effective_at", "glob", "approver", "reason", expires=expires
    )
    return found.filter(found.expires.notnull())


def waived_moments(setting: Setting, waivers: Waivers, moments: Table, indexes: list[int]) -> Table:
    """Says of moments whether a waiver would waive rule `i` at them (`waives_i`)."""
    named = [index for index in indexes if index in waivers.rules]
    row = _covering(waivers, moments)
    return row.group_by("deal_no", "moment_no").agg(
        **{f"waives_{index}": flag(_lifts(setting, row, index)).max() for index in named},
        waivers=row.count(),
    )


def _covering(waivers: Waivers, moments: Table) -> Table:
    """Pairs the moments with all waivers that are effective then, whatever they are for."""
    for_rules = [f"is_for_rule_{index}" for index in sorted(waivers.rules)]
    given = waivers.table.select(
        "approver", "expires", *for_rules, waiver_deal_no="deal_no", given_at="effective_at"
    )
    return moments.join(
        given,
        [
            moments.deal_no == given.waiver_deal_no,
            given.given_at <= moments.seen_until,
            moments.seen_until <= given.expires,
        ],
    )


def _lifts(setting: Setting, row: Expr, index: int) -> Expr:
    """Says whether the waiver of a pair is for the rule, and nobody's own excuse."""
    fits = row[f"is_for_rule_{index}"] == 1
    if setting.rules[index].may_waive is None:
        return fits
    return fits & ((row.actor == "") | (row.approver != row.actor))


def waived_deadlines(
    setting: Setting, waivers: Waivers, missed: Table, indexes: list[int]
) -> Table:
    """Finds the missed deadlines that a waiver waives: deal, rule and deadline of each."""
    row = missed.select("deal_no", "rule", seen_until="deadline", actor=ibis.literal(""))
    row = _covering(waivers, row)
    covers = any_of(
        all_of([row.rule == index, _lifts(setting, row, index)])
        for index in indexes
        if index in waivers.rules
    )
    return row.filter(covers).select("deal_no", "rule", deadline="seen_until").distinct()
