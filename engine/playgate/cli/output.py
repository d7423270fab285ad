"""Where results go: the terminal, a pipe, or a file that is replaced whole."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playgate.cli import door
from playgate.cli.door import is_plain
from playgate.errors import InputError

if TYPE_CHECKING:
    from playgate.report.sheet import Book

__all__ = [
    "check_book",
    "colour_wanted",
    "is_plain",
    "width",
    "write",
    "write_book",
    "write_exactly",
]

_WIDEST = 120
_PLAIN_WIDTH = 100


def colour_wanted(output: str | None) -> bool:
    """Returns whether to colour: only on a terminal, and where nobody asked for plain text."""
    return not output and door.colour_wanted(sys.stdout)


def width(output: str | None) -> int:
    """Returns how many characters wide text may be: as the terminal, or a fixed width elsewhere."""
    if output or not sys.stdout.isatty():
        return _PLAIN_WIDTH
    return min(shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns, _WIDEST)


def write_exactly(text: str, output: str | None) -> None:
    """Writes a text that is to be read again, sign by sign; only a terminal gets what it can
    show."""
    if output in (None, "-") and not sys.stdout.isatty():
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        _write([text], output, exactly=True)


def write(pieces: Iterable[str], output: str | None) -> None:
    """Writes to standard output, or to a file that then holds the whole result or is left alone."""
    _write(pieces, output, exactly=False)


def _write(pieces: Iterable[str], output: str | None, *, exactly: bool) -> None:
    if output in (None, "-"):
        door.put(pieces)
        sys.stdout.flush()
        return
    try:
        # A link stays one; what it leads to is replaced.
        target = Path(str(output)).resolve()
        if target.exists() and not target.is_file():
            with target.open("w", encoding="utf-8", newline="") as device:
                door.put(pieces, device)
        else:
            _replace(target, pieces if exactly else door.harmless(pieces))
    except OSError as error:
        raise InputError(f"cannot write {output}: {error.strerror}", code="cannot-write") from None


def check_book(output: str | None) -> None:
    """Raises `InputError` where no workbook can be written, before anything is read."""
    if output in (None, "-"):
        raise InputError("a workbook needs a file", hint="-o FILE.xlsx", code="usage")
    if importlib.util.find_spec("xlsxwriter") is None:
        hint = "pip install 'playgate[sheets]'"
        raise InputError(
            "a workbook needs one more library: xlsxwriter", hint=hint, code="not-installed"
        )


def write_book(book: Book, output: str | None) -> None:
    """Writes a workbook to a file, and tells what did not fit into it."""
    from playgate.report.workbook import write_workbook  # an extra

    try:
        with _replaced(Path(str(output)).resolve()) as name:
            said = write_workbook(book, name)
    except OSError as error:
        raise InputError(f"cannot write {output}: {error.strerror}", code="cannot-write") from None
    for line in said:
        door.tell(f"note: {line}")


def _replace(target: Path, pieces: Iterable[str]) -> None:
    with _replaced(target) as name, open(name, "w", encoding="utf-8", newline="") as stream:
        stream.writelines(pieces)


@contextmanager
def _replaced(target: Path) -> Iterator[Path]:
    """Gives a new file that takes the target's place at the end, and is gone where that fails."""
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:200]}.", dir=target.parent)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
