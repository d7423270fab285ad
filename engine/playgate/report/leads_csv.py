"""Lists of prospects as CSV: the rows of the list, with what was found beside them."""

from __future__ import annotations

from collections.abc import Iterator

from playgate.leads.result import Lead, LeadsResult, Match
from playgate.report.csv_text import csv_pieces

__all__ = ["render"]

_COLUMNS = ("place", "rank", "status", "rep", "why", "missing", "known", "fits", "fit", "segment")


def render(result: LeadsResult, rep: str = "") -> Iterator[str]:
    """Yields a header and the rows of the head's list, or of a rep's."""
    leads = [lead for lead in result.leads if rep in ("", lead.rep)]
    names = dict.fromkeys(name for lead in leads for name in lead.cells)
    columns = [f"list_{name}" if name in _COLUMNS else name for name in names]
    yield from csv_pieces((*_COLUMNS, *columns), (_row(lead, tuple(names)) for lead in leads))


def _row(lead: Lead, names: tuple[str, ...]) -> tuple[str, ...]:
    return (
        lead.place,
        "" if lead.rank is None else str(lead.rank),
        lead.status,
        lead.rep,
        lead.why,
        ", ".join(lead.missing),
        "; ".join(map(_known, lead.matches)),
        ", ".join(lead.fits),
        f"{lead.fit:.2f}",
        lead.segment,
        *(lead.cells.get(name, "") for name in names),
    )


def _known(match: Match) -> str:
    whose = f" of {match.rep}" if match.rep else ""
    return f"{match.kind} {match.of}{whose} by {'+'.join(match.by)} ({match.likeness:.0f})"
