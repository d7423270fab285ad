"""Ways to run playgate as its users do: here in the process, in one of its own, on a terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "playbooks"

PLAYBOOK = """\
playbook: sales
version: 2
timezone: Europe/Paris
late_after: 2 days
roles: [rep, manager]
may_waive: [manager]
activities:
  interview: {title: Interview}
  call: {title: Call}
fields:
  amount: {type: number}
stages:
  - stage: assess
    activities:
      - interview
      - {do: call, level: warn}
  - stage: proposal
    entry:
      - {field: amount, more_than: 0}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
PEOPLE = """\
actor,name,role,team
ann,Ann Berg,rep,North
bob,Bob Stone,rep,South
mia,Mia Vogel,manager,North
"""
# Four deals: D-1 does all; D-2 nothing; D-3 logged its interview late; D-4's interview is waived.
HISTORY = """\
deal,happened_at,kind,name,value,actor,recorded_at
D-1,2026-03-02T09:00:00Z,stage,assess,,ann,
D-1,2026-03-03T09:00:00Z,activity,interview,done,ann,
D-1,2026-03-03T10:00:00Z,activity,call,done,ann,
D-1,2026-03-04T09:00:00Z,field,amount,100,ann,
D-1,2026-03-05T09:00:00Z,stage,proposal,,ann,
D-2,2026-03-02T09:00:00Z,stage,assess,,bob,
D-2,2026-03-31T21:30:00Z,stage,proposal,,bob,
D-3,2026-03-02T09:00:00Z,stage,assess,,bob,
D-3,2026-03-03T09:00:00Z,activity,interview,done,bob,2026-03-20T09:00:00Z
D-3,2026-03-03T10:00:00Z,activity,call,done,bob,
D-3,2026-03-04T09:00:00Z,field,amount,200,bob,
D-3,2026-03-05T09:00:00Z,stage,proposal,,bob,
D-4,2026-03-02T09:00:00Z,stage,assess,,ann,
D-4,2026-03-03T09:00:00Z,waiver,assess/activity/interview,Known for years,mia,
D-4,2026-03-03T10:00:00Z,activity,call,done,ann,
D-4,2026-03-04T09:00:00Z,field,amount,300,ann,
D-4,2026-04-01T09:00:00Z,stage,proposal,,ann,
"""
MAPPING = """\
mapping: crm
version: 1
tables:
  - deal: id
    identical: once
    happened_at: at
    actor: who
    rows:
      - {kind: stage, where: {what: moved}, name: to}
"""


class Ran(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


def command(*arguments: str | Path) -> list[str]:
    """The words that start playgate in a process of its own."""
    return [sys.executable, "-m", "playgate.cli.main", *map(str, arguments)]


def spawn(*arguments: str | Path, given: bytes = b"") -> Ran:
    """Runs playgate in a process of its own, its output in pipes."""
    done = subprocess.run(command(*arguments), input=given, capture_output=True, check=False)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def on_terminal(*arguments: str | Path, columns: int = 80) -> tuple[int, str]:
    """Runs playgate with a terminal for all streams; its status and what the terminal got."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    # Without an `env`, what the C library put into the environment (COLUMNS) would pass too.
    process = subprocess.Popen(
        command(*arguments), stdin=theirs, stdout=theirs, stderr=theirs, env=dict(os.environ)
    )
    os.close(theirs)
    pieces = []
    with contextlib.suppress(OSError):  # the terminal's end is told so
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    os.close(ours)
    return process.wait(), b"".join(pieces).decode().replace("\r\n", "\n")
