"""What was taken back, and waivers that were asked for, for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC

from playgate.conditions.english import with_article
from playgate.conditions.instants import Zone, show_instant
from playgate.enforce.values import Merged, Retracted, WaiverRequest, WaiverRequests, id_of
from playgate.report.words import by, equals, plural, visible

__all__ = ["render", "render_requests"]


def render(result: Retracted | Merged | WaiverRequest, *, zone: Zone = UTC) -> Iterator[str]:
    """Yields the answer in lines; times are those of `zone`."""
    match result:
        case Retracted():
            yield from _retracted(result, zone)
        case Merged():
            yield from _merged(result)
        case WaiverRequest():
            yield from _request(result, zone)
            if result.note:
                yield f"  {visible(result.note)}\n"


def render_requests(requests: WaiverRequests, *, zone_of: Callable[[str], Zone]) -> Iterator[str]:
    """Yields several requests, from the first to the last, with times as where their deals are."""
    if not requests.each:
        yield "no request waits for an answer\n"
    for each in requests.each:
        yield from _request(each, zone_of(each.deal))


def _retracted(result: Retracted, zone: Zone) -> Iterator[str]:
    event = result.event
    when = show_instant(event.happened_at, zone)
    told = f"{event.kind} {visible(event.name)}{equals(event.value)}"
    yield f"{visible(result.deal)}: {told}, {when}\n"
    yield f"  {visible(result.note) or 'retracted: nothing is judged by it from now on'}\n"


def _merged(result: Merged) -> Iterator[str]:
    if result.note:
        yield f"{visible(result.deal)}: {visible(result.note)}\n"
        return
    came = f"{plural(result.events, 'event')} came over"
    if result.doubles:
        came += f", {result.doubles} of them there already and counted once"
    yield f"{visible(result.deal)} is known as {visible(result.into)} from now on: {came}\n"


def _request(request: WaiverRequest, zone: Zone) -> Iterator[str]:
    row = request.row
    until = f", until {visible(row.expires)}" if row.expires else ""
    yield f"{id_of(row)}  {visible(row.deal)}  {visible(row.rule)}\n"
    whence = f" ({visible(row.origin)})" if row.origin else ""
    asked = f"asked for{by(row.actor)}{whence}, {show_instant(row.at, zone)}{until}"
    yield f"    {asked}: {visible(row.reason)}\n"
    if row.answer:
        when = show_instant(row.answered_at or 0, zone)
        why = f": {visible(row.answer_reason)}" if row.answer_reason else ""
        yield f"    {row.answer} by {visible(row.answered_by) or 'nobody named'}, {when}{why}\n"
    else:
        roles = request.may_answer
        who = with_article(" or ".join(map(visible, roles))) if roles else "anybody else"
        yield f"    {who} may answer: playgate waiver approve {id_of(row)}, or decline\n"
