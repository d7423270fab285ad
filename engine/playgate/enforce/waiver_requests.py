"""Waivers that are asked for by who may not waive, and answered by who may."""

from __future__ import annotations

from collections.abc import Sequence

from playgate.conditions.instants import day_end, show_instant
from playgate.documents.document import nearest
from playgate.enforce.facts import check_reason, waive
from playgate.enforce.live import Live
from playgate.enforce.values import WaiverRequest, WaiverRequests, id_of
from playgate.errors import InputError
from playgate.ledger.rows import WaiverRequestRow

__all__ = ["approve", "decline", "list_requests", "request_waiver", "waiver_request"]


def request_waiver(
    live: Live, deal: str, rule: str, reason: str, *, actor: str, expires: str = ""
) -> WaiverRequest:
    """Records that somebody asks for a waiver of one rule; must be called inside a transaction.

    The same request that is still open is not made twice.
    """
    playbook = live.pinned(live.row(deal))
    ids = [each.rule.info.id for each in live.judge(playbook).rules]
    if rule not in ids:
        hint = nearest(rule, ids) or f"playgate next {deal} lists what is open"
        raise InputError(f'"{rule}" is no rule of {playbook.name}', hint=hint, code="unknown-name")
    may = _may_waive(live, deal, rule)
    if may == ():
        raise InputError(f"nobody may waive {rule}", hint="see may_waive", code="may-not")
    check_reason(live, playbook, reason, actor, rule, approves=False)
    if expires and day_end(expires.strip(), playbook.zone) is None:
        hint = "write it as 2026-03-31"
        raise InputError(f'expires: "{expires}" is no date', hint=hint, code="wrong-value")
    for row in live.ledger.waiver_requests.of(deal):
        if (row.rule, row.actor, row.answer) == (rule, actor, ""):
            return WaiverRequest(row, may, "asked for already: nothing was changed")
    row = live.ledger.waiver_requests.add(
        deal=deal,
        rule=rule,
        reason=reason.strip(),
        expires=expires,
        at=live.now,
        actor=actor,
        origin=live.origin,
    )
    return WaiverRequest(row, may)


def _may_waive(live: Live, deal: str, rule: str) -> tuple[str, ...] | None:
    """Returns the roles that may waive a rule of the deal's playbook; `None` means anybody."""
    judge = live.judge(live.pinned(live.row(deal)))
    own = [each.rule for each in judge.rules if each.rule.info.id == rule]
    return own[0].may_waive if own else judge.playbook.may_waive


def list_requests(live: Live, *, open_only: bool, role: str = "") -> WaiverRequests:
    """Returns the requests, or the open ones; of a `role` those that who holds it may answer."""
    found = []
    for row in live.ledger.waiver_requests.all(open_only=open_only):
        may = _may_waive(live, row.deal, row.rule)
        if not role or may is None or role in may:
            found.append(WaiverRequest(row, may))
    return WaiverRequests(tuple(found))


def approve(live: Live, known_id: str, *, actor: str) -> WaiverRequest:
    """Records the waiver that was asked for, approved by `actor`; must be called inside a
    transaction."""
    asked = _open_request(live, known_id, actor)
    row = asked.row
    waive(
        live,
        row.deal,
        row.rule,
        row.reason,
        at=live.now,
        actor=actor,
        expires=row.expires,
        known_id=f"waiver-request-{row.id}",
    )
    return _answered(live, asked, "approved", actor, "")


def decline(live: Live, known_id: str, reason: str, *, actor: str) -> WaiverRequest:
    """Records that a waiver is not given; must be called inside a transaction."""
    asked = _open_request(live, known_id, actor)
    playbook = live.pinned(live.row(asked.row.deal))
    check_reason(live, playbook, reason, actor, asked.row.rule)
    return _answered(live, asked, "declined", actor, reason.strip())


def _answered(
    live: Live, asked: WaiverRequest, said: str, actor: str, reason: str
) -> WaiverRequest:
    requests = live.ledger.waiver_requests
    requests.answer(asked.row.id, said, at=live.now, actor=actor, reason=reason)
    row = requests.get(asked.row.id)
    assert row is not None  # noqa: S101  (it was just answered)
    return WaiverRequest(row, asked.may_answer)


def waiver_request(live: Live, known_id: str) -> WaiverRequestRow | None:
    """Returns a request by its id, such as `w-3`; `None` where there is none."""
    digits = known_id.strip().lower().removeprefix("w-")
    if digits.isascii() and digits.isdecimal() and len(digits) < 18:
        return live.ledger.waiver_requests.get(int(digits))
    return None


def _open_request(live: Live, known_id: str, actor: str) -> WaiverRequest:
    """Returns a request that waits for an answer which this actor may give."""
    row = waiver_request(live, known_id)
    if row is None:
        open_ = live.ledger.waiver_requests.all(open_only=True)
        hint = f"open: {_ids(open_)}" if open_ else "none is open"
        raise InputError(f"there is no request {known_id}", hint=hint, code="unknown-name")
    if row.answer:
        by = f" by {row.answered_by}" if row.answered_by else ""
        when = show_instant(row.answered_at or 0)
        raise InputError(
            f"{id_of(row)} was {row.answer} already{by}, at {when}",
            hint="ask anew with playgate waiver request",
            code="wrong-value",
        )
    if _same_person(row.actor, actor):
        raise InputError(
            f"{id_of(row)} was asked for by {row.actor or 'nobody named'}: nobody answers their own"
            " request",
            hint="--by says who answers",
            code="may-not",
        )
    return WaiverRequest(row, _may_waive(live, row.deal, row.rule))


def _same_person(one: str, other: str) -> bool:
    """Whether two actors are one, which case and spaces do not tell apart."""
    return one.strip().casefold() == other.strip().casefold()


def _ids(rows: Sequence[WaiverRequestRow]) -> str:
    shown = ", ".join(id_of(row) for row in rows[:5])
    return f"{shown} and {len(rows) - 5} more" if len(rows) > 5 else shown
