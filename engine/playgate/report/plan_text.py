"""A plan for people: at a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.plan.impact import Plan
from playgate.report.audit_markdown import section_lines
from playgate.report.audit_text import draw_section
from playgate.report.marked import escaped
from playgate.report.plan_digest import headline, last_line, plan_sections
from playgate.report.words import visible

__all__ = ["render", "render_markdown"]


def render(plan: Plan, *, width: int = 100, colour: bool = False) -> Iterator[str]:
    """The plan in pieces of text."""
    title, line = headline(plan)
    bold = f"\x1b[1m{visible(title)}\x1b[0m" if colour else visible(title)
    yield f"{bold}\n{visible(line)}\n"
    for section in plan_sections(plan):
        yield "\n" + draw_section(section, width=width, colour=colour)
    yield "".join(f"\n{visible(line)}" for line in last_line(plan)) + "\n"


def render_markdown(plan: Plan) -> Iterator[str]:
    """The same as tables."""
    title, line = headline(plan)
    yield f"# {escaped(title)}\n\n{escaped(line)}\n"
    for section in plan_sections(plan):
        yield "\n" + "".join(section_lines(section))
    for line in last_line(plan):
        yield f"\n{escaped(line)}\n"
