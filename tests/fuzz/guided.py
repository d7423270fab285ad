"""The same by coverage: atheris chooses what is changed further, where it is installed."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

__all__ = ["fuzz_guided", "instrument"]


def instrument() -> None:
    """Watches all of playgate from its import on, which must not have come yet."""
    import atheris

    with atheris.instrument_imports(include=["playgate"]):
        package = importlib.import_module("playgate")
        for each in pkgutil.walk_packages(package.__path__, "playgate."):
            importlib.import_module(each.name)


def fuzz_guided(name: str, seconds: float, seed: int) -> int:
    """Fuzzes one kind of input for so long; stops at the first that breaks the law."""
    import atheris

    from fuzz.law import limited
    from fuzz.mutate import Mutator
    from fuzz.rig import opened
    from fuzz.run import kept

    limited()
    with opened(name) as rig, TemporaryDirectory(prefix="fuzz-seeds-") as folder:
        seeds = [*rig.seeds(), *kept(name)]
        for number, each in enumerate(seeds):
            (Path(folder) / str(number)).write_bytes(each)
        mutator = Mutator(seeds)

        def tried(content: bytes) -> None:
            broken, _ = rig.tried(content)
            if broken:
                raise AssertionError("\n".join(broken))

        def mutated(content: bytes, most: int, chance: int) -> bytes:
            rng = Random(chance)
            return mutator.mutated(content, rng.choice(seeds), rng)[:most]

        words = [f"-max_total_time={seconds:.0f}", f"-seed={seed}", "-max_len=60000", folder]
        atheris.Setup([sys.argv[0], *words], tried, custom_mutator=mutated)
        atheris.Fuzz()
    return 0
