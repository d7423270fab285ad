"""What hooks say to others: a type, a text that chat tools show, and data for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from playgate.conditions.instants import show_instant, to_datetime
from playgate.enforce.deal_list import DealLine, Wanted, list_deals
from playgate.enforce.deals_named import zone_of_all
from playgate.enforce.live import Live
from playgate.ledger.entries import columns_of
from playgate.ledger.hooks import HookOut, Message
from playgate.ledger.rows import DecisionRow, WaiverRequestRow
from playgate.ledger.store import Ledger
from playgate.report.json_text import json_line
from playgate.report.words import count, plural, visible
from playgate.serve.digests import MORNING

__all__ = [
    "HAPPENINGS",
    "digest",
    "due_message",
    "due_today",
    "happened",
    "message_id",
    "safe",
    "tried",
]

HAPPENINGS: Mapping[str, str] = {
    "decision": "every decision, let through or refused",
    "refused": "a move was refused",
    "finding": "a move was let through with something unmet that was not so at the one before",
    "waiver-request": "an exception was asked for",
    "due": "each morning at seven, what falls due within a day",
    "daily": "each morning at seven, a digest of the day before",
    "weekly": "each Monday at seven, a digest of the week before",
    "digest": "what playgate hook send is given",
}
"""What a hook can tell of."""
_VERSION = 1
_MOST_ENTRIES = 500
_MOST_LINES = 10
_MOST_DUE = 1_000
_DAY = 24 * 3600 * 1_000_000
_LONGEST_TEXT = 3_000
_MENTION = re.compile(r"(?<!\w)@")


def happened(ledger: Ledger, hook: HookOut) -> tuple[list[Message], int]:
    """Returns what a target is told of what was recorded since it was last looked, and up to which
    entry of the log that was."""
    entries = ledger.hooks.happened(hook.seen, most=_MOST_ENTRIES)
    wanted = frozenset(hook.happenings.split())
    found = []
    for seq, kind, opened in entries:
        told = None
        if kind == "decision":
            row = ledger.decisions.numbered(seq)
            told = _decision(ledger, row, wanted) if row is not None and not row.shadow else None
        elif kind == "waiver-request" and kind in wanted:
            request = ledger.waiver_requests.get(int(columns_of(opened)[0]))
            told = _request(request) if request is not None else None
        if told is not None:
            found.append(_message(hook, str(seq), *told))
    return found, entries[-1][0] if entries else hook.seen


def _message(
    hook: HookOut, which: str, kind: str, at: int, text: str, data: Mapping[str, Any]
) -> Message:
    """Returns a message, whose id is the same whenever it is made."""
    shown = text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
    told = {
        "version": _VERSION,
        "type": f"playgate.{kind}",
        "timestamp": show_instant(at),
        "text": shown,
        "data": data,
    }
    return Message(message_id(hook, which), hook.id, at, json_line(told), "waiting", 0, 0, "")


def message_id(hook: HookOut, which: str) -> str:
    """Returns under which id a hook is told of something, however often it is made."""
    return f"msg_{hook.id}_{which}"


_Told = tuple[str, int, str, Mapping[str, Any]]


def _decision(ledger: Ledger, row: DecisionRow, wanted: frozenset[str]) -> _Told | None:
    findings = [each for each in json.loads(row.findings) if each["level"] != "observe"]
    unmet = {each["rule"] for each in findings}
    kinds = ["decision"]
    if not row.allowed:
        kinds.insert(0, "refused")
    elif unmet - _before(ledger, row):
        kinds.insert(0, "finding")
    kind = next((each for each in kinds if each in wanted), None)
    if kind is None:
        return None
    playbook = ledger.playbooks.get(row.playbook)
    data = {
        "deal": row.deal,
        "playbook": {"name": playbook.name, "version": playbook.version},
        "at": show_instant(row.at),
        "by": row.actor or None,
        "from": row.from_stage or None,
        "to": row.to_stage,
        "allowed": bool(row.allowed),
        "decision": row.decision_id or None,
        "findings": [_finding(each) for each in findings],
    }
    what = "let through" if row.allowed else "refused"
    move = f"{row.from_stage or '(new)'} → {row.to_stage}"
    head = f"{safe(row.deal)}: {safe(move)} {what}{_by(row.actor)}"
    lines = [f"• {safe(each['rule'])}: {safe(each['message'])}" for each in findings]
    return kind, row.at, "\n".join((head, *_some(lines))), data


def _before(ledger: Ledger, row: DecisionRow) -> set[str]:
    """Returns what was unmet at the decision on the deal before one."""
    earlier = [each for each in ledger.decisions.of(row.deal) if each.recorded_at < row.recorded_at]
    return {each["rule"] for each in json.loads(earlier[-1].findings)} if earlier else set()


def _finding(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: kept[name] for name in ("rule", "level", "refuses", "message")}


def _request(row: WaiverRequestRow) -> _Told:
    data = {
        "request": row.id,
        "deal": row.deal,
        "rule": row.rule,
        "reason": row.reason,
        "expires": row.expires or None,
        "at": show_instant(row.at),
        "by": row.actor or None,
        "origin": row.origin or None,
    }
    whence = f" ({safe(row.origin)})" if row.origin else ""
    head = f"{safe(row.deal)}: a waiver of {safe(row.rule)} is asked for{_by(row.actor)}{whence}"
    answers = f"playgate waiver approve {row.id}, or playgate waiver decline {row.id}"
    return "waiver-request", row.at, f"{head}\n{safe(row.reason)}\n{answers}", data


def due_today(live: Live, now: int) -> tuple[str, _Told | None]:
    """Returns the morning that it is, and what is told of what falls due within a day; an empty
    morning where it is earlier than seven, by the playbooks' clock."""
    zone = zone_of_all(live)
    moment = to_datetime(now, zone)
    if moment.hour < MORNING:
        return "", None
    day = moment.date().isoformat()
    until = now + _DAY
    deals = list_deals(live, Wanted(due_by=lambda _: until), at=now).deals
    ahead = sorted(_ahead(deals, until), key=lambda each: (each["due_at"], each["deal"]))
    if not ahead:
        return day, None
    lines = [
        f"• {safe(each['deal'])}: {safe(each['title'] or each['rule'])}, {each['due_at']}"
        + (f", {safe(each['rep'])}" if each["rep"] else "")
        for each in ahead
    ]
    text = "\n".join((f"{plural(len(ahead), 'deadline')} within a day", *_some(lines)))
    return day, ("due", now, text, {"due": ahead[:_MOST_DUE]})


