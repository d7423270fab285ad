"""Builds what is released: wheel, sdist, an SBOM (CycloneDX) and checksums, into a folder.

`python .ci/release.py FOLDER` builds; `python .ci/release.py --check TAG` ends with 1, and says
why, where a tag is not what is checked out.

From the same commit come the same bytes: the tools are those of `constraints.txt`, and all times
are that of the commit, or what SOURCE_DATE_EPOCH says. The SBOM lists what a clean environment
holds after the wheel was installed there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SBOM = "playgate.cdx.json"
EARLIEST = "315532800"
"""1980: a zip knows no time before."""


def main(folder: Path, root: Path = ROOT) -> None:
    """Builds all of a checkout into the folder, which must hold no other release."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.exit(f"{folder} is not empty")
    build(folder, root)
    (wheel,) = folder.glob("*.whl")
    (folder / SBOM).write_text(sbom(wheel), encoding="utf-8")
    (folder / "SHA256SUMS").write_text(checksums(folder), encoding="utf-8")


def why_not(tag: str, root: Path = ROOT) -> str:
    """Returns why a checkout is not to be released by a tag; nothing where it is."""
    code = (root / "engine" / "playgate" / "version.py").read_text(encoding="utf-8")
    version = "".join(re.findall(r'^__version__ = "(.+)"$', code, re.M))
    if tag != f"v{version}":
        return f"the tag is {tag}, and version.py says {version}"
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = next(iter(re.findall(r"^## (.+)$", changes, re.M)), "nothing")
    if not re.fullmatch(rf"{re.escape(version)} — \d{{4}}-\d\d-\d\d", newest):
        return f'the newest heading of CHANGELOG.md is "{newest}", not "{version} — YYYY-MM-DD"'
    return ""


def build(folder: Path, root: Path = ROOT) -> None:
    """Builds wheel and sdist of a checkout."""
    _run(sys.executable, "-m", "build", "--outdir", folder, root)


def sbom(wheel: Path) -> str:
    """Returns what a clean environment holds after the wheel was installed there, as CycloneDX."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if os.name == "nt" else "bin") / "python"
        pip = (python, "-m", "pip", "--disable-pip-version-check")
        _run(*pip, "install", "-q", wheel)
        _run(*pip, "uninstall", "-q", "-y", "pip", "setuptools")
        words = ("environment", python, "--pyproject", ROOT / "pyproject.toml")
        told = _run(sys.executable, "-m", "cyclonedx_py", *words, "--output-reproducible")
    listed = json.loads(told)
    for part in listed["components"]:  # where it was built is nobody's business
        part.pop("externalReferences", None)
    return json.dumps(listed, indent=1, sort_keys=True) + "\n"


def checksums(folder: Path) -> str:
    """Returns the checksum of each file, as `sha256sum -c` reads them."""
    files = sorted(each for each in folder.iterdir() if each.name != "SHA256SUMS")
    return "".join(
        f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in files
    )


def _run(*words: object) -> str:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environ["PIP_CONSTRAINT"] = str(ROOT / "constraints.txt")
    environ.setdefault("SOURCE_DATE_EPOCH", _committed())
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, env=environ, check=False
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout


def _committed() -> str:
    """Returns when the commit was made that is checked out."""
    words = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() or EARLIEST


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        sys.exit(why_not(sys.argv[2]) or 0)
    main(Path(sys.argv[1]))
