"""What contributors are told of the code is true: its folders, its floors, the paths it names."""

from __future__ import annotations

import re
import tomllib

from pages import ROOT

ENGINE = ROOT / "engine" / "playgate"
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROOM = r"[a-z0-9_]+(?:/|\.py)"
EXAMPLE = re.compile(r"[A-Z]{3,}")
"""What stands for a name, such as NAME."""


def floors() -> list[set[str]]:
    """The rooms in the picture of the floors, from the top."""
    (picture,) = re.findall(r"^```text\n(.*?)^```$", TEXT, re.DOTALL | re.M)
    return [set(re.findall(ROOM, line[:28])) for line in picture.splitlines()]


def test_the_picture_shows_the_layers_of_the_import_contract() -> None:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        each
        for each in data["tool"]["importlinter"]["contracts"]
        if each["type"] == "layers" and "playgate.cli" in each["layers"]
    )
    layers = [
        {_room(module.removeprefix("playgate.")) for module in layer.split(" | ")}
        for layer in contract["layers"]
    ]
    assert floors() == layers


def _room(module: str) -> str:
    return f"{module}/" if (ENGINE / module).is_dir() else f"{module}.py"


def test_every_folder_is_named() -> None:
    folders = {path.parent.relative_to(ENGINE) for path in ENGINE.rglob("*.*") if path.is_file()}
    named = {f"{each.as_posix()}/" for each in folders if each.name not in ("", "__pycache__")}
    assert not [each for each in sorted(named) if each not in TEXT]


def test_every_path_that_is_named_exists() -> None:
    code = re.findall(r"`([^`\n ]+)`", re.sub(r"^```.*?^```$", "", TEXT, flags=re.DOTALL | re.M))
    paths = [each for each in code if "/" in each.strip("/") or re.search(r"/$|\.\w+$", each)]
    told = [each for each in paths if not EXAMPLE.search(each) and not each.startswith(".")]
    missing = [each for each in told if not ((ROOT / each).exists() or (ENGINE / each).exists())]
    shown = [each for floor in floors() for each in floor if not (ENGINE / each).exists()]
    assert not missing + shown


READS = re.compile(
    r"\b(?:time\.(?:time|monotonic|perf_counter)(?:_ns)?|(?:datetime|date)\.(?:now|utcnow|today)"
    r"|os\.(?:environ|getenv|urandom)|random\.\w+|secrets\.\w+)\b"
)
"""What asks a clock, the environment or chance."""
DOORS = {
    "api.py": {"time.monotonic", "time.time_ns"},  # who calls from Python has no clock to give
    "ledger/log.py": {"os.urandom"},  # salts, where a caller does not bring its own
    "ledger/store.py": {"os.urandom"},
    "serve/calls.py": {"time.monotonic"},  # what is left of the time for a call
    "numbers/statistics.py": {"random.default_rng", "random.Generator"},  # with a seed
}


def test_below_the_commands_nothing_asks_a_clock_the_environment_or_chance() -> None:
    found: dict[str, set[str]] = {}
    for path in ENGINE.rglob("*.py"):
        room = path.relative_to(ENGINE).as_posix()
        asked = set(READS.findall(path.read_text(encoding="utf-8")))
        if asked and not room.startswith("cli/"):
            found[room] = asked
    assert found == DOORS


def test_every_module_says_what_is_public() -> None:
    modules = [path for path in ENGINE.rglob("*.py") if path.name != "__init__.py"]
    told = re.compile(r"^__all__ = \[", re.M)
    assert not [path for path in modules if not told.search(path.read_text(encoding="utf-8"))]
