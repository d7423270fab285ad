"""`playgate init`: start a playbook from a shipped one."""

from __future__ import annotations

import csv
import io
import re
import shlex
from pathlib import Path

import click

from playgate.cli import completing
from playgate.cli.options import FILE
from playgate.cli.starting import check_name, new_folder, next_steps, say_next, with_schemas
from playgate.documents.document import nearest
from playgate.documents.shipped import shipped, shipped_crms, shipped_playbooks
from playgate.errors import InputError
from playgate.playbook.beside import CASES, LEADS, PAY

__all__ = ["command"]


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
    "--crm",
    metavar="CRM",
    shell_complete=completing.crms,
    help="The CRM whose exports are to be read: a mapping, and a playbook of its own stages.",
)
@click.option(
    "--into", "folder", metavar="FOLDER", type=FILE, help="Where to put it (default: ./NAME)."
)
def command(name: str, source: str | None, crm: str | None, folder: str | None) -> None:
    """Start a playbook called NAME from a shipped one, with its cases, people and sample history.

    Without --from, NAME itself is the shipped playbook. With --crm it is one with the stages of
    that CRM, beside the mappings that read its exports and a small export of each.

    \b
    playgate init bank-sales
    playgate init our-sales --from bank-sales
    playgate init our-sales --crm hubspot
    """
    check_name(name)
    if crm is not None:
        if source is not None:
            raise click.UsageError("--crm and --from exclude each other")
        _init_crm(name, crm, Path(folder or name))
        return
    chosen = source or name
    known = shipped_playbooks()
    if chosen not in known:
        hint = f"{nearest(chosen, known)} — choose one with --from"
        raise InputError(f'there is no shipped playbook "{chosen}"', hint=hint, code="no-such-file")
    target = Path(folder or name)
    files = _copied(shipped("playbooks", chosen), chosen, name)
    new_folder(target, files)
    history, people = (shlex.quote(str(target / each)) for each in ("history.csv", "people.csv"))
    playbook = shlex.quote(str(target / f"{name}.playbook.yaml"))
    as_of = _last_day(files["history.csv"])
    audit = f"playgate audit {playbook} {history} --people {people} --as-of {as_of}"
    what = f"{target}/ has the playbook, its cases, its people and a sample history."
    say_next(what, next_steps(target, name, audit))


def _init_crm(name: str, crm: str, target: Path) -> None:
    known = shipped_crms()
    if crm not in known:
        hint = nearest(crm, known)
        raise InputError(f'there is no mapping of a CRM "{crm}"', hint=hint, code="no-such-file")
    files = _copied(shipped("playbooks", "crm", crm), crm, name)
    new_folder(target, files)
    export = " ".join(
        shlex.quote(str(target / each)) for each in sorted(files) if each.startswith("export/")
    )
    playbook, mapping = (
        shlex.quote(str(target / each)) for each in (f"{name}.playbook.yaml", f"{crm}.mapping.yaml")
    )
    what = f"{target}/ has the playbook, its cases, mappings of {crm} and small exports."
    audit = f"playgate audit {playbook} {export} --map {mapping}"
    say_next(what, next_steps(target, name, audit))


def _last_day(history: bytes) -> str:
    """Returns the day on which a sample ends, so that its audit is the same on any clock."""
    rows = csv.DictReader(io.StringIO(history.decode()))
    return max(row["happened_at"] for row in rows).partition("T")[0]


def _copied(source: Path, old: str, new: str) -> dict[str, bytes]:
    """Returns the files of a shipped playbook under another name, with the schemas that they
    name."""
    files: dict[str, bytes] = {}
    for file in sorted(source.rglob("*")):
        if file.parent.name == "__pycache__":
            continue
        if file.suffix == ".yaml":
            name, text = _renamed(file, old, new)
            files[name] = text.encode()
        elif file.is_file():
            files[file.relative_to(source).as_posix()] = file.read_bytes()
    return with_schemas(files)


def _renamed(file: Path, old: str, new: str) -> tuple[str, str]:
    """Returns the name and the text of a playbook, of what stands beside it, or of a mapping.

    The names are those by which hooks, workflows and editors know what a file is.
    """
    own = {f"{old}.yaml": f"{new}.playbook.yaml"}
    own |= {f"{old}{kind.endings[0]}": f"{new}{kind.endings[0]}" for kind in (CASES, PAY, LEADS)}
    text = file.read_text(encoding="utf-8")
    for before, after in own.items():
        text = text.replace(before, after)
    if file.name in own:
        text = re.sub(
            rf"^(playbook|pay|leads): *{re.escape(old)}\b", rf"\1: {new}", text, flags=re.M
        )
    return own.get(file.name, file.name), text
