"""Waivers: which have an effect, and which verdicts they lift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import ibis

from playgate.audit.bulk.attributes import attribute, raw_attribute
from playgate.audit.bulk.calendar import day_end
from playgate.audit.bulk.expressions import (
    FOREVER,
    Table,
    all_of,
    any_of,
    flag,
    is_in,
    number,
    when,
)
from playgate.audit.bulk.history import History
from playgate.audit.bulk.layers import Layers
from playgate.audit.bulk.patterns import SPACE
from playgate.audit.bulk.roles import holds_role
from playgate.audit.bulk.setting import Setting
from playgate.audit.bulk.values import is_blank
from playgate.playbook.rules import glob_matches

__all__ = ["Waivers", "lifted", "read_waivers", "waived"]


class Waivers(NamedTuple):
    """The waivers that have an effect, and by rule the globs that name it."""

    table: Table
    globs: Mapping[int, frozenset[str]]


def read_waivers(setting: Setting, history: History) -> Waivers | None:
    """The waivers of the history; `None` where none has an effect."""
    found = setting.steps.keep("waivers", _effective(setting, history.waivers))
    globs = [row["glob"] for row in setting.steps.rows(found.select("glob").distinct())]
    if not globs:
        return None
    return Waivers(found, {
        index: frozenset(glob for glob in globs if glob_matches(glob, rule.info.id))
        for index, rule in enumerate(setting.rules)
    })  # fmt: skip


def _effective(setting: Setting, waivers: Table) -> Table:
    playbook = setting.playbook
    valid = waivers.filter(~is_blank(waivers["value"], playbook.reading))
    if playbook.may_waive is not None:
        allowed = holds_role(setting.people, valid.actor, valid.effective, playbook.may_waive)
        valid = valid.filter(allowed)
    valid = valid.select(
        "d", "pos", "effective", "attrs", glob="name", approver="actor", reason="value"
    )
    layers = Layers(valid)
    raw = layers.keep(raw_attribute(valid.attrs, "expires"))
    given = layers.keep(attribute(raw).re_replace(f"^[{SPACE}]+|[{SPACE}]+$", ""))
    end = day_end(given, playbook.zone, layers.keep)
    expires = when(raw.isin(["", "null", '""']), number(FOREVER), end)
    found = layers.select(
        "d", "pos", "effective", "glob", "approver", "reason", expires=expires
    )
    return found.filter(found.expires.notnull())


def waived(setting: Setting, waivers: Waivers, moments: Table, indexes: list[int]) -> Table:
    """For each moment of a deal with waivers, whether it would lift rule `i` (`w{i}`)."""
    named = {index: waivers.globs[index] for index in indexes if waivers.globs[index]}
    row = _covering(setting, waivers, moments)
    return row.group_by("d", "mid").agg(
        **{f"w{index}": flag(is_in(row.glob, globs)).max() for index, globs in named.items()},
        waivers=row.count(),
    )


def _covering(setting: Setting, waivers: Waivers, moments: Table) -> Table:
    """The moments with all waivers that are effective then, whatever they are for."""
    given = waivers.table.select(
        "glob", "approver", "expires", "reason", wd="d", given_at="effective", given_pos="pos"
    )
    row = moments.join(
        given,
        [moments.d == given.wd, given.given_at <= moments.facts, moments.facts <= given.expires],
    )
    if setting.playbook.may_waive is not None:
        row = row.filter((row.actor == "") | (row.approver != row.actor))
    return row


def lifted(setting: Setting, waivers: Waivers, missed: Table, indexes: list[int]) -> Table:
    """The deal, rule and deadline of those that a waiver lifts."""
    row = missed.select("d", "rule", facts="deadline", actor=ibis.literal(""))
    row = _covering(setting, waivers, row)
    covers = any_of(
        all_of([row.rule == index, is_in(row.glob, waivers.globs[index])])
        for index in indexes
        if waivers.globs[index]
    )
    return row.filter(covers).select("d", "rule", deadline="facts").distinct()
