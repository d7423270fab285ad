"""`playgate init`: start a playbook from a shipped one."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import click

from playgate.cli import completing
from playgate.cli.options import FILE
from playgate.documents.document import nearest
from playgate.documents.shipped import shipped, shipped_playbooks
from playgate.errors import InputError

__all__ = ["command"]

# A playbook's id, which is a file's name here, and which YAML reads as text.
_NAME = re.compile(r"(?!(?:[0-9.eE+-]+|true|false|null|.*[.]cases)$)[^\W_][\w.+-]*")
_SCHEMA = re.compile(r"^(# yaml-language-server: \$schema=)\S*?([\w.-]+\.schema\.json)$", re.M)


@click.command("init")
@click.argument("name", metavar="NAME", shell_complete=completing.playbooks)
@click.option(
    "--from",
    "source",
    metavar="SHIPPED",
    shell_complete=completing.playbooks,
    help="The shipped playbook to start from.",
)
@click.option(
    "--into", "folder", metavar="FOLDER", type=FILE, help="Where to put it (default: ./NAME)."
)
def command(name: str, source: str | None, folder: str | None) -> None:
    """Start a playbook called NAME from a shipped one, with its cases, people and sample history.

    Without --from, NAME itself is the shipped playbook.

    \b
    playgate init bank-sales
    playgate init our-sales --from bank-sales
    """
    if _NAME.fullmatch(name) is None:
        hint = "letters, digits and dashes, a letter among them"
        raise InputError(f'"{name}" is no name for a playbook', hint=hint, code="wrong-value")
    chosen = source or name
    known = shipped_playbooks()
    if chosen not in known:
        hint = f"{nearest(chosen, known)} — choose one with --from"
        raise InputError(f'there is no shipped playbook "{chosen}"', hint=hint, code="no-such-file")
    target = Path(folder or name)
    _copy(shipped("playbooks", chosen), target, chosen, name)
    _say_next(target, name)


def _copy(source: Path, target: Path, old: str, new: str) -> None:
    try:
        if target.exists() and any(target.iterdir()):
            raise InputError(
                f"{target} is there already", hint="choose another with --into", code="cannot-write"
            )
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(source.iterdir()):
            if file.suffix == ".yaml":
                _copy_yaml(file, target, old, new)
            elif file.is_file():
                shutil.copyfile(file, target / file.name)
    except NotADirectoryError:
        raise InputError(
            f"{target} is a file", hint="choose another with --into", code="cannot-write"
        ) from None
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}", code="cannot-write") from None


def _copy_yaml(file: Path, target: Path, old: str, new: str) -> None:
    """Copies a playbook, its cases or a mapping, with its schema where its first line says.

    The names are those by which hooks, workflows and editors know what a file is.
    """
    own = {f"{old}.yaml": f"{new}.playbook.yaml", f"{old}.cases.yaml": f"{new}.cases.yaml"}
    text = file.read_text(encoding="utf-8").replace(f"{old}.yaml", f"{new}.playbook.yaml")
    if file.name in own:
        text = re.sub(rf"^playbook: *{re.escape(old)}\b", f"playbook: {new}", text, flags=re.M)
    for _, schema in _SCHEMA.findall(text):
        shutil.copyfile(shipped("schemas", schema), target / schema)
    name = own.get(file.name, file.name)
    (target / name).write_text(_SCHEMA.sub(r"\1\2", text), encoding="utf-8", newline="\n")


def _say_next(target: Path, name: str) -> None:
    playbook, history, people = (
        shlex.quote(str(target / file))
        for file in (f"{name}.playbook.yaml", "history.csv", "people.csv")
    )
    click.echo(f"{target}/ has the playbook, its cases, its people and a sample history. Next:")
    click.echo(f"  playgate show {playbook}")
    click.echo(f"  playgate lint {playbook}")
    click.echo(f"  playgate test {playbook}")
    click.echo(f"  playgate audit {playbook} {history} --people {people}")