def _ahead(deals: Sequence[DealLine], until: int) -> Iterator[dict[str, Any]]:
    for line in deals:
        for each in line.ahead:
            if each.due_at <= until:
                yield {
                    "deal": line.deal,
                    "rule": each.rule,
                    "title": each.title,
                    "due_at": show_instant(each.due_at),
                    "rep": line.rep_name or line.rep or None,
                }


def due_message(hook: HookOut, day: str, told: _Told) -> Message:
    """Returns the message of a morning, which goes out once."""
    return _message(hook, f"due_{day}", *told)


def digest(hook: HookOut, text: str, *, which: str, at: int) -> Message:
    """Returns a message with a text that somebody gives, or that a morning brings."""
    data = {"text": text}
    return _message(hook, which, "digest", at, safe(text, lines=True), data)


def tried(hook: HookOut, *, at: int) -> Message:
    """Returns a message that only shows that messages arrive."""
    text = "playgate: this hook works"
    return _message(hook, f"test_{at}", "test", at, text, {"happenings": hook.happenings.split()})


def _by(actor: str) -> str:
    return f" ({safe(actor)})" if actor else ""


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"and {count(len(lines) - _MOST_LINES)} more"


def safe(text: str, *, lines: bool = False) -> str:
    """Returns a text in which chat tools find neither markup of links nor mentions of people."""
    shown = "\n".join(map(visible, text.split("\n"))) if lines else visible(text)
    for sign, other in (("<", "‹"), (">", "›"), ("](", "] (")):
        shown = shown.replace(sign, other)
    return _MENTION.sub("＠", shown)
