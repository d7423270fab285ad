"""One table of exit statuses, and the one place where errors become messages."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable

from playgate import __version__
from playgate.errors import InputError

__all__ = ["BUG", "CLEAN", "FINDINGS", "WRONG", "ReaderGoneError", "guarded"]

CLEAN, FINDINGS, WRONG, BUG = 0, 1, 2, 3
_INTERRUPTED = 130
_BROKEN_PIPE = 141


class ReaderGoneError(Exception):
    """Says that whoever read the output has gone, so that nothing is left to say."""


def guarded(run: Callable[[], object]) -> int:
    """Runs a command and turns whatever stops it into a message and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = run()
        return status if isinstance(status, int) else CLEAN
    except InputError as error:
        _say_input(error)
        return WRONG
    except KeyboardInterrupt:
        _say("stopped")
        return _INTERRUPTED
    except (BrokenPipeError, ReaderGoneError):
        _drop_output()
        return _BROKEN_PIPE
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            _say_bug()
            return BUG
        _drop_output()
        _say(f"error: cannot write: {error.strerror}")
        return WRONG
    except MemoryError:
        _say("error: out of memory")
        return WRONG
    except Exception as error:
        return _other(error)


def _drop_output() -> None:
    """Drops what was not written yet, so that nothing fails at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _other(error: Exception) -> int:
    """Returns the status for what the command-line library stops with; anything else is a bug."""
    if type(error).__module__.startswith("click."):
        import click

        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            _say(error.format_message())
            return WRONG
        if isinstance(error, click.ClickException):
            error.show()
            return WRONG
        if isinstance(error, click.exceptions.Exit):
            return error.exit_code
        if isinstance(error, click.Abort):
            _say("stopped")
            return _INTERRUPTED
    _say_bug()
    return BUG


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _say_input(error: InputError) -> None:
    if error.mistakes:
        from playgate.report.mistakes import render_text

        files = sorted({mistake.place.file for mistake in error.mistakes})
        colour = sys.stderr.isatty() and not (
            os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        )
        for line in render_text(error.mistakes, files=files, colour=colour):
            sys.stderr.write(line)
        return
    from playgate.report.words import visible

    _say("error: " + "\n".join(map(visible, error.message.split("\n"))))
    if error.hint:
        _say(f"  hint: {visible(error.hint)}")


def _say_bug() -> None:
    """Keeps what is needed to mend it in a log, and says where that is."""
    import tempfile
    import traceback

    kind = sys.exc_info()[0]
    name = kind.__name__ if kind else "error"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="playgate-bug-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.write(f"playgate {__version__}, Python {sys.version}\n\n")
            traceback.print_exc(file=log)
        where = f"the log to send with a report: {log.name}"
    except OSError:
        where = "and no log could be written"
    _say(f"playgate has a bug ({name}); {where}")
