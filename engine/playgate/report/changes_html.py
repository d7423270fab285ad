"""A digest as HTML for an e-mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from playgate.numbers.changes_result import Changes
from playgate.report.changes_sections import heading, sections
from playgate.report.mail_page import mail_page

__all__ = ["render"]


def render(found: Changes, titles: Mapping[str, str]) -> Iterator[str]:
    """Yields the page in pieces."""
    title, lines = heading(found, titles)
    yield from mail_page(title, lines, sections(found, titles))
