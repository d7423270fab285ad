"""What lint found, kept by the content of the file: safe to delete, never trusted blindly.

An entry counts only for the same bytes, the same playgate and the same schemas; one that is
damaged, or that somebody else could have written, is ignored.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any

from playgate.documents.shipped import shipped
from playgate.errors import Mistake, Place
from playgate.playbook.country_holidays import library
from playgate.records import Record
from playgate.version import __version__

__all__ = ["Cache"]

_MAX_ENTRIES = 500
_LARGEST = 4 * 1024 * 1024


class Cache(Record):
    """A folder of lint results; without a folder it keeps and knows nothing."""

    folder: Path | None

    @classmethod
    def open(cls, *, wanted: bool = True) -> Cache:
        """Opens the user's cache (`PLAYGATE_CACHE`, else under `XDG_CACHE_HOME` or `~/.cache`)."""
        if not wanted:
            return cls(None)
        chosen = os.environ.get("PLAYGATE_CACHE")
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        folder = Path(chosen) if chosen else Path(base) / "playgate"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            return cls(None)
        return cls(folder if _is_ours(folder) else None)

    def mistakes(self, content: bytes, file: str, *, proven: bool = False) -> list[Mistake] | None:
        """Returns what was found in these bytes before, or `None` where that is not known.

        With `proven`, an entry counts only if it has all that lint proves, which loading a playbook
        does not need.
        """
        if self.folder is None:
            return None
        path = self.folder / _name(content)
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST or not _is_ours(path):
                return None
            entry = json.loads(path.read_bytes())
            body = entry["body"]
            if entry["sum"] != _sum(body) or (proven and entry.get("proven") is not True):
                return None
            return [_read(each, file) for each in body]
        except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError):
            return None  # damaged, or not written by us: it is found anew

    def keep_mistakes(
        self, content: bytes, mistakes: list[Mistake], *, proven: bool = False
    ) -> None:
        """Keeps what was found; where that cannot be done nothing is lost."""
        if self.folder is None:
            return
        body = [_write(mistake) for mistake in mistakes]
        entry = json.dumps({"sum": _sum(body), "proven": proven, "body": body})
        try:
            if len(os.listdir(self.folder)) > _MAX_ENTRIES:
                for old in self.folder.glob("*.json"):
                    old.unlink(missing_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder)
            with open(handle, "w", encoding="utf-8") as stream:
                stream.write(entry)
            os.replace(name, self.folder / _name(content))
        except OSError:
            return


def _name(content: bytes) -> str:
    digest = hashlib.sha256(__version__.encode())
    for schema in ("playbook", "common", "mapping", "cases"):
        # The engine's code changes with the version; a checkout's schema may change without it.
        digest.update(str(shipped("schemas", f"{schema}.schema.json").stat().st_mtime_ns).encode())
    if (
        b"country" in content
    ):  # what a library knows, or that it is missing, may be in what is found
        digest.update(library().encode())
    digest.update(content)
    return digest.hexdigest() + ".json"


def _sum(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _is_ours(path: Path) -> bool:
    """Returns whether only this user can have written it."""
    if sys.platform == "win32":
        return True
    status = path.stat()
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(mistake: Mistake) -> list[Any]:
    related = mistake.related
    return [
        mistake.place.line,
        mistake.place.column,
        mistake.message,
        mistake.rule,
        mistake.hint,
        mistake.level,
        [related.line, related.column] if related else None,
    ]


def _read(entry: list[Any], file: str) -> Mistake:
    line, column, message, rule, hint, level, related = entry
    if level not in ("error", "warning") or not all(
        isinstance(text, str) for text in (message, rule, hint)
    ):
        raise ValueError(level)
    return Mistake(
        Place(file, int(line), int(column)),
        message,
        rule,
        hint,
        level,
        Place(file, int(related[0]), int(related[1])) if related else None,
    )
