"""`playgate lint`: every mistake in playbooks and mappings, with its place and a hint."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from playgate.cli.cache import Cache
from playgate.cli.check_file import check_file, check_roles
from playgate.cli.errors import CLEAN, FINDINGS, WRONG
from playgate.cli.options import FILE, output_option
from playgate.cli.output import colour_wanted, write
from playgate.errors import InputError, Mistake
from playgate.playbook.beside import kind_of, plans_beside
from playgate.playbook.use import says_use

__all__ = ["command"]

_MOST = 2 * 1024 * 1024
"""Beyond this the check says that the file is too large; so no more is read."""


@click.command("lint")
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK…", type=FILE)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "junit"]),
    default="text",
    help="How to show the result.",
)
@output_option
@click.option("--strict", is_flag=True, help="Let warnings count: exit status 1.")
@click.option(
    "--people",
    "people_file",
    metavar="FILE",
    type=FILE,
    help="Who is who: roles that nobody has are shown, too.",
)
@click.option("--no-cache", is_flag=True, help="Check anew even what has not changed.")
def command(
    playbooks: tuple[str, ...],
    form: str,
    output: str | None,
    strict: bool,
    people_file: str | None,
    no_cache: bool,
) -> int:
    """Show every mistake in playbooks (mappings, cases, pay, leads), with its place and a hint.

    Exit status: 0 clean (warnings allowed), 1 warnings with --strict, 2 mistakes.

    \b
    playgate lint bank-sales.yaml
    playgate lint bank-sales.yaml --people people.csv --strict
    playgate lint playbooks/*.yaml --format sarif -o lint.sarif
    """
    cache = Cache.open(wanted=not no_cache)
    mistakes: list[Mistake] = []
    checked: list[str] = []
    unread: list[InputError] = []
    for file in playbooks:
        try:
            mistakes += _lint(file, cache, people_file)
            checked.append(file)
        except InputError as error:
            unread.append(error)
    if checked and not (unread and form == "json"):  # one document is written, whatever it tells
        mistakes = list(dict.fromkeys(mistakes))  # what several playbooks use is told once
        _render(mistakes, tuple(checked), form, output)
    if unread:
        raise unread[0] if len(unread) == 1 else InputError(several=unread, code=unread[0].code)
    if any(mistake.level == "error" for mistake in mistakes):
        return WRONG
    return FINDINGS if strict and mistakes else CLEAN


def _lint(file: str, cache: Cache, people: str | None) -> list[Mistake]:
    content = _read(file)
    if kind_of(file):
        return check_file(content, file)
    # What plans beside it speak of is used, too.
    stands_alone = not says_use(content) and not plans_beside(Path(file))
    kept = cache if stands_alone else Cache(None)
    found = kept.mistakes(content, file, proven=True)
    if found is None:
        found = check_file(content, file)
        kept.keep_mistakes(content, found, proven=True)
    if people is None:
        return found
    return sorted([*found, *check_roles(content, file, people)], key=lambda each: each.place)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(_MOST + 1)
    try:
        with Path(file).open("rb") as stream:
            return stream.read(_MOST + 1)
    except IsADirectoryError:
        raise InputError(
            f"{file} is a folder", hint="name a YAML file", code="wrong-file"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}", code="cannot-read") from None


def _render(mistakes: list[Mistake], files: tuple[str, ...], form: str, output: str | None) -> None:
    if form == "text" and not mistakes:
        write([f"{file}: no mistakes\n" for file in files], output)
        return
    from playgate.report import mistakes as report

    match form:
        case "json":
            write(report.render_json(mistakes, files=files), output)
        case "sarif":
            write(report.render_sarif(mistakes, files=files), output)
        case "junit":
            write(report.render_junit(mistakes, files=files), output)
        case _:
            colour = colour_wanted(output)
            write(report.render_text(mistakes, files=files, colour=colour), output)
