"""Runs a command as a process of its own, and says what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from tempfile import TemporaryFile
from typing import IO

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: seconds, and the most memory that it held."""

    wall: float
    cpu: float
    """User and system, of all its threads."""
    peak: float = 0.0
    """In MiB."""


def run(
    command: Sequence[str],
    env: Mapping[str, str],
    *,
    out: int | None = None,
    given: IO[bytes] | None = None,
    status: int = 0,
) -> Cost:
    """The cost of a command that must end with `status`.

    `out` is a descriptor for what it prints, `given` what it reads.
    """
    with TemporaryFile() as errors:
        begun = time.perf_counter()
        child = subprocess.Popen(
            command,
            env=dict(env),
            stdin=given,
            stderr=errors,
            stdout=subprocess.DEVNULL if out is None else out,
        )
        _, ended, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(ended)
        if child.returncode != status:
            errors.seek(0)
            said = errors.read().decode(errors="replace")
            sys.exit(f"exit status {child.returncode}: {' '.join(command)}\n{said}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / MEBIBYTE)


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each cost."""
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.cpu for cost in costs),
        median(cost.peak for cost in costs),
    )
