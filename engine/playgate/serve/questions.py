"""Where a question is answered: by a process that reads, at once, or by a thread.

Where there are processes that read the ledger, one of them answers. Where all are behind, or there
are none, it is done at once, where it is asked: that takes less than to hand it to a thread. What
takes longer is handed to a thread all the same, so that nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from playgate.enforce.requests import Requests
from playgate.errors import InputError
from playgate.report.request_line import RequestLine
from playgate.serve.answering import Question, Said, answered
from playgate.serve.desks import Desks
from playgate.serve.glance import is_lost
from playgate.serve.readers import Readers

__all__ = ["Questions"]

_T = TypeVar("_T")
_BEHIND = 4
"""So many questions wait for a process that is behind: one more is answered sooner where it is
asked."""


class Questions:
    """Answers what records nothing."""

    def __init__(self, readers: Readers, at_once: Requests | None, desks: Desks) -> None:
        self._readers = readers
        self._at_once = at_once
        self._desks = desks

    async def answer(self, question: Question) -> Said:
        """Returns the answer to a question."""
        said = await self._soon(question)
        if said is not None and not said.took_too_long:
            return said
        try:
            return await self._desks.do(partial(_at_desk, question))
        except InputError as error:
            return Said(b"", None, error, RequestLine.read(question.body, what="a body").tag)

    async def _soon(self, question: Question) -> Said | None:
        """Returns the answer, where it is found in a moment; `None` where nobody looked for it."""
        reader = self._readers.free()
        if reader is not None and reader.asked_of() < _BEHIND:
            return await reader.answer(question)
        return None if self._at_once is None else answered(self._at_once, question)

    async def work(self, job: Callable[[Requests], _T]) -> _T:
        """Returns what takes longer, while others are answered."""
        return await self._desks.do(job)


def _at_desk(question: Question, requests: Requests) -> Said:
    """Returns the answer to a question; raises what tells that the ledger's server has gone, so
    that the desk opens it anew."""
    said = answered(requests, question)
    if said.error is not None and is_lost(said.error):
        raise said.error
    return said
