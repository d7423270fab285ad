"""Searches for cells that make formulas hold; it says *no* only where there are none.

What is undecided is tried option by option. What compared fields, and counts that share activities,
say of each other only narrows the search. The search may take only a limited number of steps: a
formula that needs more counts as one that can hold.
"""

from __future__ import annotations

from collections.abc import Callable

from playgate.proof.counting import Counting
from playgate.proof.formulas import ABOVE, BELOW, SAME, Formulas, grouped
from playgate.proof.logic import Both, Either, Formula, In, Subject

__all__ = ["Search"]

_MOST_STEPS = 4_000
"""The most steps of one search."""
_MOST_STEPS_IN_ALL = 150_000
_DEEPEST = 60
_MOST_COUNTS = 24
_State = dict[Subject, int]


class _TooLargeError(Exception):
    """Raised where more steps are needed than may be taken."""


class Search:
    """Answers for the formulas of one prover.

    `counts_no_more` tells whether all that one count counts is counted by another, too.
    """

    def __init__(
        self, formulas: Formulas, counts_no_more: Callable[[Counting, Counting], bool]
    ) -> None:
        self._formulas = formulas
        self._counts_no_more = counts_no_more
        self._left = 0
        self._left_in_all = _MOST_STEPS_IN_ALL
        self._narrower: dict[tuple[Subject, Subject], bool] = {}

    def can_hold(self, *formulas: Formula) -> bool:
        """Whether all formulas may hold at once; `True` also where that is not known."""
        self._left = _MOST_STEPS
        try:
            state: _State = {}
            pending: list[Either] = []
            return all(self._take(each, state, pending) for each in formulas) and self._search(
                state, pending, 0
            )
        except _TooLargeError:
            return True

    def _spend(self, steps: int) -> None:
        self._left -= steps
        self._left_in_all -= steps
        if self._left < 0 or self._left_in_all < 0:
            raise _TooLargeError

    def _take(self, formula: Formula, state: _State, pending: list[Either]) -> bool:
        """Takes a formula as true; returns `False` where what is known already contradicts it."""
        self._spend(1)
        if isinstance(formula, In):
            left = self._known(formula.subject, state) & formula.cells
            state[formula.subject] = left
            return left != 0
        if isinstance(formula, Both):
            return all(self._take(part, state, pending) for part in formula.parts)
        pending.append(formula)
        return bool(formula.options)

    def _known(self, subject: Subject, state: _State) -> int:
        known = state.get(subject)
        return self._formulas.whole(subject) if known is None else known

    def _search(self, state: _State, pending: list[Either], depth: int) -> bool:
        while True:
            if not self._narrow(state):
                return False
            undecided: list[Either] = []
            taken = False
            for choice in pending:
                options = self._open_options(choice, state)
                if options is None:
                    continue
                if len(options) > 1:
                    undecided.append(Either(options))
                    continue
                taken = True
                if not options or not self._take(options[0], state, undecided):
                    return False
            pending = undecided
            if not taken:
                break
        if not pending:
            return True
        return self._branch(state, pending, depth)

    def _branch(self, state: _State, pending: list[Either], depth: int) -> bool:
        if depth >= _DEEPEST:
            raise _TooLargeError
        chosen = min(pending, key=lambda choice: len(choice.options))
        others = [choice for choice in pending if choice is not chosen]
        for option in chosen.options:
            tried, rest = dict(state), list(others)
            if self._take(option, tried, rest) and self._search(tried, rest, depth + 1):
                return True
        return False

    def _open_options(self, choice: Either, state: _State) -> tuple[Formula, ...] | None:
        """Returns the options that may still hold; `None` where one holds anyway."""
        self._spend(len(choice.options))
        left: list[Formula] = []
        for option in choice.options:
            if isinstance(option, In):
                known = self._known(option.subject, state)
                if known & option.cells == known:
                    return None
                if known & option.cells:
                    left.append(option)
            elif all(self._may_hold(part, state) for part in option[0]):
                left.append(option)
        return tuple(left)

    def _may_hold(self, part: Formula, state: _State) -> bool:
        self._spend(1)
        return not isinstance(part, In) or bool(self._known(part.subject, state) & part.cells)

    # What subjects say of each other

    def _narrow(self, state: _State) -> bool:
        """Leaves out cells that do not go together; returns `False` if a subject has none left."""
        compared = [each for each in state if each[0] == "compared"]
        counts = [each for each in state if each[0] == "count"][:_MOST_COUNTS]
        while True:
            before = dict(state) if compared or counts else state
            for subject in compared:
                if not self._narrow_compared(subject, state):
                    return False
            for left in counts:
                for right in counts:
                    if left is not right and not self._narrow_counts(left, right, state):
                        return False
            if state == before:
                return True
            self._spend(len(compared) + len(counts) ** 2)

    def _narrow_compared(self, subject: Subject, state: _State) -> bool:
        _, left, right = subject
        assert isinstance(left, str)  # noqa: S101  (a field is compared)
        if not isinstance(right, str):
            return True  # with what is reckoned
        fields = self._formulas.fields
        group = grouped(fields[left])
        if not group or group != grouped(fields[right]):
            return True
        one, other = ("field", left), ("field", right)
        cells, others = self._known(one, state), self._known(other, state)
        if (cells | others) & 1:
            return True  # one of the fields may be absent: then nothing is compared
        standing = state[subject]
        if group == "text":
            if standing != SAME:
                return True
            found, found_other = cells & others, cells & others
        else:
            single = self._formulas.single(left)
            found, found_other, standing = _in_order(cells, others, standing, single)
        state[one], state[other], state[subject] = found, found_other, standing
        return bool(found and found_other and standing)

    def _narrow_counts(self, left: Subject, right: Subject, state: _State) -> bool:
        """Leaves out cells in which the narrower count is larger; `False` if none are left."""
        key = left, right
        if key not in self._narrower:
            one, other = left[1], right[1]
            assert isinstance(one, Counting)  # noqa: S101  (these are counts)
            assert isinstance(other, Counting)  # noqa: S101
            self._narrower[key] = self._counts_no_more(one, other)
        if not self._narrower[key]:
            return True
        fewer, more = state[left], state[right]
        state[left] = fewer & ((1 << more.bit_length()) - 1)
        state[right] = more & -(fewer & -fewer)
        return bool(state[left] and state[right])


def _in_order(left: int, right: int, standing: int, single: int) -> tuple[int, int, int]:
    """Returns the cells of two present fields, which are in order, that compare in this way."""
    found = found_other = possible = 0
    for relation, one, other in (
        (BELOW, *_below(left, right, single)),
        (SAME, left & right, left & right),
        (ABOVE, *reversed(_below(right, left, single))),
    ):
        if standing & relation and one and other:
            found, found_other, possible = found | one, found_other | other, possible | relation
    return found, found_other, possible


def _below(lower: int, upper: int, single: int) -> tuple[int, int]:
    """Returns the cells for a lower and an upper value; one cell fits both if it holds several."""
    if not lower or not upper:
        return 0, 0
    top = 1 << (upper.bit_length() - 1)
    under = top - 1 if top & single else (top << 1) - 1
    bottom = lower & -lower
    over = -(bottom << 1) if bottom & single else -bottom
    return lower & under, upper & over
