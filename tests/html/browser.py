"""The browser that looks at reports: one that is installed on this machine.

`python tests/html/browser.py` installs it, where it may (as root, with apt), and otherwise says
what to install.
"""

from __future__ import annotations

import os
import subprocess
import sys

from playgate.cli.report_pdf import find_browser
from playgate.errors import InputError

__all__ = ["ADVICE", "program"]

ADVICE = "no Chromium or Chrome is on the path; on Debian: apt-get install chromium"


def program() -> str | None:
    """The browser's program; `None` where there is none."""
    try:
        return find_browser()
    except InputError:
        return None


def install() -> int:
    """Install a browser where none is; the exit status."""
    if program() is not None:
        return 0
    if os.geteuid() != 0:
        print(ADVICE, file=sys.stderr)
        return 1
    print("Installing chromium", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", "-q", *words], env=quiet, stdout=subprocess.DEVNULL, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(install())
