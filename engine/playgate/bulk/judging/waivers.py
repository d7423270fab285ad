"""Waivers: which have an effect, and which verdicts they waive."""

from __future__ import annotations

from collections.abc import Callable
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
    named = {
        f"is_for_rule_{index}": flag(matches(found.pattern, rule.info.id))
        for index, rule in enumerate(setting.rules)
        if index in rules
    }
    table = setting.steps.keep("waivers", found.mutate(**named).drop("pattern"))
    return Waivers(table, rules)


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
    if playbook.may_waive is not None:
        allowed = holds_role(setting.people, valid.actor, valid.effective_at, playbook.may_waive)
        valid = valid.filter(allowed)
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
    row = _covering(setting, waivers, moments)
    return row.group_by("deal_no", "moment_no").agg(
        **{f"waives_{index}": row[f"is_for_rule_{index}"].max() for index in named},
        waivers=row.count(),
    )


def _covering(setting: Setting, waivers: Waivers, moments: Table) -> Table:
    """Pairs the moments with all waivers that are effective then, whatever they are for."""
    for_rules = [f"is_for_rule_{index}" for index in sorted(waivers.rules)]
    given = waivers.table.select(
        "approver", "expires", *for_rules, waiver_deal_no="deal_no", given_at="effective_at"
    )
    row = moments.join(
        given,
        [
            moments.deal_no == given.waiver_deal_no,
            given.given_at <= moments.seen_until,
            moments.seen_until <= given.expires,
        ],
    )
    if setting.playbook.may_waive is not None:
        row = row.filter((row.actor == "") | (row.approver != row.actor))
    return row


def waived_deadlines(
    setting: Setting, waivers: Waivers, missed: Table, indexes: list[int]
) -> Table:
    """Finds the missed deadlines that a waiver waives: deal, rule and deadline of each."""
    row = missed.select("deal_no", "rule", seen_until="deadline", actor=ibis.literal(""))
    row = _covering(setting, waivers, row)
    covers = any_of(
        all_of([row.rule == index, row[f"is_for_rule_{index}"] == 1])
        for index in indexes
        if index in waivers.rules
    )
    return row.filter(covers).select("deal_no", "rule", deadline="seen_until").distinct()
