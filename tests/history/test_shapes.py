"""Each folder of `shapes` is a mapping, files as a CRM writes them, and the events they are."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from playgate.history.event import Problem
from playgate.history.mapping import load_mapping
from playgate.history.read import read_history
from playgate.history.spool import Spool
from playgate.history.tally import PassedOver
from playgate.history.walk import settled
from playgate.history.write import write_events

SHAPES = Path(__file__).parent / "shapes"
CASES = sorted(path for path in SHAPES.iterdir() if path.is_dir())


def told(folder: Path, paths: list[str]) -> str:
    """All that comes of the files: the events as `import` writes them, problems and notes."""
    problems: list[Problem] = []
    notes: list[PassedOver] = []
    mapping = load_mapping(folder / "mapping.yaml")
    out = io.StringIO()
    with Spool() as spool:
        spool.extend(
            read_history(paths, mapping=mapping, report=problems.append, note=notes.append)
        )
        deals = dict(sorted(spool.deals()))
        write_events(out, (each.events for each in settled(deals.items())), as_json=False)
    lines = [
        f"{Path(each.file).name}:{each.line}: {each.reason}{each.hint and f' ({each.hint})'}"
        for each in problems
    ]
    lines += [f"note: {Path(str(each)).name}" for each in notes]
    return "\n".join([out.getvalue().replace("\r\n", "\n"), *lines, ""])


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_a_shape_reads_as_expected(folder, golden):
    paths = sorted(str(path) for path in folder.iterdir() if path.stem not in ("mapping", "events"))
    golden(f"shapes/{folder.name}.txt", told(folder, paths))
