"""The checker of stories finds those that cannot be told."""

from __future__ import annotations

import pytest

from support.linear import Asked, is_linear


def register(state, command):
    what, value = command
    return (value, "done") if what == "write" else (state, state)


@pytest.mark.parametrize(
    ("history", "is_one"),
    [
        ([], True),
        ([Asked(0, 1, ("write", 1), "done"), Asked(2, 3, ("read", 0), 1)], True),
        ([Asked(0, 1, ("write", 1), "done"), Asked(2, 3, ("read", 0), 0)], False),
        ([Asked(0, 3, ("write", 1), "done"), Asked(1, 2, ("read", 0), 0)], True),
        (
            [
                Asked(0, 9, ("write", 1), "done"),
                Asked(1, 2, ("read", 0), 1),
                Asked(3, 4, ("read", 0), 0),
            ],
            False,
        ),
        ([Asked(0, None, ("write", 1)), Asked(5, 6, ("read", 0), 1)], True),
        ([Asked(0, None, ("write", 1)), Asked(5, 6, ("read", 0), 0)], True),
        (
            [
                Asked(0, None, ("write", 1)),
                Asked(5, 6, ("read", 0), 1),
                Asked(7, 8, ("read", 0), 0),
            ],
            False,
        ),
    ],
)
def test_stories(history: list[Asked], is_one: bool) -> None:
    assert is_linear(history, 0, register) is is_one
