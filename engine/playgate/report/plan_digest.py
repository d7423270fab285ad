"""What a plan comes to for people: its first lines and the tables that text and Markdown show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.conditions.instants import show_instant
from playgate.plan.impact import Amount, DealGroup, DealImpact, Plan
from playgate.report.diff_text import version_words
from playgate.report.digest import ROWS, Column, Section
from playgate.report.figures import percent
from playgate.report.words import count, plural

__all__ = ["headline", "last_line", "plan_sections"]

_MOST_RULES = 4


def headline(plan: Plan) -> tuple[str, str]:
    """Returns two lines: which versions these are, and on what they were replayed."""
    deals = f"{plural(plan.deals, 'deal')}, {count(plan.in_flight)} of them in flight"
    as_of = f", as of {show_instant(plan.as_of)}" if plan.as_of is not None else ""
    return version_words(plan.old, plan.new), f"Replayed on {deals}{as_of}."


def last_line(plan: Plan) -> Iterator[str]:
    """Yields a line on what the plan means for publishing."""
    if not plan.impacts:
        yield "No deal would be judged otherwise."
    if plan.stops_publish:
        yield (
            "publish would be stopped: write migration: {stage_map: …} for the stages that lead"
            " nowhere, or policy: pin if these deals are to stay under their version."
        )
    old, new = plan.old, plan.new
    if (old.name, old.version) == (new.name, new.version) and old.sha256 != new.sha256:
        yield f"Both are version {new.version}: raise it in the new one, else publish refuses it."
    stay = "stay under their version" if plan.policy == "pin" else "are migrated by that policy"
    yield f"Policy of version {plan.new.version}: {plan.policy}. Deals in flight {stay}."
    if plan.roles_unknown:
        said = "No people are known, so nobody holds a role at the next gate"
        yield f"{said}: say who is who by --people."
    if plan.arms:
        told = ", ".join(f"{plural(deals, 'deal')} by {version}" for version, deals in plan.arms)
        yield f"Each deal is judged by the version of its arm: {told}."
    if plan.problems:
        rows = plural(plan.problems, "row")
        yield f"{rows} could not be read, or not wholly: an audit shows them."


def plan_sections(plan: Plan) -> Iterator[Section]:
    """Yields the tables that have something to say."""
    for section in (_groups(plan), *_gates(plan), _stranded(plan), _rules(plan), _reps(plan)):
        if section.rows:
            yield section


_TITLES = {
    "blocked": "in flight, newly blocked at the next gate",
    "freed": "in flight, freed at the next gate",
    "more": "in flight, with more to do before the next gate",
    "less": "in flight, with less to do before the next gate",
    "stranded": "in flight, without a stage",
    "flagged": "with findings that only the new version has",
    "cleared": "with findings that only the old version has",
}


def _groups(plan: Plan) -> Section:
    columns = [Column("Deals", "message"), Column("How many", "number")]
    if plan.amount is not None:
        columns.append(Column(_named(plan.amount), "number"))
    columns += [Column("Won", "number"), Column("Lost", "number"), Column("Won of ended", "number")]
    rows = [_group(_TITLES[kind], group, plan.amount) for kind, group in plan.groups if group.deals]
    if rows:
        rows.append(_group("for comparison: all won or lost", plan.ended, plan.amount))
    return Section("What would change", tuple(columns), rows)


def _named(amount: Amount) -> str:
    name = f"{amount.field} {amount.unit}".strip()
    return name[:1].upper() + name[1:]


def _group(title: str, group: DealGroup, amount: Amount | None) -> tuple[str, ...]:
    ended = group.won + group.lost
    share = percent(group.won / ended if ended else None)
    worth = () if amount is None else (_sums(group),)
    return (title, count(group.deals), *worth, count(group.won), count(group.lost), share)


def _sums(group: DealGroup) -> str:
    """Returns what deals are worth in the field's unit, and beside it in other currencies."""
    return " + ".join(
        [_money(group.amount), *(f"{_money(each)} {currency}" for currency, each in group.apart)]
    )


def _money(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.0f}"


def _gates(plan: Plan) -> Iterator[Section]:
    blocked = [each for each in plan.impacts if each.blocked is not None]
    freed = [each for each in plan.impacts if each.freed is not None]
    yield _gate("Newly blocked at the next gate", blocked, plan.amount)
    yield _gate("Freed at the next gate", freed, plan.amount)


def _gate(title: str, deals: Sequence[DealImpact], amount: Amount | None) -> Section:
    columns = [Column("Deal", "name"), Column("Rep", "name")]
    if amount is not None:
        columns.append(Column(_named(amount), "number"))
    columns += [Column("Move", "mark"), Column("Rules that refuse", "message")]
    rows = []
    for each in _dearest(deals):
        gate = each.blocked or each.freed
        assert gate is not None  # noqa: S101  (so the caller chose)
        worth = () if amount is None else (f"{_money(each.amount)} {each.currency}".strip(),)
        move = f"{each.stage or '(new)'} → {gate.to_stage}"
        rows.append((each.deal, each.rep or "nobody", *worth, move, _listed(gate.rules)))
    return Section(title, tuple(columns), rows, _left_out(len(deals)))


def _stranded(plan: Plan) -> Section:
    deals = [each for each in plan.impacts if each.stranded]
    columns = (Column("Deal", "name"), Column("Rep", "name"), Column("Why", "message"))
    rows = [(each.deal, each.rep or "nobody", each.stranded) for each in _dearest(deals)]
    return Section("Without a stage", columns, rows, _left_out(len(deals)))


def _rules(plan: Plan) -> Section:
    columns = (
        Column("Rule", "id"),
        Column("Level", "level"),
        Column("Deals flagged", "number"),
        Column("Deals cleared", "number"),
    )
    rows = [
        (each.rule, each.level, count(each.flagged), count(each.cleared))
        for each in plan.rules[:ROWS]
    ]
    left = _left_out(len(plan.rules), "rule")
    return Section("Rules that judge otherwise", columns, rows, left)


def _reps(plan: Plan) -> Section:
    columns = (
        Column("Rep", "name"),
        Column("Findings was", "number"),
        Column("Findings now", "number"),
        Column("Deals flagged", "number"),
        Column("Deals cleared", "number"),
    )
    rows = [
        (
            each.name or each.actor or "nobody",
            count(each.was),
            count(each.now),
            count(each.flagged),
            count(each.cleared),
        )
        for each in plan.reps[:ROWS]
    ]
    return Section("By rep", columns, rows, _left_out(len(plan.reps), "rep"))


def _dearest(deals: Sequence[DealImpact]) -> list[DealImpact]:
    return sorted(deals, key=lambda each: (-(each.amount or 0), each.deal))[:ROWS]


def _listed(rules: Sequence[str]) -> str:
    more = f" and {len(rules) - _MOST_RULES} more" if len(rules) > _MOST_RULES else ""
    return ", ".join(rules[:_MOST_RULES]) + more


def _left_out(many: int, what: str = "deal") -> str:
    return f"… and {plural(many - ROWS, what)} more" if many > ROWS else ""
