"""PostgreSQL finds what the judge finds, on generated playbooks."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ibis")

from elsewhere import check, expressible

from support.parity import drawn

SEEDS = 30


@pytest.mark.postgres
@pytest.mark.parametrize("seed", expressible("postgres", SEEDS))
def test_of_generated_playbooks(postgres: Any, seed: int) -> None:
    check(postgres, drawn(seed))
