"""Answers `retract` and `merge`, and the requests for waivers."""

from __future__ import annotations

from playgate.enforce import taking_back, waiver_requests
from playgate.enforce.commands import Request
from playgate.enforce.live import Live
from playgate.enforce.values import Merged, Retracted, WaiverRequest

__all__ = ["approve_waiver", "decline_waiver", "merge", "request_waiver", "retract"]


def retract(live: Live, request: Request) -> Retracted:
    """Records that an event never happened."""
    deal, event, reason = request["deal"], request["event"], request["reason"]
    return taking_back.retract(live, deal, event, reason, actor=request["by"])


def merge(live: Live, request: Request) -> Merged:
    """Makes a deal one with another."""
    reason = request.get("reason") or ""
    return taking_back.merge(
        live, request["deal"], request["into"], actor=request["by"], reason=reason
    )


def request_waiver(live: Live, request: Request) -> WaiverRequest:
    """Records that somebody asks for an exception."""
    return waiver_requests.request_waiver(
        live,
        request["deal"],
        request["rule"],
        request["reason"],
        actor=request["by"],
        expires=request.get("expires") or "",
    )


def approve_waiver(live: Live, request: Request) -> WaiverRequest:
    """Records the exception that was asked for."""
    return waiver_requests.approve(live, request["request"], actor=request["by"])


def decline_waiver(live: Live, request: Request) -> WaiverRequest:
    """Records that an exception is not made."""
    known_id, reason = request["request"], request["reason"]
    return waiver_requests.decline(live, known_id, reason, actor=request["by"])
