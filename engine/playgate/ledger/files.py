"""Files beside a ledger: read up to a size, or written where nothing is yet."""

from __future__ import annotations

import os
from pathlib import Path

from playgate.errors import InputError

__all__ = ["read_file", "write_new"]


def read_file(path: Path, *, most: int) -> bytes:
    """Returns the bytes of a file; raises `InputError` where it cannot be read, or has more than
    `most`."""
    try:
        with path.open("rb") as stream:
            content = stream.read(most + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", code="cannot-read") from None
    if len(content) > most:
        raise InputError(f"{path} is larger than {most:,} bytes", code="wrong-file")
    return content


def write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Writes a file that is not there yet, so that it outlives a power cut; raises `InputError`
    where it is there."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(handle)
    except FileExistsError:
        hint = "it stays as it is: name another file"
        raise InputError(f"{path} is there already", hint=hint, code="cannot-write") from None
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}", code="cannot-write") from None
