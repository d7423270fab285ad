"""Reports to look at, and the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser as chromium
import pages_made
import pytest


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the bank's sample."""
    return pages_made.bank(tmp_path_factory.mktemp("bank"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on deals and people with hostile names."""
    return pages_made.hostile(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A Chromium that is driven by Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    program = chromium.program()
    if sync_playwright is None or program is None:
        missing = chromium.ADVICE if program is None else "pip install 'playgate[browser]'"
        (pytest.fail if request.config.getoption("--browser-needed") else pytest.skip)(missing)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()
