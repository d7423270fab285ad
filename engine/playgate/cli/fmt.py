"""`playgate fmt`: playbooks, and what stands beside them, in one layout."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from playgate.cli.door import put
from playgate.cli.errors import CLEAN, FINDINGS
from playgate.cli.options import FILE
from playgate.cli.output import write_exactly
from playgate.documents.yaml12 import MAX_BYTES, read_bytes
from playgate.errors import InputError

__all__ = ["command"]

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""A line as patches know it; Python breaks lines at other signs, too."""


@click.command("fmt")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=FILE)
@click.option("--check", is_flag=True, help="Change nothing; exit status 1 where something would.")
@click.option("--diff", is_flag=True, help="Change nothing; show what would, as a patch.")
def command(files: tuple[str, ...], check: bool, diff: bool) -> int:
    """Lay out playbooks, mappings, cases, pay and leads: one order of keys, one way of quoting.

    What a file says stays the same, comments included. With - as FILE, standard input is laid out
    on standard output.

    Exit status: 0 done, or nothing to do; 1 something would change (--check, --diff); 2 wrong
    input.

    \b
    playgate fmt bank-sales.yaml
    playgate fmt --check --diff playbooks/*.yaml
    """
    wrong: list[InputError] = []
    changed = False
    for file in files:
        try:
            changed |= _lay_out(file, check=check, diff=diff)
        except InputError as error:
            wrong.append(error)
    if wrong:
        raise _together(wrong)
    return FINDINGS if changed and (check or diff) else CLEAN


def _lay_out(file: str, *, check: bool, diff: bool) -> bool:
    """Lays out one file and returns whether that changes it."""
    from playgate.documents.tidy import tidy

    content = sys.stdin.buffer.read(MAX_BYTES + 1) if file == "-" else read_bytes(Path(file))
    found = tidy(content, file)
    changed = found != content
    if diff:
        write_exactly("".join(_patch(content, found, file)), None)
    if check and not diff:
        put([f"{file}: {'would change' if changed else 'as it should be'}", "\n"])
    if not check and not diff:
        if file == "-":
            write_exactly(found.decode(), None)
        else:
            if changed:
                write_exactly(found.decode(), file)
            put([f"{file}: {'changed' if changed else 'as it should be'}", "\n"])
    return changed


def _patch(content: bytes, found: bytes, file: str) -> Iterator[str]:
    old, new = (_LINE.findall(each.decode()) for each in (content, found))
    for line in difflib.unified_diff(old, new, file, file):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _together(wrong: list[InputError]) -> InputError:
    """Returns all that stopped as one error."""
    first, *others = wrong
    if all(error.mistakes for error in wrong):
        return InputError(mistakes=[each for error in wrong for each in error.mistakes])
    return InputError(several=wrong, code=first.code) if others else first
