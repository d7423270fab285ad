"""Fuzzes an input: `python -m fuzz.run csv --seconds 60` in the folder `tests`; `all` is each.

Inputs are changed a little, again and again, and whatever is answered in a new way is changed
further. Round for round it follows from the seed: `--seed 7 --from 1000` goes on where another run
stopped. What breaks the law is made small, printed, and kept in the folder of `--found`; what is
mended goes to `fuzz/corpus/INPUT`, which every run of the tests tries again. With `--guided`,
atheris (if it is installed) sees which lines of playgate are reached, and chooses.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

CORPUS = Path(__file__).parent / "corpus"
_MOST = 2_000
_SHRINKING = 30.0


def main() -> int:
    asked = _asked()
    if asked.guided:
        from fuzz.guided import fuzz_guided, instrument

        instrument()
        return fuzz_guided(asked.input, asked.seconds, asked.seed)
    from fuzz.inputs import INPUTS
    from fuzz.law import limited

    limited()  # not within the tests, whose process goes on
    names = list(INPUTS) if asked.input == "all" else [asked.input]
    broken = 0
    for name in names:
        broken += fuzz(
            name, seconds=asked.seconds, seed=asked.seed, first=asked.first, found=asked.found
        )
    return 1 if broken else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz.run", description=__doc__)
    parser.add_argument("input", help="a kind of input, or all")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="first", type=int, default=0, metavar="ROUND")
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"))
    parser.add_argument("--guided", action="store_true", help="by atheris")
    return parser.parse_args()


def fuzz(
    name: str, *, seconds: float, seed: int, first: int = 0, found: Path, most: int = sys.maxsize
) -> int:
    """Fuzzes one kind of input for so long; returns how many different inputs broke the law."""
    from fuzz.mutate import Mutator
    from fuzz.rig import opened

    known: set[str] = set()
    with opened(name) as rig:
        pool = [*rig.seeds(), *kept(name)]
        mutator, gists = Mutator(pool), {rig.tried(each)[1] for each in pool[:200]}
        end, round_ = time.monotonic() + seconds, first
        while time.monotonic() < end and round_ < first + most:
            rng = Random(f"{seed} {name} {round_}")
            content = mutator.mutated(rng.choice(pool), rng.choice(pool), rng)
            broken, gist = rig.tried(content)
            round_ += 1
            if broken and (kind := _kind(broken)) not in known:
                known.add(kind)
                small = shrunk(content, lambda each: kind == _kind(rig.tried(each)[0]))
                _keep(found, name, small, broken)
            elif gist not in gists and len(pool) < _MOST:
                gists.add(gist)
                pool.append(content)
    print(f"{name}: {round_ - first} inputs, {len(gists)} kinds of answers, {len(known)} broken")
    return len(known)


def kept(name: str) -> list[bytes]:
    """What was ever found of a kind."""
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))]


def shrunk(content: bytes, breaks: Callable[[bytes], bool]) -> bytes:
    """Returns a smaller input that breaks the law in the same way."""
    end = time.monotonic() + _SHRINKING
    size = len(content) // 2
    while size and time.monotonic() < end:
        at, changed = 0, False
        while at < len(content) and time.monotonic() < end:
            shorter = content[:at] + content[at + size :]
            if breaks(shorter):
                content, changed = shorter, True
            else:
                at += size
        size = size if changed and size > 1 else size // 2
    return content


def _kind(broken: list[str]) -> str:
    """What of several breaches tells one bug from another."""
    return " ".join("".join(letter for letter in each if not letter.isdigit()) for each in broken)


def _keep(folder: Path, name: str, content: bytes, broken: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:10]}"
    path.write_bytes(content)
    print(f"{path}: {len(content)} bytes", *broken, sep="\n  ", flush=True)


if __name__ == "__main__":
    sys.exit(main())
