"""One table of exit statuses, and the one place where errors become messages."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import traceback

import click

from playgate import __version__
from playgate.errors import InputError

__all__ = ["BUG", "CLEAN", "FINDINGS", "WRONG", "guarded"]

CLEAN, FINDINGS, WRONG, BUG = 0, 1, 2, 3
_INTERRUPTED = 130
_BROKEN_PIPE = 141


def guarded(command: click.Command) -> int:
    """Run a command and turn whatever stops it into a message and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = command.main(prog_name="playgate", standalone_mode=False)
        return status if isinstance(status, int) else CLEAN
    except InputError as error:
        _say_input(error)
        return WRONG
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return WRONG
    except click.ClickException as error:
        error.show()
        return WRONG
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return _INTERRUPTED
    except BrokenPipeError:
        # Who read us has gone: nothing to say, and nothing left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except MemoryError:
        click.echo("error: out of memory", err=True)
        return WRONG
    except Exception:
        _say_bug()
        return BUG


def _say_input(error: InputError) -> None:
    if error.mistakes:
        from playgate.report.mistakes import render_text

        files = sorted({mistake.place.file for mistake in error.mistakes})
        colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        for line in render_text(error.mistakes, files=files, colour=colour):
            click.echo(line, nl=False, err=True)
        return
    click.echo(f"error: {error.message}", err=True)
    if error.hint:
        click.echo(f"  hint: {error.hint}", err=True)


def _say_bug() -> None:
    """Keep what is needed to mend it in a log, and say where that is."""
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
    click.echo(f"playgate has a bug ({name}); {where}", err=True)
