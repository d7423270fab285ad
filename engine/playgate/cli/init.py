"""`playgate init`: start a playbook from a shipped one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import click

from playgate.documents.document import nearest
from playgate.documents.shipped import shipped
from playgate.errors import InputError

__all__ = ["command"]

_NAME = re.compile(r"[^\s/*\\]+")


@click.command("init")
@click.argument("name", metavar="NAME")
@click.option(
    "--from", "source", metavar="SHIPPED", help="The shipped playbook to start from."
)
@click.option("--into", "folder", metavar="FOLDER", help="Where to put it (default: ./NAME).")
def command(name: str, source: str | None, folder: str | None) -> None:
    """Start a playbook called NAME from a shipped one, with its people and a sample history.

    Without --from, NAME itself is the shipped playbook.

    \b
    playgate init bank-sales
    playgate init our-sales --from bank-sales
    """
    if _NAME.fullmatch(name) is None or name.startswith("."):
        raise InputError(f'"{name}" is no name for a playbook', hint="letters, digits and dashes")
    chosen = source or name
    known = _shipped_names()
    if chosen not in known:
        hint = f"{nearest(chosen, known)} — choose one with --from"
        raise InputError(f'there is no shipped playbook "{chosen}"', hint=hint)
    target = Path(folder or name)
    _copy(shipped("playbooks", chosen), target, chosen, name)
    click.echo(f"{target}/ has the playbook, its people and a sample history. Next:")
    click.echo(f"  playgate show {target}/{name}.yaml")
    click.echo(f"  playgate lint {target}/{name}.yaml")
    if (target / "history.csv").exists():
        click.echo(
            f"  playgate audit {target}/{name}.yaml {target}/history.csv"
            f" --people {target}/people.csv"
        )


def _shipped_names() -> list[str]:
    folders = shipped("playbooks").iterdir()
    return sorted(each.name for each in folders if (each / f"{each.name}.yaml").is_file())


def _copy(source: Path, target: Path, old: str, new: str) -> None:
    try:
        if target.exists() and any(target.iterdir()):
            raise InputError(f"{target} is there already", hint="choose another with --into")
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(source.iterdir()):
            if not file.is_file():
                continue
            if file.name != f"{old}.yaml":
                shutil.copyfile(file, target / file.name)
                continue
            text = file.read_text(encoding="utf-8")
            text = re.sub(rf"^playbook: *{re.escape(old)}\b", f"playbook: {new}", text, flags=re.M)
            schema = "# yaml-language-server: $schema=playbook.schema.json"
            text = re.sub(r"^# yaml-language-server: .*$", schema, text, count=1, flags=re.M)
            (target / f"{new}.yaml").write_text(text, encoding="utf-8")
        shutil.copyfile(
            shipped("schemas", "playbook.schema.json"), target / "playbook.schema.json"
        )
    except NotADirectoryError:
        raise InputError(f"{target} is a file", hint="choose another with --into") from None
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}") from None
