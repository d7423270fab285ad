"""Where results go: the terminal, a pipe, or a file that is replaced whole."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from playgate.errors import InputError

__all__ = ["colour_wanted", "is_plain", "width", "write"]

_WIDEST = 120
_PLAIN_WIDTH = 100


def is_plain(stream: TextIO) -> bool:
    """Returns whether the stream takes lines of text alone: it is no terminal, or one that knows no
    more."""
    return os.environ.get("TERM") == "dumb" or not stream.isatty()


def colour_wanted(output: str | None) -> bool:
    """Returns whether to colour: only on a terminal, and where nobody asked for plain text."""
    return not (output or os.environ.get("NO_COLOR") or is_plain(sys.stdout))


def width(output: str | None) -> int:
    """Returns how many characters wide text may be: as the terminal, or a fixed width elsewhere."""
    if output or not sys.stdout.isatty():
        return _PLAIN_WIDTH
    return min(shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns, _WIDEST)


def write(pieces: Iterable[str], output: str | None) -> None:
    """Writes to standard output, or to a file that then holds the whole result or is left alone."""
    if output in (None, "-"):
        stream = sys.stdout
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        return
    try:
        # A link stays one; what it leads to is replaced.
        target = Path(str(output)).resolve()
        if target.exists() and not target.is_file():
            with target.open("w", encoding="utf-8", newline="") as device:
                device.writelines(pieces)
        else:
            _replace(target, pieces)
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
