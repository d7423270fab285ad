"""A folder of pages, of which none takes the place of a file that playgate did not write."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from playgate.cli.output import write
from playgate.errors import InputError

__all__ = ["check_folder", "refuse_others", "write_pages"]

_HEAD = 4096


def check_folder(folder: str) -> None:
    """Raises `InputError` where no folder can be, before anything is counted."""
    target = Path(folder)
    if folder == "-" or (target.exists() and not target.is_dir()):
        hint = "name a folder with -o"
        raise InputError(f"{folder} is no folder", hint=hint, code="cannot-write")


def write_pages(pages: Iterable[tuple[str, Iterable[str]]], folder: str) -> None:
    """Writes pages, each under its name, into a folder, which is made where there is none."""
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, pieces in pages:
            write(pieces, str(target / name))
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror}", code="cannot-write") from None


def refuse_others(names: Iterable[str], folder: str, *, mark: str) -> None:
    """Raises `InputError` where one of the names is that of a file without the mark."""
    try:
        for file in (Path(folder) / name for name in names):
            if file.exists() and not _is_ours(file, mark):
                raise InputError(
                    f"{file} is there already, and playgate did not write it",
                    hint="choose another folder, or let it be replaced with --force",
                    code="cannot-write",
                )
    except OSError as error:
        raise InputError(f"cannot read {folder}: {error.strerror}", code="cannot-read") from None


def _is_ours(file: Path, mark: str) -> bool:
    if not file.is_file():
        return False
    with file.open(encoding="utf-8", errors="replace") as stream:
        return mark in stream.read(_HEAD)
