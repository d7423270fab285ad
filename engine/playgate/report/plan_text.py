"""A plan for people: at a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.plan.impact import Plan
from playgate.report.markdown_text import escaped, section_lines
from playgate.report.plan_digest import headline, last_line, plan_sections
from playgate.report.tables import console, drawn, section_parts
from playgate.report.words import visible

__all__ = ["render", "render_markdown"]


def render(plan: Plan, *, width: int = 100, colour: bool = False) -> Iterator[str]:
    """Yields the plan in pieces of text."""
    title, line = headline(plan)
    bold = f"\x1b[1m{visible(title)}\x1b[0m" if colour else visible(title)
    yield f"{bold}\n{visible(line)}\n"
    drawing = console(width, colour=colour)
    for section in plan_sections(plan):
        yield "\n" + drawn(drawing, *section_parts(section, width))
    yield "".join(f"\n{visible(line)}" for line in last_line(plan)) + "\n"


def render_markdown(plan: Plan) -> Iterator[str]:
    """Yields the plan as Markdown tables."""
    title, line = headline(plan)
    yield f"# {escaped(title)}\n\n{escaped(line)}\n"
    for section in plan_sections(plan):
        yield "\n" + "".join(section_lines(section))
    for line in last_line(plan):
        yield f"\n{escaped(line)}\n"
