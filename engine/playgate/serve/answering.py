"""A question, which records nothing: from the body that came to the answer that is sent."""

from __future__ import annotations

from typing import NamedTuple

from playgate.enforce.requests import Requests
from playgate.enforce.values import Decision
from playgate.errors import InputError
from playgate.report.live_json import render
from playgate.report.request_line import RequestLine
from playgate.serve.asking import asked
from playgate.serve.tokens import Asker

__all__ = ["Question", "Said", "answered", "written"]


class Question(NamedTuple):
    """What somebody asks of a command."""

    asker: Asker
    command: str
    body: bytes


class Said(NamedTuple):
    """The answer to a question, as it is sent."""

    text: bytes
    allowed: bool | None
    """Whether a move is let through, where that was asked."""
    error: InputError | None = None
    """Why there is none."""
    tag: str = ""
    """What the error gives back, as JSON."""

    @property
    def took_too_long(self) -> bool:
        """Whether it was not judged in time."""
        return self.error is not None and self.error.code == "took-too-long"


def answered(requests: Requests, question: Question) -> Said:
    """Returns the answer to a question."""
    line = RequestLine.read(question.body, what="a body")
    try:
        request = asked(question.asker, line, question.command, only=True)
        told = requests.do(question.asker.confined(request))
    except InputError as error:
        return Said(b"", None, error.with_traceback(None), line.tag)  # which would hold all of it
    allowed = told.allowed if isinstance(told, Decision) else None
    return Said(written(line, render(told)), allowed)


def written(line: RequestLine, answer: str) -> bytes:
    """Returns an answer as it is sent, with the tag of its request."""
    return f"{line.tagged(answer)}\n".encode()
