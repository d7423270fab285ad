"""The way in: the quick path for the commands that a CRM calls all day, else the whole group."""

from __future__ import annotations

import os
import sys

from playgate.cli.errors import guarded

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its status."""
    sys.exit(guarded(_run))


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
    main()
