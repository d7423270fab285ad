"""`playgate new`: start a playbook from a few answers, or from what a history shows."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from playgate.auditing.reading import problem_lines
from playgate.cli import completing
from playgate.cli.clock import horizon
from playgate.cli.door import tell
from playgate.cli.options import FILE, map_option
from playgate.cli.reading import fill
from playgate.cli.starting import (
    check_name,
    new_folder,
    next_steps,
    refuse_used,
    say_next,
    with_schemas,
)
from playgate.conditions.instants import load_zone
from playgate.drafting.answers import (
    QUESTIONS,
    Answers,
    Question,
    draft_of,
    read_activities,
    read_roles,
    read_stages,
    read_zone,
)
from playgate.drafting.draft import Draft
from playgate.drafting.of_history import draft_of_history
from playgate.drafting.write import cases_text, playbook_text, readme_text
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.spool import Spool
from playgate.history.walk import settled

__all__ = ["command"]

_NAME = Question("What is the playbook called?", "our-sales", check_name)
_SAID = ("name", "approves", "timezone")
"""What can be said of a playbook that a history proposes."""


@click.command("new")
@click.argument("history", nargs=-1, metavar="[HISTORY…]", type=FILE)
@click.option("--name", metavar="NAME", help="The playbook's name (default: our-sales).")
@click.option("--sells", metavar="TEXT", help="What is sold, and to whom.")
@click.option(
    "--stages",
    metavar="LIST",
    help="The stages in order, with commas; won and lost are added where none is named.",
)
@click.option(
    "--do",
    "do",
    multiple=True,
    metavar="STAGE:LIST",
    help="What must be done in a stage before a deal goes on; once for each stage.",
)
@click.option(
    "--fields",
    metavar="LIST",
    help='What must be known before a deal is won: "amount: number EUR, size: small|large".',
)
@click.option("--lost-reasons", metavar="LIST", help="Why deals are lost.")
@click.option("--approves", metavar="LIST", help="The roles that may make exceptions.")
@click.option("--idle", metavar="TIME", help='How long a deal may be silent: "21 days", "none".')
@click.option(
    "--timezone",
    metavar="ZONE",
    shell_complete=completing.zones,
    help="The time zone of days: Europe/Paris.",
)
@click.option(
    "--from-history",
    "first",
    metavar="FILE",
    type=FILE,
    help="Propose the playbook from this history, and those that are named as well.",
)
@map_option
@click.option(
    "--into", "folder", metavar="FOLDER", type=FILE, help="Where to put it (default: ./NAME)."
)
def command(
    history: tuple[str, ...],
    do: tuple[str, ...],
    first: str | None,
    mapping: str | None,
    folder: str | None,
    **given: str | None,
) -> None:
    """Start a playbook from nothing: it, its cases and a README go into a new folder.

    On a terminal it asks what no option says; elsewhere it takes what is usual.
    With --from-history it proposes stages in the order in which deals pass them,
    how they end, fields and activities, each with what was seen as a comment.
    Nothing is ever written over.

    \b
    playgate new
    playgate new --name our-sales --stages "Lead, Demo, Offer" --do "Lead: first call"
    playgate new --name from-crm --from-history deals.csv tasks.csv --map crm.mapping.yaml
    """
    files = (first, *history) if first else ()
    _check_usage(files, history, mapping, given, do)
    ask = _Asker()
    name = ask(_NAME, given["name"])
    target = Path(folder or name)
    refuse_used(target)
    if files:
        approves = ask(QUESTIONS["approves"], given["approves"])
        draft = _proposed(files, mapping, name, approves, given["timezone"])
    else:
        draft = draft_of(_answers(ask, name, given, tuple(_told(do))))
    _write(draft, target, files, mapping)


def _check_usage(
    files: Sequence[str],
    history: Sequence[str],
    mapping: str | None,
    given: Mapping[str, str | None],
    do: Sequence[str],
) -> None:
    if not files and (history or mapping):
        hint = "--from-history FILE"
        raise InputError("a history is read with --from-history", hint=hint, code="usage")
    seen = [key for key, answer in given.items() if key not in _SAID and answer is not None]
    if files and (seen or do):
        message = "--from-history proposes stages, fields and times itself"
        options = ", ".join(
            f"--{key.replace('_', '-')}" for key in (*seen, *(["do"] if do else []))
        )
        raise InputError(message, hint=f"leave out {options}", code="usage")


class _Asker:
    """Asks on a terminal for what was not given; elsewhere the usual answer is taken."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdin.isatty() and sys.stdout.isatty()

    def __call__(self, question: Question, given: str | None) -> str:
        if given is not None or not self._is_terminal:
            answer = question.usual if given is None else given
            question.read(answer)
            return answer

        def checked(answer: str) -> str:
            try:
                question.read(answer)
            except InputError as error:
                raise click.UsageError(f"{error.message}; {error.hint}") from None
            return answer

        has_usual = bool(question.usual)
        said: str = click.prompt(
            question.words, question.usual, show_default=has_usual, value_proc=checked
        )
        return said


def _answers(
    ask: _Asker, name: str, given: Mapping[str, str | None], do: tuple[tuple[str, str], ...]
) -> Answers:
    said: dict[str, str] = {}
    for key, question in QUESTIONS.items():
        said[key] = ask(question, given[key])
        if key == "stages" and not do:
            do = tuple(_asked(ask, said[key]))
    return Answers(name=name, do=do, **said)


def _asked(ask: _Asker, stages: str) -> Iterator[tuple[str, str]]:
    for stage in read_stages(stages):
        if not stage.ends:
            words = f"What must be done in {stage.title} before a deal goes on?"
            yield stage.id, ask(Question(words, "", read_activities), None)


def _told(do: Sequence[str]) -> Iterator[tuple[str, str]]:
    for each in do:
        stage, colon, said = each.partition(":")
        if not colon:
            hint = 'for example: --do "Lead: first call, visit"'
            raise InputError(f'--do "{each}" names no stage', hint=hint, code="wrong-value")
        yield stage.strip(), said


def _proposed(
    files: Sequence[str], mapping: str | None, name: str, approves: str, timezone: str | None
) -> Draft:
    zone_name = read_zone(timezone or QUESTIONS["timezone"].usual)
    zone = load_zone(zone_name)
    assert zone is not None  # noqa: S101  (it was read before)
    with Spool(until=horizon()) as spool:
        problems = fill(spool, files, mapping)
        for line in problem_lines(problems):
            tell(line)

        def deals() -> Iterator[list[Event]]:
            return (each.events for each in settled(spool.deals()))

        return draft_of_history(
            deals, name=name, zone=zone, timezone=zone_name, approvers=read_roles(approves)
        )


def _write(draft: Draft, target: Path, files: Sequence[str], mapping: str | None) -> None:
    more = []
    if files:
        words = ["playgate", "audit", str(target / f"{draft.name}.playbook.yaml"), *files]
        more.append(shlex.join([*words, *(["--map", mapping] if mapping else [])]))
    content = with_schemas(
        {
            f"{draft.name}.playbook.yaml": playbook_text(draft),
            f"{draft.name}.cases.yaml": cases_text(draft),
            "README.md": readme_text(draft, next_steps("", draft.name)),
        }
    )
    new_folder(target, content)
    what = f"{target}/ has the playbook, its cases and a README."
    say_next(what, next_steps(target, draft.name, *more))
