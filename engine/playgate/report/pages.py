"""A page for people: a head and tables, at a terminal or as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from playgate.records import Record
from playgate.report.digest import Section
from playgate.report.markdown_text import code, escaped, section_lines
from playgate.report.tables import LIMITS, console, drawn, section_parts
from playgate.report.words import visible

__all__ = ["Head", "markdown_of", "page", "page_markdown", "parts_of"]


class Head(Record):
    """What stands above the tables: a title, the file that it is by, and lines of what was looked
    at."""

    title: str
    file: str
    lines: tuple[str, ...]


def page(
    head: Head, sections: Iterable[Section], *, width: int = 100, colour: bool = False
) -> Iterator[str]:
    """Yields the page in pieces of text; lines are at most `width` wide."""
    drawing = console(width, colour=colour)
    yield drawn(
        drawing,
        Text(visible(head.title, limit=LIMITS["message"]), "bold"),
        Text(visible(head.file)),
        *(Text(visible(line)) for line in head.lines),
    )
    for section in sections:
        yield "\n" + drawn(drawing, *parts_of(section, width))


def parts_of(section: Section, width: int) -> Iterator[RenderableType]:
    """Yields what a table is drawn of; one without rows is its title and its note."""
    if section.rows:
        yield from section_parts(section, width)
        return
    yield Text(visible(section.title, limit=LIMITS["message"]), "bold")
    yield Text(f"  {visible(section.note)}", "dim")


def page_markdown(head: Head, sections: Iterable[Section]) -> Iterator[str]:
    """Yields the page as Markdown, in pieces."""
    yield f"# {escaped(head.title)}\n\n{code(head.file)}\n\n"
    yield "".join(f"{escaped(line)}\n" for line in head.lines)
    for section in sections:
        yield "\n" + markdown_of(section)


def markdown_of(section: Section) -> str:
    """Returns a table as Markdown; one without rows is its title and its note."""
    if section.rows:
        return "".join(section_lines(section))
    return f"## {escaped(section.title)}\n\n{escaped(section.note)}\n"
