"""Spark finds what the judge finds, on generated playbooks."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ibis")

from elsewhere import check, example, expressible

SEEDS = 3


@pytest.mark.spark
@pytest.mark.parametrize("seed", expressible("pyspark", SEEDS))
def test_of_generated_playbooks(spark: Any, seed: int) -> None:
    check(spark, example(seed))
