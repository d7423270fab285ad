"""The way that deals go, as the page shows it: the map, its steps as a list, the commonest ways."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.language import say
from playgate.numbers.review import Review
from playgate.numbers.ways import Edge, Stop, Way
from playgate.report.figures import percent
from playgate.report.html_deals import edge_key, way_key
from playgate.report.html_map import Drawn, draw
from playgate.report.html_parts import Ids, View, shortened
from playgate.report.html_words import PageWords
from playgate.report.numbers_words import lasting, number
from playgate.report.words import count, plural

__all__ = ["edges", "kinds", "stage_map", "ways"]

_COLOURS = {"next": "blue", "skip": "orange", "back": "yellow", "lost": "grey"}
_MOST = 60
_TITLE, _HEAD = 26, 13


def kinds() -> list[tuple[str, str]]:
    """Returns what a step from one stage into another may be: in words, with its colour."""
    return [(_kind(kind), colour) for kind, colour in _COLOURS.items()]


def _kind(kind: str) -> str:
    match kind:
        case "next":
            return say("on")
        case "skip":
            return say("on by a skip")
        case "back":
            return say("back")
    return say("lost")


def stage_map(review: Review, edge_id: Ids) -> View | None:
    """Returns the map of the stages, or `None` where deals never went from one to another."""
    course, words = review.work.course, PageWords(review)
    if not course.edges:
        return None
    stops = {stop.stage: stop for stop in course.stops}
    lost = [stage.id for stage in review.playbook.stages if stage.ends == "lost"]
    drawn = draw([stage.id for stage in review.playbook.track], lost, course.edges)
    boxes = []
    for box in drawn.boxes:
        stop, title = stops.get(box.stage, Stop(box.stage, 0, 0, 0)), words.stage(box.stage)
        is_open = review.playbook.stage(box.stage).ends is None
        boxes.append(
            {
                "x": box.x,
                "y": box.y,
                "width": box.width,
                "height": box.height,
                "title": shortened(title, _TITLE),
                "full": title,
                "deals": plural(stop.deals, "deal"),
                "still": f", {say('{number} still there', number=count(stop.last))}"
                if is_open and stop.last
                else "",
                "began": f", {say('{number} began here', number=count(stop.began))}"
                if stop.began and box.y > drawn.boxes[0].y
                else "",
            }
        )
    return {
        "width": drawn.width,
        "height": drawn.height,
        "boxes": boxes,
        "edges": [_drawn(each, words, edge_id) for each in drawn.edges],
        "columns": [
            {
                "x": each.x + each.width / 2,
                "title": shortened(words.stage(each.stage), _HEAD),
                "full": words.stage(each.stage),
            }
            for each in drawn.columns
        ],
        "left_out": drawn.left_out,
    }


def _drawn(each: Drawn, words: PageWords, edge_id: Ids) -> View:
    return {
        **_edge(each.edge, words, edge_id),
        "line": each.line,
        "head": each.head,
        "thick": each.thick,
        "x": each.x,
        "y": each.y,
        "anchor": each.anchor,
        "colour": f"var(--{_COLOURS[each.edge.kind]})",
    }


def edges(review: Review, edge_id: Ids) -> Iterator[View]:
    """Yields the steps from stage to stage, the commonest first."""
    words = PageWords(review)
    for edge in review.work.course.edges[:_MOST]:
        yield _edge(edge, words, edge_id)


def _edge(edge: Edge, words: PageWords, edge_id: Ids) -> View:
    key = edge_key(edge.out_of, edge.into)
    out_of, into = words.stage(edge.out_of), words.stage(edge.into)
    times, share, days = count(edge.times), percent(edge.share), number(edge.days)
    return {
        "id": edge_id(key),
        "key": edge_id.key(key),
        "text": f"{out_of} → {into}",
        "kind": _kind(edge.kind),
        "times": times,
        "share": share,
        "days": days,
        "skips": count(edge.skips) if edge.skips else "",
        "label": f"{share} · {lasting(edge.days)}",
        "said": say(
            "{out_of} to {into}: {times} times, {share} of those that went on, after {days} there "
            "(median)",
            out_of=out_of,
            into=into,
            times=times,
            share=share,
            days=lasting(edge.days),
        ),
    }


def ways(review: Review, way_id: Ids) -> Iterator[View]:
    """Yields the commonest ways that deals went, and what came of it."""
    words = PageWords(review)
    for place, way in enumerate(review.work.ways, 1):
        key = way_key(way.stages)
        yield {
            "id": way_id(key),
            "key": way_id.key(key),
            "text": say("way {number}", number=place),
            "stages": " → ".join(words.stage(stage) for stage in way.stages),
            "deals": count(way.deals),
            "of_all": percent(way.deals / review.work.deals),
            "days": number(way.days),
            "skipped": ", ".join(_skipped(way, words)),
        }


def _skipped(way: Way, words: PageWords) -> Iterator[str]:
    for stage, deals in way.skipped:
        some = "" if deals == way.deals else f" ({count(deals)})"
        yield f"{words.stage(stage)}{some}"
