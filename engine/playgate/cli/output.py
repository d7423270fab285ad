"""Where results go: the terminal, a pipe, or a file that is replaced whole."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playgate.cli import door
from playgate.cli.door import is_plain
from playgate.errors import InputError

__all__ = ["colour_wanted", "is_plain", "width", "write", "write_exactly"]

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


def _replace(target: Path, pieces: Iterable[str]) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:200]}.", dir=target.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            stream.writelines(pieces)
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
