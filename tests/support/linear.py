"""Whether what several clients were answered can be told as one story: each command at once,
somewhere between its question and its answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

__all__ = ["Asked", "is_linear"]

_NEVER = float("inf")


class Asked(NamedTuple):
    """One command of a client."""

    begun: float
    ended: float | None
    """When the answer came; `None` where it never did: then it may have been done, or not."""
    command: Hashable
    answer: Hashable = None


Step = Callable[[Hashable, Hashable], tuple[Hashable, Hashable]]
"""Given what is and a command, returns what is then, and the answer."""


def is_linear(history: Sequence[Asked], first: Hashable, step: Step) -> bool:
    """Returns whether there is an order in which each command, done at once, has its answer, and in
    which what was answered before another began comes before it."""
    asked = sorted(history, key=lambda each: each.begun)
    seen: set[tuple[int, Hashable]] = set()
    left = [(0, first)]  # which were done, as bits, and what is then
    whole = sum(1 << place for place, each in enumerate(asked) if each.ended is not None)
    while left:
        done, state = left.pop()
        if done & whole == whole:
            return True
        if (done, state) in seen:
            continue
        seen.add((done, state))
        open_ = [place for place in range(len(asked)) if not done >> place & 1]
        latest = min(_end(asked[place]) for place in open_)
        for place in open_:
            each = asked[place]
            if each.begun > latest:
                break  # another was answered before it began
            then, answer = step(state, each.command)
            if each.ended is None or answer == each.answer:
                left.append((done | 1 << place, then))
    return False


def _end(asked: Asked) -> float:
    return _NEVER if asked.ended is None else asked.ended
