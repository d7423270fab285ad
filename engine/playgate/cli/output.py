"""Where results go: the terminal, a pipe, or a file that is replaced whole."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playgate.errors import InputError

__all__ = ["colour_wanted", "width", "write"]

_WIDEST = 120
_PLAIN_WIDTH = 100


def colour_wanted(output: str | None) -> bool:
    """Whether to colour: a terminal, no file, and nobody asked for plain text."""
    if output or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()


def width(output: str | None) -> int:
    """How wide text may be: the terminal's width, or a fixed one elsewhere."""
    if output or not sys.stdout.isatty():
        return _PLAIN_WIDTH
    return min(shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns, _WIDEST)


def write(pieces: Iterable[str], output: str | None) -> None:
    """Write to standard output, or to a file that holds the whole result or is left alone."""
    if output in (None, "-"):
        stream = sys.stdout
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        return
    target = Path(str(output))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with open(handle, "w", encoding="utf-8", newline="") as stream:
                stream.writelines(pieces)
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
