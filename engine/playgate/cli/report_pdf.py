"""A page printed to PDF by a browser that is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playgate.errors import InputError

__all__ = ["find_browser", "pages_of", "print_pdf"]

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
    """Writes the page as a PDF; the file is left alone where that fails.

    It is printed twice: what page a part begins on, which the contents say, is known only then.
    """
    with tempfile.TemporaryDirectory(prefix="playgate-") as name:
        folder = Path(name)
        page, pdf = folder / "report.html", folder / "report.pdf"
        text = "".join(pieces)
        _print(browser, text, page, pdf)
        _print(browser, _numbered(text, pages_of(pdf.read_bytes())), page, pdf)
        try:
            shutil.copyfile(pdf, output)
        except OSError as error:
            raise InputError(
                f"cannot write {output}: {error.strerror}", code="cannot-write"
            ) from None


def pages_of(pdf: bytes) -> dict[str, int]:
    """Returns on which page of a PDF, as Chromium writes it, each place with a name lies."""
    pages = {int(number) for number in _PAGE.findall(pdf)}
    kids = (int(kid) for kids in _KIDS.findall(pdf) for kid in _REFERENCE.findall(kids))
    ordered = [kid for kid in kids if kid in pages]
    place = {page: number for number, page in enumerate(dict.fromkeys(ordered), 1)}
    named = ((name.decode("ascii", "replace"), int(page)) for name, page in _NAMED.findall(pdf))
    return {name: place[page] for name, page in named if page in place}


_PAGE = re.compile(rb"(\d+) 0 obj\s*<<\s*/Type /Page\b")
_KIDS = re.compile(rb"/Kids \[([^\]]*)\]")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_NAMED = re.compile(rb"/([\w-]+) \[(\d+) 0 R /XYZ ")
_GAP = re.compile(r'<span data-page="([\w-]+)"></span>')


def _numbered(text: str, pages: dict[str, int]) -> str:
    """Returns the page with the numbers in its contents."""

    def number(found: re.Match[str]) -> str:
        return f"<span>{pages.get(found[1], '')}</span>"

    return _GAP.sub(number, text)


def _print(browser: str, text: str, page: Path, pdf: Path) -> None:
    page.write_text(text, encoding="utf-8")
    pdf.unlink(missing_ok=True)
    # Its own sandbox does not work for root; the page holds no foreign script.
    rootless = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    words = [
        browser,
        "--headless",
        "--disable-gpu",
        "--no-pdf-header-footer",
        *rootless,
        f"--user-data-dir={page.parent / 'profile'}",
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
