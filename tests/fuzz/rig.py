"""A folder in which an input lies beside what it needs, and where commands read it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fuzz.inputs import INPUTS, LEDGER, SEEDS, filled
from fuzz.law import Ran, breaches, run

__all__ = ["Rig", "opened"]


class Rig:
    """Tries inputs of one kind."""

    def __init__(self, name: str, folder: Path) -> None:
        self._input = INPUTS[name]
        self._folder = folder
        self._made: bytes | None = None
        self._clean()
        if self._input.ledger:
            for words in (
                ("ledger", "new", "--record", self._input.ledger, "--db", LEDGER),
                ("import", "history.csv", "--db", LEDGER, "--playbook", "sales.yaml"),
            ):
                assert run(words, folder=folder).status == 0
            self._made = (folder / LEDGER).read_bytes()

    def seeds(self) -> list[bytes]:
        """What is mutated at first."""
        if self._input.file == LEDGER and self._made is not None:
            return [self._made]
        return self._input.seeds()

    def tried(self, content: bytes) -> tuple[list[str], str]:
        """Runs all commands on an input; what of the law they broke, and how they answered."""
        found, told = [], []
        for words in self._input.commands:
            ran = self._ran(filled(words, self._input.file), content)
            found += [f"{' '.join(words)}: {each}" for each in breaches(words, ran)]
            told.append(_gist(ran))
        return found, "\n".join(told)

    def _ran(self, words: list[str], content: bytes) -> Ran:
        self._clean()
        packed = self._input.packed(content)
        if self._made is not None:
            (self._folder / LEDGER).write_bytes(self._made)
        if self._input.file != "-":
            (self._folder / self._input.file).write_bytes(packed)
        given = packed if self._input.file == "-" else b""
        return run(words, folder=self._folder, given=given)

    def _clean(self) -> None:
        """Leaves nothing in the folder but what belongs there."""
        for each in self._folder.iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            elif each.name not in self._input.sides:
                each.unlink()
        for name in self._input.sides:
            shutil.copyfile(SEEDS / name, self._folder / name)


@contextmanager
def opened(name: str) -> Iterator[Rig]:
    """Opens a rig whose folder is gone afterwards; who runs it is nobody's business."""
    with TemporaryDirectory(prefix="fuzz-") as folder:
        before = dict(os.environ)
        os.environ |= {"XDG_CONFIG_HOME": os.devnull, "XDG_CACHE_HOME": folder, "USER": "fuzz"}
        place = Path(folder) / "work"
        place.mkdir()
        try:
            yield Rig(name, place)
        finally:
            os.environ.clear()
            os.environ |= before


def _gist(ran: Ran) -> str:
    """How a command answered, without numbers and quoted texts: alike answers have one gist."""
    text = f"{ran.out[:4000]}\n{ran.err[:2000]}"
    letters = "".join(letter for letter in text if letter.isalpha() or letter in " \n")
    words = [word for word in letters.split() if len(word) < 20]
    return f"{ran.status} {' '.join(dict.fromkeys(words))[:600]}"
