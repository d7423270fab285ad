"""Odoo 19 for a test run: taken from the registries that this computer uses, into one folder.

`python tests/odoo/odoo_install.py` puts it into `.odoo/`, or into the folder `ODOO_FOLDER`.
Nothing is installed into the system: Debian's package is only unpacked, and Python's
packages lie in an environment of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["MissingError", "folder", "install", "is_installed"]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, SUITE = "odoo-19", "sid"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


class MissingError(Exception):
    """Odoo cannot be installed here, and why."""


def folder() -> Path:
    """Where Odoo lies."""
    return Path(os.environ.get("ODOO_FOLDER") or ROOT / ".odoo").resolve()


def is_installed() -> bool:
    return (folder() / "installed").is_file()


def install() -> None:
    """Unpack Odoo and install what it imports, where that was not done; some minutes.

    Raises:
        MissingError: without Debian's tools, or where apt knows no Debian mirror.
        subprocess.CalledProcessError: a registry did not answer, or lacks something.
    """
    if is_installed():
        return
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise MissingError(
            "Odoo is unpacked with Debian's apt-get and dpkg-deb, which are not here"
        )
    into = folder()
    into.mkdir(parents=True, exist_ok=True)
    _unpack(into)
    _environment(into)
    (into / "installed").touch()


def _unpack(into: Path) -> None:
    """Debian's package, checked by apt against Debian's keys, unpacked under `root/`."""
    apt = into / "apt"
    shutil.rmtree(apt, ignore_errors=True)
    for each in ("lists/partial", "cache/archives/partial"):
        (apt / each).mkdir(parents=True)
    (apt / "sources.list").write_text(f"deb [signed-by={KEYS}] {_mirror()} {SUITE} main\n")
    settings = {
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": apt / "lists",
        "Dir::Cache": apt / "cache",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    words = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in settings.items())]
    subprocess.run([*words, "update"], cwd=apt, check=True)
    subprocess.run([*words, "download", PACKAGE], cwd=apt, check=True)
    served = _served_by(next(apt.glob("*.deb")))
    subprocess.run([*words, "download", *served], cwd=apt, check=True)
    shutil.rmtree(into / "root", ignore_errors=True)
    for each in apt.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", each, into / "root"], check=True)
    shutil.rmtree(apt)


def _served_by(package: Path) -> list[str]:
    """The packages whose scripts and fonts Odoo's pages link to."""
    asked = ["dpkg-deb", "-f", str(package), "Depends"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    names = [each.split()[0].partition(":")[0] for each in said.split(",") if each.strip()]
    return [each for each in names if each.startswith(("fonts-", "libjs-"))]


def _environment(into: Path) -> None:
    """What Odoo imports, by the list next to this file, without what it needs for other things."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", into / "venv"], check=True)
    wanted = Path(__file__).with_name("requirements.txt")
    pip = [into / "venv/bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", wanted], check=True)


# --- Where this computer gets Debian's packages from ---------------------------------------------


def _mirror() -> str:
    """The address of Debian's archive in this computer's own apt sources."""
    sources = Path("/etc/apt")
    files = [sources / "sources.list", *sorted((sources / "sources.list.d").glob("*"))]
    for file in files:
        if file.is_file():
            for address in _addresses(file.read_text(encoding="utf-8")):
                if address.rstrip("/").endswith("/debian"):
                    return address
    raise MissingError("apt's sources on this computer name no archive of Debian")


def _addresses(text: str) -> Iterator[str]:
    """What a file of sources names, in either of apt's two forms."""
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["URIs:"]:
            yield from words[1:]
        elif words[:1] == ["deb"]:
            yield from (each for each in words[1:] if "://" in each)


if __name__ == "__main__":
    try:
        install()
    except MissingError as error:
        sys.exit(str(error))
