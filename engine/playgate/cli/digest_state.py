"""A small file that remembers up to when a digest told, for each of its readers."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any

from playgate.cli.output import write_exactly
from playgate.conditions.instants import read_instant, show_instant
from playgate.errors import InputError

__all__ = ["read_state", "write_state"]

_VERSION = 1


def read_state(path: str, playbook: str, readers: str) -> int | None:
    """Returns up to when these readers were told; `None` where they never were."""
    told = _told(path, playbook).get(readers)
    if told is None:
        return None
    last = read_instant(told, UTC) if isinstance(told, str) else None
    if last is None:
        raise _damaged(path)
    return last


def write_state(path: str, playbook: str, readers: str, at: int) -> None:
    """Remembers up to when these readers are told; the file is replaced whole."""
    told = _told(path, playbook) | {readers: show_instant(at)}
    state = {"digest": _VERSION, "playbook": playbook, "told": dict(sorted(told.items()))}
    write_exactly(json.dumps(state, indent=2, ensure_ascii=False) + "\n", path)


def _told(path: str, playbook: str) -> dict[str, Any]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", code="cannot-read") from None
    except UnicodeDecodeError:
        raise _damaged(path) from None
    try:
        state = json.loads(text)
    except (ValueError, RecursionError):
        raise _damaged(path) from None
    if not isinstance(state, dict) or state.get("digest") != _VERSION:
        raise _damaged(path)
    if state.get("playbook") != playbook:
        raise InputError(
            f'{path} is of playbook "{state.get("playbook")}", not of "{playbook}"',
            hint="keep a file for each playbook",
            code="wrong-file",
        )
    told = state.get("told")
    if not isinstance(told, dict):
        raise _damaged(path)
    return told


def _damaged(path: str) -> InputError:
    hint = "name another file, or say --since"
    return InputError(f"{path} does not say when the last digest was", hint=hint, code="wrong-file")
