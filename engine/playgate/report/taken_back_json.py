"""What was taken back, and waivers that were asked for, as JSON, version 1."""

from __future__ import annotations

from typing import Any

from playgate.conditions.instants import show_instant
from playgate.enforce.values import Merged, Retracted, WaiverRequest, WaiverRequests, id_of
from playgate.report.head_json import head_object
from playgate.report.json_text import json_line

__all__ = ["render"]

_VERSION = 1


def render(result: Retracted | Merged | WaiverRequest | WaiverRequests) -> str:
    """Returns the answer on one line."""
    return json_line({"version": _VERSION, **_object(result)})


def _object(result: Retracted | Merged | WaiverRequest | WaiverRequests) -> dict[str, Any]:
    match result:
        case Retracted():
            return {
                "kind": "retracted",
                "deal": result.deal,
                "event_id": result.event.event_id,
                "reason": result.reason,
                "note": result.note or None,
                "head": head_object(result.head),
            }
        case Merged():
            return {
                "kind": "merged",
                "deal": result.deal,
                "into": result.into,
                "events": result.events,
                "doubles": result.doubles,
                "note": result.note or None,
                "head": head_object(result.head),
            }
        case WaiverRequest():
            return {
                "kind": "waiver-request",
                **_request(result),
                "note": result.note or None,
                "head": head_object(result.head),
            }
        case WaiverRequests():
            return {
                "kind": "waiver-requests",
                "requests": [_request(each) for each in result.each],
                "head": head_object(result.head),
            }


def _request(request: WaiverRequest) -> dict[str, Any]:
    row = request.row
    return {
        "id": id_of(row),
        "deal": row.deal,
        "rule": row.rule,
        "reason": row.reason,
        "expires": row.expires or None,
        "at": show_instant(row.at),
        "actor": row.actor or None,
        "may_answer": None if request.may_answer is None else list(request.may_answer),
        "answer": row.answer or None,
        "answered_at": None if row.answered_at is None else show_instant(row.answered_at),
        "answered_by": row.answered_by or None,
        "answer_reason": row.answer_reason or None,
        "origin": row.origin or None,
    }
