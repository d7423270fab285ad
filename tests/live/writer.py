"""A process that runs one command for each line of JSON it reads, and prints the answer as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gate import say


def answer_lines(db: Path) -> None:
    """Each line is a list of words; the answer is status, output and errors."""
    for line in sys.stdin:
        said = say(*json.loads(line), db=db)
        print(json.dumps([said.status, said.out, said.err]), flush=True)


if __name__ == "__main__":
    answer_lines(Path(sys.argv[1]))
