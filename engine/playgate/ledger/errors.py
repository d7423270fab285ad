"""What goes wrong with a ledger as a whole, in words for somebody who runs a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playgate.errors import InputError
from playgate.ledger.tables import VERSION

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LedgerError", "damaged", "exists_already", "in_use", "missing", "newer"]


class LedgerError(InputError):
    """Says that the ledger cannot be read or written, so that nothing under way can go on."""


def damaged(path: Path | str, said: str) -> LedgerError:
    """Returns the error that tells of damage."""
    hint = "restore it from a backup; nothing was changed"
    return LedgerError(f"{path} is damaged ({said})", hint=hint, code="ledger-damaged")


def in_use(path: Path | str) -> LedgerError:
    """Returns the error that tells of others who write, after they were waited for."""
    message = f"{path} is in use: nothing was recorded"
    hint = "somebody else has been writing for a minute: try again"
    return LedgerError(message, hint=hint, code="ledger-busy")


def missing(path: Path | str) -> InputError:
    """Returns the error that tells of no ledger."""
    hint = "playgate publish PLAYBOOK starts one; --db or PLAYGATE_DB names another"
    return InputError(f"there is no ledger at {path}", hint=hint, code="no-ledger")


def newer(path: Path | str, version: int) -> InputError:
    """Returns the error that tells of a ledger which a newer playgate wrote."""
    return InputError(
        f"{path} was written by a newer playgate (ledger version {version}, this one knows"
        f" {VERSION})",
        hint="use the newer playgate",
        code="wrong-ledger",
    )


def exists_already(path: Path | str) -> InputError:
    """Returns the error that tells of a ledger where a new one was to be made."""
    return InputError(
        f"{path} is there already",
        hint="who keeps the record is said when a ledger is made, and stays so",
        code="ledger-exists",
    )
