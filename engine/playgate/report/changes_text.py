"""A digest for people: at a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.text import Text

from playgate.numbers.changes_result import Changes
from playgate.report.changes_sections import heading, sections
from playgate.report.markdown_text import escaped
from playgate.report.pages import markdown_of, parts_of
from playgate.report.tables import LIMITS, console, drawn
from playgate.report.words import visible

__all__ = ["render", "render_markdown"]


def render(
    found: Changes, titles: Mapping[str, str], *, width: int = 100, colour: bool = False
) -> Iterator[str]:
    """Yields the digest in pieces of text; lines are at most `width` wide."""
    drawing = console(width, colour=colour)
    title, lines = heading(found, titles)
    yield drawn(
        drawing,
        Text(visible(title, limit=LIMITS["message"]), "bold"),
        *(Text(visible(line)) for line in lines),
    )
    for section in sections(found, titles):
        yield "\n" + drawn(drawing, *parts_of(section, width))


def render_markdown(found: Changes, titles: Mapping[str, str]) -> Iterator[str]:
    """Yields the digest as Markdown, in pieces."""
    title, lines = heading(found, titles)
    yield f"# {escaped(title)}\n\n"
    yield "".join(f"{escaped(line)}\n" for line in lines)
    for section in sections(found, titles):
        yield "\n" + markdown_of(section)
