"""A release: the same bytes wherever and whenever it is built, and a list of its parts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def release() -> ModuleType:
    spec = spec_from_file_location("release", ROOT / ".ci" / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is checked out now, for it may change meanwhile."""
    words = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(words, capture_output=True, check=True).stdout
    folder = tmp_path_factory.mktemp("checkout")
    for name in filter(None, listed.decode().split("\0")):
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy)
    return folder


@pytest.fixture(scope="module")
def released(
    release: ModuleType, checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("release")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", release._committed())
        release.main(folder, checkout)
        yield folder


def test_another_checkout_gives_the_same_bytes(
    release: ModuleType,
    checkout: Path,
    released: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(checkout, elsewhere)
    for each in elsewhere.rglob("*"):
        os.utime(each, (10**9, 10**9))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    release.build(tmp_path / "built", elsewhere)
    first = {each.name: each.read_bytes() for each in released.iterdir()}
    built = {each.name: each.read_bytes() for each in (tmp_path / "built").iterdir()}
    assert len(built) == 2
    assert {name for name in built if built[name] != first.get(name)} == set()


def test_the_parts_are_those_that_the_project_names(released: Path) -> None:
    listed = json.loads((released / "playgate.cdx.json").read_text(encoding="utf-8"))
    assert listed["bomFormat"] == "CycloneDX"
    assert listed["metadata"]["component"]["name"] == "playgate"
    parts = {each["name"].lower(): each for each in listed["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [each.partition(">")[0] for each in project["dependencies"] if ";" not in each]
    assert {*needed} <= parts.keys()
    assert all(each.get("version") for each in parts.values())
    assert all(each["purl"].startswith("pkg:pypi/") for each in parts.values())
    assert str(ROOT) not in (released / "playgate.cdx.json").read_text(encoding="utf-8")


def test_the_checksums_are_right(released: Path) -> None:
    words = [sys.executable, "-c", _CHECK]
    assert subprocess.run(words, cwd=released, check=False).returncode == 0


_CHECK = """
import hashlib, pathlib
lines = pathlib.Path("SHA256SUMS").read_text().splitlines()
assert len(lines) == 3
for line in lines:
    told, name = line.split("  ")
    assert hashlib.sha256(pathlib.Path(name).read_bytes()).hexdigest() == told
"""
