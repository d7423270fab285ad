"""A page printed to PDF by a browser that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playgate.errors import InputError

__all__ = ["find_browser", "print_pdf"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
_PATIENCE = 180


def find_browser() -> str:
    """Returns the program of a Chromium or Chrome; raises `InputError` where there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    found = found or next((app for app in _APPS if Path(app).is_file()), None)
    if found is None:
        raise InputError(
            "a PDF needs a Chromium or Chrome, and none is on the path",
            hint="install one, or write HTML and print it from any browser",
            code="not-installed",
        )
    return found


def print_pdf(browser: str, pieces: Iterable[str], output: Path) -> None:
    """Writes the page as a PDF; the file is left alone where that fails."""
    with tempfile.TemporaryDirectory(prefix="playgate-") as name:
        folder = Path(name)
        page, pdf = folder / "report.html", folder / "report.pdf"
        page.write_text("".join(pieces), encoding="utf-8")
        # Its own sandbox does not work for root; the page holds no foreign script.
        rootless = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        words = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-pdf-header-footer",
            *rootless,
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ]
        try:
            done = subprocess.run(  # noqa: S603  (a browser, and files of our own)
                words, capture_output=True, timeout=_PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(f"{browser} did not print: {error}", code="cannot-write") from None
        if not pdf.is_file():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise InputError(
                f"{browser} did not print: {said[-1] if said else 'no reason given'}",
                code="cannot-write",
            )
        try:
            shutil.copyfile(pdf, output)
        except OSError as error:
            raise InputError(
                f"cannot write {output}: {error.strerror}", code="cannot-write"
            ) from None
