"""One table of exit statuses, and the one place where errors become messages."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Mapping

from playgate.cli.door import colour_wanted, put, tell
from playgate.errors import InputError
from playgate.version import __version__

__all__ = [
    "BUG",
    "CLEAN",
    "FINDINGS",
    "WRONG",
    "Bugs",
    "ReaderGoneError",
    "bug",
    "guarded",
    "meaning",
    "say_fault",
]

CLEAN, FINDINGS, WRONG, BUG = 0, 1, 2, 3
_INTERRUPTED = 130
_BROKEN_PIPE = 141


class ReaderGoneError(Exception):
    """Says that whoever read the output has gone, so that nothing is left to say."""


Settings = Callable[[str, list[str]], Mapping[str, object]]
"""Returns what a file of settings says of a command's options, given the words that follow."""


def guarded(run: Callable[[], object], settings: Settings) -> int:
    """Runs a command and turns whatever stops it into a message and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = run()
        return status if isinstance(status, int) else CLEAN
    except KeyboardInterrupt:
        _say("stopped")
        return _INTERRUPTED
    except (BrokenPipeError, ReaderGoneError):
        _drop_output()
        return _BROKEN_PIPE
    except Exception as error:
        return _stopped(error, settings)


def meaning(error: Exception) -> InputError:
    """Returns what stopped a command as an error with its code; of a bug a log is kept."""
    if isinstance(error, InputError):
        return error
    if isinstance(error, MemoryError):
        return InputError("out of memory", code="out-of-memory")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return InputError(f"cannot write: {error.strerror}", code="cannot-write")
    return _usage(error) or bug(error)


def bug(error: Exception) -> InputError:
    """Keeps what is needed to mend a bug in a log, and returns an error that says where that is."""
    import tempfile
    import traceback

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="playgate-bug-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.write(f"playgate {__version__}, Python {sys.version}\n\n")
            traceback.print_exception(error, file=log)
        where = f"the log to send with a report: {log.name}"
    except OSError:
        where = "and no log could be written"
    return InputError(f"playgate has a bug ({type(error).__name__})", hint=where, code="bug")


class Bugs:
    """What stopped many requests, as errors with their codes: one log is kept of a bug, however
    often it shows."""

    def __init__(self) -> None:
        self._known: dict[str, InputError] = {}

    def meaning(self, error: Exception) -> InputError:
        """Returns what stopped a request as an error with its code."""
        if isinstance(error, InputError):
            return error
        place = _place(error)
        if place not in self._known:
            told = meaning(error)
            if told.code != "bug":
                return told
            self._known[place] = told
        return self._known[place]


def _place(error: Exception) -> str:
    """Returns where in the code something happened."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code.co_filename if trace is not None else ""
    return f"{type(error).__name__} {code}:{trace.tb_lineno if trace is not None else 0}"


def say_fault(error: BaseException | None) -> None:
    """Says that columns have a bug, or disagreed with the judge, and where the log of it is."""
    from playgate.columns.findings import DisagreementError

    what = "and the judge disagreed" if isinstance(error, DisagreementError) else "have a bug"
    assert isinstance(error, Exception)  # noqa: S101  (nothing else is caught)
    _say(f"note: columns {what}; the report is the judge's, {bug(error).hint}")


def _stopped(error: Exception, settings: Settings) -> int:
    """Says what stopped a command, and returns the exit status."""
    ended = _ended(error)
    if ended is not None:
        return ended
    told = meaning(error)
    if told.code == "cannot-write" and isinstance(error, OSError):
        _drop_output()
        _say_input(told)
    elif _wants_json(sys.argv[1:], settings):
        from playgate.report.error_json import error_object, render

        put([render(error_object(told)), "\n"])
    elif told.code == "bug":
        _say(f"{told.message}; {told.hint}")
    elif told is error or not _shows_itself(error):
        _say_input(told)
    return BUG if told.code == "bug" else WRONG


def _drop_output() -> None:
    """Drops what was not written yet, so that nothing fails at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# What the command-line library stops with; it is imported only where it was already


def _ended(error: Exception) -> int | None:
    """Returns the status of an end that is no error, else `None`."""
    if not _is_of_click(error):
        return None
    import click

    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort):
        _say("stopped")
        return _INTERRUPTED
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        put([error.format_message(), "\n"], sys.stderr)
        return WRONG
    return None


def _usage(error: Exception) -> InputError | None:
    """Returns what is wrong with the words of the command line, or `None` where it is not they."""
    if not _is_of_click(error):
        return None
    import click

    from playgate.documents.addresses import without_secrets

    if not isinstance(error, click.ClickException):
        return None
    context = getattr(error, "ctx", None)
    hint = f"{context.command_path} --help has examples" if context is not None else ""
    return InputError(without_secrets(error.format_message()), hint=hint, code="usage")


def _shows_itself(error: Exception) -> bool:
    """Lets the library show its own error, with the line that says how the command is used."""
    if not _is_of_click(error):
        return False
    import click

    from playgate.documents.addresses import without_secrets

    assert isinstance(error, click.ClickException)  # noqa: S101  (all others were told)
    context = getattr(error, "ctx", None)
    if context is not None:
        help_ = f"Try '{context.command_path} {context.help_option_names[-1]}' for help."
        put([f"{context.get_usage()}\n{help_}\n\n"], sys.stderr)
    _say(f"Error: {without_secrets(' '.join(error.format_message().split()))}")
    return True


def _is_of_click(error: Exception) -> bool:
    return type(error).__module__.startswith("click.")


# What was asked for


def _wants_json(words: list[str], settings: Settings) -> bool:
    """Returns whether who called reads JSON: a batch, or `--format json`, wherever that is said."""
    if not words or "--batch" in words:
        return bool(words)
    said = [
        word.partition("=")[2] if "=" in word else (words[index + 1 : index + 2] or [""])[0]
        for index, word in enumerate(words)
        if word == "--format" or word.startswith("--format=")
    ]
    if said:
        return said[-1] == "json"
    name, *rest = words
    set_to: object = os.environ.get(f"PLAYGATE_{name.upper()}_FORM")
    if set_to is None:
        try:
            set_to = settings(name, rest).get("form")
        except InputError:
            return False  # the settings themselves are wrong
    return set_to == "json"


# Text, for people


def _say(text: str) -> None:
    tell(text)


def _say_input(error: InputError) -> None:
    if error.mistakes:
        from playgate.report.mistakes import render_text

        files = sorted({mistake.place.file for mistake in error.mistakes})
        colour = colour_wanted(sys.stderr)
        put(render_text(error.mistakes, files=files, colour=colour), sys.stderr)
        return
    for each in error.several:
        _say_input(each)
    if error.several:
        return
    _say(f"error: {error.message}")
    for line in error.lines:
        _say(line)
    if error.hint:
        _say(f"  hint: {error.hint}")
