"""Reads histories in CSV that have a history's own columns, and plain rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import numpy as np

from playgate.columns.batch import TEXTS
from playgate.columns.gathered import Gathering
from playgate.columns.not_plain import NotPlainError
from playgate.columns.plain_csv import PlainCsv
from playgate.columns.stamps import instants_of
from playgate.history.own_table import COLUMNS, REQUIRED

__all__ = ["gather_delimited"]

_USUAL = 60
"""Bytes of a line, about."""


def gather_delimited(paths: Sequence[str], gathering: Gathering) -> None:
    """Reads files one after the other; raises `NotPlainError` where our own reader has to."""
    gathering.expect(sum(Path(path).stat().st_size // _USUAL for path in paths))
    for source, path in enumerate(paths):
        table = PlainCsv(path)
        if not set(REQUIRED) <= set(table.header) <= set(COLUMNS):
            raise NotPlainError("other columns")
        for block in table.blocks(table.header, TEXTS):
            columns = block.columns
            at = instants_of(columns["happened_at"], UTC)
            recorded = at
            if "recorded_at" in columns:
                recorded = instants_of(columns["recorded_at"], UTC, otherwise=at)
            lines = np.arange(block.line, block.line + block.size, dtype=np.int32)
            gathering.take(source, lines, columns, at, recorded)
