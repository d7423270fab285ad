"""`playgate digest`: what changed since the last time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from playgate.cli.digest_state import read_state, write_state
from playgate.cli.language import lang_option
from playgate.cli.numbers import CountedHistory, inputs, opened, refuse_counted
from playgate.cli.options import FILE, output_option, strict_option
from playgate.cli.output import colour_wanted, width, write
from playgate.cli.requests import db_path
from playgate.cli.when import instant_of
from playgate.conditions.instants import DAY, show_instant
from playgate.errors import InputError
from playgate.ledger.rows import WaiverRequestRow
from playgate.ledger.store import Ledger

if TYPE_CHECKING:
    from playgate.numbers.changes_result import Changes

__all__ = ["command"]

_FIRST = 7 * DAY
"""How far back the first digest looks where nothing says when the last one was."""


@click.command("digest")
@inputs
@click.option(
    "--since",
    metavar="LAST",
    help="Up to when the last one told: an instant, or a date, which means that day's end.",
)
@click.option(
    "--state",
    metavar="FILE",
    type=FILE,
    help="Remember here up to when was told, and go on from there (at first, the last 7 days).",
)
@click.option(
    "--for",
    "readers",
    default="manager",
    show_default=True,
    metavar="WHOM",
    help="manager (everything), manager=NAME (whom they lead), team=NAME or rep=NAME.",
)
@strict_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "html", "json"]),
    default="text",
    help="How to show it; html is for an e-mail.",
)
@lang_option
@output_option
def command(
    since: str | None, state: str | None, readers: str, form: str, output: str | None, **given: Any
) -> None:
    """Tell what changed since the last time: new findings, what falls due within a week, alarms,
    waivers, deals that moved, what was made good. Where nothing did, nothing is written.

    \b
    playgate digest bank-sales.yaml history.csv --people people.csv --since 2026-10-02
    playgate digest --db playgate.db --state told.json --for team=Lyon --format html -o lyon.html
    """
    if since is None and state is None:
        hint = "--since 2026-03-31, or --state FILE, which remembers"
        raise InputError("a digest needs to know since when", hint=hint, code="usage")
    from playgate.numbers.changes import changes

    with opened(period="", **given) as source:
        playbook = source.playbook
        last = instant_of("--since", since, playbook.zone, end=True)
        if last is None and state is not None:
            last = read_state(state, playbook.name, readers)
        requests = _requests(given["db"])
        last, until = _span(last, source, requests)
        found = changes(
            playbook,
            source.history,
            people=source.people,
            since=last,
            as_of=until,
            readers=readers,
            problems=source.problems,
            rates=source.rates,
            requests=requests,
        )
    refuse_counted(found.basis.problems, strict=given["strict"])
    titles = {stage.id: stage.title for stage in playbook.stages}
    write(_render(found, titles, form, output), output)
    if state is not None and found.basis.as_of is not None:
        write_state(state, playbook.name, readers, found.basis.as_of)


def _span(
    last: int | None, source: CountedHistory, requests: Sequence[WaiverRequestRow]
) -> tuple[int, int | None]:
    """Returns after which instant, and up to which, is told: where nobody says until when, up to
    the latest event or request, and where none came since, up to the last time again."""
    until = source.as_of
    if until is None:
        asked = (at for row in requests for at in (row.at, row.answered_at))
        known = (source.history.latest, last, *asked)
        until = max((at for at in known if at is not None), default=None)
    if last is None:
        return (until or 0) - _FIRST, until
    if until is not None and last > until:
        zone = source.playbook.zone
        raise InputError(
            f"--as-of is {show_instant(until, zone)}, and the last digest told up to "
            f"{show_instant(last, zone)}",
            hint="name a later instant",
            code="wrong-value",
        )
    return last, until


def _requests(db: str | None) -> Sequence[WaiverRequestRow]:
    if db is None:
        return ()
    with Ledger.open(db_path(db), reading=True) as ledger:
        return list(ledger.waiver_requests.all(open_only=False))


def _render(
    found: Changes, titles: Mapping[str, str], form: str, output: str | None
) -> Iterator[str]:
    """Yields the digest; JSON is for programs, which want it where there is nothing to tell,
    too."""
    if form == "json":
        from playgate.report import changes_json

        return changes_json.render(found)
    if found.is_empty:
        return iter(())
    if form == "html":
        from playgate.report import changes_html

        return changes_html.render(found, titles)
    from playgate.report import changes_text

    if form == "markdown":
        return changes_text.render_markdown(found, titles)
    colour = colour_wanted(output)
    return changes_text.render(found, titles, width=width(output), colour=colour)
