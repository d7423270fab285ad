"""The way in: the quick path for the commands that a CRM calls all day, else the whole group."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Mapping

from playgate.cli.errors import guarded

__all__ = ["main", "start"]


def start() -> None:
    """Runs the command line, which is all that this process does, and exits with its status."""
    ended: list[int] = []
    atexit.register(_leave, ended)  # the first to be registered is the last to be called
    ended.append(guarded(_run, _settings))
    sys.exit(ended[0])


def main() -> None:
    """Runs the command line and exits with its status; the caller may go on."""
    sys.exit(guarded(_run, _settings))


def _leave(ended: list[int]) -> None:
    """Leaves without taking apart what ends with the process anyway: a tenth of the time of a
    live command, and of a short audit by Ibis."""
    if not ended:
        return
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        return  # the interpreter says what is wrong
    os._exit(ended[0])


def _settings(name: str, words: list[str]) -> Mapping[str, object]:
    """Returns the settings of a command; the quick path runs only where there are none."""
    if "playgate.cli.group" not in sys.modules:
        return {}
    from playgate.cli.group import settings_of

    return settings_of(name, words)


def _run() -> object:
    from playgate.cli.quick import quick

    status = quick(sys.argv[1:])
    if status is not None:
        return status
    from playgate.cli.group import playgate

    if "_PLAYGATE_COMPLETE" in os.environ:
        from playgate.cli import completion  # noqa: F401  (it says how bash is answered)

    return playgate.main(prog_name="playgate", standalone_mode=False)


if __name__ == "__main__":
    start()
