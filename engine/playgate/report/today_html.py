"""Somebody's day as a page, which an e-mail may be, too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from playgate.conditions.instants import load_zone
from playgate.numbers.today_result import Today
from playgate.report.mail_page import mail_page
from playgate.report.numbers_words import head_lines
from playgate.report.today_text import day_heading, today_sections

__all__ = ["render"]


def render(found: Today) -> Iterator[str]:
    """Yields the page in pieces."""
    zone = load_zone(found.basis.timezone) or UTC
    sections = (each for each in today_sections(found, zone) if each.rows or each.note)
    yield from mail_page(day_heading(found), head_lines(found.basis, zone), sections)
