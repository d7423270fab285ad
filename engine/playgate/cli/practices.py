"""`playgate practices`: what deals that were won had done before a landmark, and others had not."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click

from playgate.auditing.reading import problem_lines, refuse_problems
from playgate.cli.clock import horizon
from playgate.cli.door import put, tell
from playgate.cli.language import lang_option
from playgate.cli.numbers import refuse_counted, show_or_book
from playgate.cli.options import (
    FILE,
    FORMS_AND_BOOK,
    as_of_option,
    form_of,
    map_option,
    output_option,
    people_option,
    strict_option,
)
from playgate.cli.output import check_book
from playgate.cli.reading import fill, progress_bar
from playgate.cli.when import instant_of
from playgate.documents.document import nearest
from playgate.documents.tidy import tidy
from playgate.documents.yaml12 import read_bytes
from playgate.drafting.of_history import draft_of_history
from playgate.drafting.write import playbook_text
from playgate.errors import InputError
from playgate.history.event import how_many
from playgate.history.people import read_people
from playgate.history.spool import Spool
from playgate.history.walk import settled
from playgate.model.numbers import LOOKS, Look, Numbers, Practising
from playgate.model.playbook import Playbook
from playgate.numbers.history import no_events
from playgate.playbook.load import load_whole
from playgate.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playgate.history.event import Event

__all__ = ["command"]

_PLAYBOOKS = (".yaml", ".yml")


@click.command("practices")
@click.argument("files", nargs=-1, metavar="[PLAYBOOK] HISTORY…", type=FILE, required=True)
@map_option
@people_option
@as_of_option
@click.option(
    "--outcome",
    metavar="KPI",
    help="The ratio whose `to` is the outcome [default: the playbook's, else the sale].",
)
@click.option(
    "--landmark",
    metavar="STAGE",
    help="Only what was done by the entry into this stage counts [default: the playbook's, else"
    " the one in the middle].",
)
@click.option(
    "--look",
    multiple=True,
    type=click.Choice(LOOKS),
    help="What to look at; may be repeated [default: all].",
)
@click.option(
    "--write",
    "target",
    metavar="FILE",
    type=FILE,
    help="Start a new playbook from this history, with what was found.",
)
@strict_option
@form_of(FORMS_AND_BOOK)
@lang_option
@output_option
def command(
    files: tuple[str, ...],
    mapping: str | None,
    people_file: str | None,
    as_of: str | None,
    outcome: str | None,
    landmark: str | None,
    look: tuple[Look, ...],
    target: str | None,
    strict: bool,
    form: str,
    output: str | None,
) -> None:
    """Find what deals with the outcome had done before a landmark, and others had not: looked for
    in one half of the deals, tried again in the other.

    Without a PLAYBOOK, its stages and names are those that the history shows. What is found is
    printed as rules to paste under `sequence`, at level observe.

    \b
    playgate practices bank-sales.yaml history.csv --people people.csv --landmark proposal
    playgate practices deals.csv --map crm.mapping.yaml --write new.playbook.yaml
    """
    # Only here: it imports scipy, which help and completion can do without.
    from playgate.numbers.practices.learn import practices

    if form == "xlsx":
        check_book(output)
    given, history = (files[0], files[1:]) if files[0].endswith(_PLAYBOOKS) else (None, files)
    if not history:
        hint = "playgate practices [PLAYBOOK] HISTORY…"
        raise InputError("practices are looked for in a history", hint=hint, code="usage")
    loaded = load_whole(read_bytes(Path(given)), given) if given else None
    if loaded:
        _wanted(loaded[0], outcome, landmark, look)
    with Spool(until=horizon()) as spool:
        instant = instant_of("--as-of", as_of, loaded[0].zone if loaded else UTC, end=True)
        problems = fill(spool, history, mapping, as_of=instant)
        people = read_people(people_file, problems.append) if people_file else None
        if strict:
            refuse_problems(problems)
        latest = spool.latest if instant is None else instant
        if latest is None:
            raise no_events()
        drafted = b"" if loaded and not target else _drafted(spool, target)
        playbook, document = loaded or load_whole(drafted, "the history")
        wanted = _wanted(playbook, outcome, landmark, look)
        with progress_bar("looking", 2 * spool.events) as progress:
            found = practices(
                playbook,
                document,
                spool,
                wanted=wanted,
                people=people,
                as_of=latest,
                problems=how_many(problems),
                progress=progress,
            )
    refuse_counted(found.basis.problems, strict=strict)
    if not loaded:
        for line in problem_lines(problems):
            tell(line)
    if target:
        from playgate.report.practices_text import written

        text = drafted.decode() + "".join(written(found))
        _write(Path(target), tidy(text.encode(), target).decode())
        put([f"{target} has the stages of this history, and what was found.", "\n"])
    show_or_book(found, form, output)


def _wanted(
    playbook: Playbook, outcome: str | None, landmark: str | None, look: tuple[Look, ...]
) -> Practising:
    """Returns what to look at: what was asked for, else what the playbook says."""
    numbers = playbook.numbers or Numbers()
    ratios = [kpi.id for kpi in numbers.kpis if kpi.kind == "ratio"]
    if outcome is not None and outcome not in ratios:
        raise InputError(
            f'--outcome: "{outcome}" is no KPI that is a ratio',
            hint=nearest(outcome, ratios) or "declare one under kpis; without it the sale counts",
            code="unknown-name",
        )
    between = [stage.id for stage in playbook.track if stage.ends is None][1:]
    if landmark is not None and landmark not in between:
        raise InputError(
            f'--landmark: "{landmark}" is no stage between the first and an end',
            hint=nearest(landmark, between) or f"fitting: {', '.join(between) or 'none'}",
            code="unknown-name",
        )
    own = numbers.practices or Practising()
    return replace(
        own,
        outcome=own.outcome if outcome is None else outcome,
        landmark=own.landmark if landmark is None else landmark,
        look=look or own.look,
    )


def _drafted(spool: Spool, target: str | None) -> bytes:
    """Returns the playbook that the history proposes."""

    def deals() -> Iterator[list[Event]]:
        return (each.events for each in settled(spool.deals()))

    name = Path(target or "history").name.partition(".")[0] or "history"
    return playbook_text(draft_of_history(deals, name=name, zone=UTC, timezone="UTC"))


def _write(target: Path, text: str) -> None:
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(
            f"{target} is there already", hint="choose another name", code="cannot-write"
        ) from None
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}", code="cannot-write") from None
