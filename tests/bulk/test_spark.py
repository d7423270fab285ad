"""Spark finds what the judge finds, on generated playbooks."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ibis")

from elsewhere import check, expressible

EXAMPLES = 3


@pytest.mark.spark
@pytest.mark.parametrize("number", range(EXAMPLES))
def test_of_generated_playbooks(spark: Any, number: int) -> None:
    check(spark, expressible("pyspark", number))
