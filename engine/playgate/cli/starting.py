"""What the commands share that start a playbook: its name, its folder, and what to do next."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from playgate.cli.door import put
from playgate.documents.shipped import shipped
from playgate.errors import InputError

__all__ = ["check_name", "new_folder", "next_steps", "refuse_used", "say_next", "with_schemas"]

# A playbook's id, which is a file's name here, and which YAML reads as text.
_NAME = re.compile(r"(?!(?:[0-9.eE+-]+|true|false|null|.*[.]cases)$)[^\W_][\w.+-]*")
_SCHEMA = re.compile(r"^(# yaml-language-server: \$schema=)\S*?([\w.-]+\.schema\.json)$", re.M)


def check_name(name: str) -> str:
    """Returns the name; raises `InputError` where no playbook can have it."""
    if _NAME.fullmatch(name) is None:
        hint = "letters, digits and dashes, a letter among them"
        raise InputError(f'"{name}" is no name for a playbook', hint=hint, code="wrong-value")
    return name


def refuse_used(target: Path) -> None:
    """Raises `InputError` where there is something in a folder, or a file of its name."""
    hint = "choose another with --into"
    try:
        if target.exists() and any(target.iterdir()):
            raise InputError(f"{target} is there already", hint=hint, code="cannot-write")
    except NotADirectoryError:
        raise InputError(f"{target} is a file", hint=hint, code="cannot-write") from None
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}", code="cannot-write") from None


def new_folder(target: Path, files: dict[str, bytes]) -> None:
    """Makes a folder with these files in it; raises `InputError` rather than write over any."""
    refuse_used(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            with (target / name).open("xb") as file:
                file.write(content)
    except NotADirectoryError:
        raise InputError(
            f"{target} is a file", hint="choose another with --into", code="cannot-write"
        ) from None
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}", code="cannot-write") from None


def with_schemas(files: dict[str, bytes]) -> dict[str, bytes]:
    """Returns files with the schemas beside them that the first lines of YAML name, for editors."""
    found: dict[str, bytes] = {}
    for name, content in files.items():
        text = content.decode() if name.endswith(".yaml") else ""
        found[name] = _SCHEMA.sub(r"\1\2", text).encode() if text else content
        for _, schema in _SCHEMA.findall(text):
            found[schema] = shipped("schemas", schema).read_bytes()
    return found


def next_steps(folder: Path | str, name: str, *more: str) -> list[str]:
    """Returns the commands that come next, for a playbook in a folder."""
    playbook = shlex.quote(str(Path(folder) / f"{name}.playbook.yaml"))
    return [*(f"playgate {each} {playbook}" for each in ("show", "lint", "test")), *more]


def say_next(what: str, steps: list[str]) -> None:
    """Says what was written, and the commands that come next."""
    put([f"{what} Next:", "\n"])
    for step in steps:
        put([f"  {step}", "\n"])
