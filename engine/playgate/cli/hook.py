"""`playgate hook`: where hooks come from, and where they go to."""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click

from playgate.cli import completing
from playgate.cli.clock import now
from playgate.cli.door import put, tell
from playgate.cli.errors import CLEAN
from playgate.cli.load import mapping_from
from playgate.cli.options import FILE, db_option, form_option, map_option
from playgate.cli.requests import db_name
from playgate.documents.addresses import is_address
from playgate.documents.document import composed, nearest
from playgate.enforce.live import Live
from playgate.enforce.which_playbook import named_playbook
from playgate.errors import InputError
from playgate.history.mapping import find_mapping
from playgate.ledger.hooks import HookIn, HookOut
from playgate.ledger.store import Ledger
from playgate.report import hooks as pages
from playgate.serve.calls import checked_url, networks_of
from playgate.serve.inbox import checked_template
from playgate.serve.messages import HAPPENINGS, digest, tried
from playgate.serve.outbox import sent
from playgate.serve.signed import KINDS, Kind, checked_secret

__all__ = ["command"]

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
_ABOUT = {"pipedrive": "meta.entity_id"}
"""What tells of which record a body speaks, where the kind of the hook says it."""
_MOST_SHOWN = 20_000
_LONGEST = 100_000

_secret_options: list[Callable[[Callable[..., Any]], Callable[..., Any]]] = [
    click.option(
        "--secret-env",
        metavar="VARIABLE",
        help="The variable of the environment with the secret; without one, it is made.",
    ),
    click.option("--secret-file", metavar="FILE", type=FILE, help="The file with the secret."),
]
_private_option = click.option(
    "--private",
    "networks",
    multiple=True,
    metavar="NETWORK",
    help="A network of one's own that may be called, such as 10.0.0.0/8; may be said again.",
)


def _with_secret(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_secret_options):
        function = option(function)
    return function


@click.group("hook")
def command() -> None:
    """Take hooks of a CRM into the ledger, and tell others what happens in it.

    `playgate serve` does both. What could not be taken in, `playgate inbox` shows.

    \b
    playgate hook in new crm --kind pipedrive --map pipedrive-webhooks
    playgate hook out new https://chat.example.com/hooks/x --on refused --on due
    playgate hook list
    """


@command.group("in")
def in_() -> None:
    """Take hooks of a CRM into the ledger.

    \b
    playgate hook in new crm --kind pipedrive --map pipedrive-webhooks
    """


@command.group("out")
def out() -> None:
    """Tell others what happens in the ledger.

    \b
    playgate hook out new https://chat.example.com/hooks/x --on refused --on due
    """


@in_.command("new")
@click.argument("name", metavar="NAME")
@click.option(
    "--kind", required=True, type=click.Choice(list(KINDS)), help="How it says from whom it comes."
)
@map_option
@click.option("--playbook", metavar="NAME", help="The published one that judges new deals.")
@click.option(
    "--with",
    "files",
    multiple=True,
    metavar="FILE",
    type=FILE,
    help="A file that the mapping reads beside it, such as the CRM's users; may be said again.",
)
@click.option(
    "--as",
    "written_as",
    metavar="FILE",
    default="webhooks.ndjson",
    show_default=True,
    help="The name of the file in which the mapping looks for it.",
)
@click.option(
    "--about",
    metavar="PATH",
    help="What in a body tells its record, as meta.entity_id: bodies of one are mapped together.",
)
@click.option(
    "--record",
    metavar="URL",
    default="",
    help="Where the record is read at which a body only hints, with {PATH} for what it says.",
)
@click.option(
    "--record-token",
    metavar="VARIABLE",
    default="",
    help="The variable of serve's environment with the token for that.",
)
@click.option(
    "--record-in",
    metavar="KEY",
    default="",
    help="The key of the list in which the mapping looks for a record.",
)
@_with_secret
@_private_option
@db_option
@form_option
def new_source(
    name: str,
    kind: Kind,
    mapping: str | None,
    playbook: str | None,
    files: tuple[str, ...],
    written_as: str,
    about: str | None,
    record: str,
    record_token: str,
    record_in: str,
    secret_env: str | None,
    secret_file: str | None,
    networks: tuple[str, ...],
    db: str | None,
    form: str,
) -> int:
    r"""Take in what comes to /v1/hooks/NAME, mapped as import maps files.

    The secret is read from the environment or a file, else made and shown once. It is kept in the
    ledger, as it is needed to check signatures. A name that is there is set anew.

    \b
    playgate hook in new crm --kind pipedrive --map pipedrive-webhooks --with users.json
    playgate hook in new events --kind standard --map events --secret-env EVENTS_SECRET
    playgate hook in new odoo --kind path --map ours.mapping.yaml
    playgate hook in new hubspot --kind hubspot --map hubspot --secret-file app.secret \
      --as deals-1.json --record 'https://api.hubapi.com/crm/v3/objects/deals/{objectId}' \
      --record-token HUBSPOT_TOKEN --record-in results
    """
    if mapping is None:
        raise click.UsageError("--map says how hooks are mapped")
    _fits(_NAME, name, "NAME", "lower case letters, digits and -")
    _fits(_FILE_NAME, written_as, "--as", "a name of a file without a folder")
    mapping_from(mapping)
    found = find_mapping(mapping)
    networks_of(networks)
    if record:
        checked_template(record, networks=networks)
    elif record_token or record_in:
        raise click.UsageError("--record says where a record is read")
    if record_token:
        _fits(_VARIABLE, record_token, "--record-token", "the name of a variable, not the token")
    secret, shown = _secret(kind, secret_env, secret_file)
    lies = [str(Path(each).absolute()) for each in files]
    if any("\n" in each or not Path(each).is_file() for each in lies):
        raise InputError("--with names files that are there", code="no-such-file")
    with Ledger.open(db_name(db)) as ledger, ledger.writing():
        judges = named_playbook(Live(ledger, now=now()), playbook).sha256 if playbook else ""
        source = HookIn(
            name=name,
            at=now(),
            kind=kind,
            secret=secret,
            mapping=str(found.absolute()) if found.exists() and found == Path(mapping) else mapping,
            playbook=judges,
            files="\n".join(lies),
            written_as=written_as,
            about=(_ABOUT.get(kind, "") if not record else "") if about is None else about,
            record_url=record,
            record_token=record_token,
            record_in=record_in,
            networks=" ".join(networks),
        )
        ledger.hooks.add_source(source)
    _note_readable(db_name(db))
    _show(pages.source_json(source, secret=shown), pages.source_text(source, secret=shown), form)
    return CLEAN


@out.command("new")
@click.argument("url", metavar="URL")
@click.option(
    "--on",
    "happenings",
    multiple=True,
    required=True,
    type=click.Choice(list(HAPPENINGS)),
    help="What to tell of; may be said again.",
)
@click.option("--name", default="", metavar="TEXT", help="What it is, in your words.")
@_with_secret
@_private_option
@db_option
@form_option
def new_target(
    url: str,
    happenings: tuple[str, ...],
    name: str,
    secret_env: str | None,
    secret_file: str | None,
    networks: tuple[str, ...],
    db: str | None,
    form: str,
) -> int:
    """Tell a server what happens from now on, signed as Standard Webhooks asks.

    Each message has a `text` that chat tools show. "decision" is every decision, "refused" those
    that refuse, "finding" what is newly unmet where a move was let through, "due" each morning what
    falls due within a day, "daily" and "weekly" a digest of it, "digest" what `hook send` is given.
    "-" as URL reads the address from standard input, as it may be a secret.

    \b
    playgate hook out new https://chat.example.com/hooks/x --on refused --on waiver-request
    playgate hook out new http://10.0.0.7:8080/playgate --on decision --private 10.0.0.7
    """
    address = sys.stdin.readline(_LONGEST).strip() if url == "-" else url
    networks_of(networks)
    checked_url(address, networks=networks)
    secret, shown = _secret("standard", secret_env, secret_file)
    with Ledger.open(db_name(db)) as ledger, ledger.writing():
        target = HookOut(
            id=secrets.token_hex(4),
            at=now(),
            url=address,
            happenings=" ".join(dict.fromkeys(happenings)),
            secret=secret,
            name=composed(name).strip(),
            networks=" ".join(networks),
            seen=ledger.size(),
        )
        ledger.hooks.add_target(target)
    _note_readable(db_name(db))
    _show(pages.target_json(target, secret=shown), pages.target_text(target, secret=shown), form)
    return CLEAN


@command.command("list")
@db_option
@form_option
def list_(db: str | None, form: str) -> int:
    """List where hooks come from and go to, and what of them waits or was given up.

    \b
    playgate hook list
    playgate hook list --format json
    """
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        sources, hooks = ledger.hooks.sources(), ledger.hooks
        targets = [(each, hooks.messages(each.id, most=_MOST_SHOWN)) for each in hooks.targets()]
    _show(pages.hooks_json(sources, targets), pages.hooks_text(sources, targets), form)
    return CLEAN


@command.command("remove")
@click.argument("hook", metavar="HOOK", shell_complete=completing.hooks)
@db_option
def remove(hook: str, db: str | None) -> int:
    """Take no more hooks in by a name, or tell a target, by its id, nothing more.

    What came stays in the inbox; what was to go out is dropped.

    \b
    playgate hook remove crm
    """
    with Ledger.open(db_name(db)) as ledger, ledger.writing():
        found = _known(ledger, hook)
        if isinstance(found, HookIn):
            ledger.hooks.remove_source(hook)
        else:
            ledger.hooks.remove_target(hook)
    put([f"{hook} is removed\n"])
    return CLEAN


@command.command("test")
@click.argument("hook", metavar="ID", shell_complete=completing.hooks)
@db_option
def test(hook: str, db: str | None) -> int:
    """Send a target a message that says no more than that it arrives.

    \b
    playgate hook test 3f9a01bc
    """
    with Ledger.open(db_name(db), reading=True) as ledger, ledger.reading():
        target = _known(ledger, hook)
    if isinstance(target, HookIn):
        raise InputError(f"{hook} comes in", hint="its sender can test it", code="unknown-name")
    at = now()
    said, _ = sent(target, tried(target, at=at), now=at)
    if said:
        raise InputError(f"the message did not arrive: {said}", code="cannot-connect")
    put([f"{hook}: the message arrived\n"])
    return CLEAN


@command.command("send")
@click.argument("file", metavar="FILE", type=FILE)
@db_option
def send(file: str, db: str | None) -> int:
    """Send a text to all targets that want a digest; "-" reads standard input.

    `playgate serve` sends it. Of a long text the first 3,000 characters are shown.

    \b
    playgate digest sales.yaml history.csv | playgate hook send -
    """
    with click.open_file(file, "rb") as opened:
        text = composed(cast("bytes", opened.read(_LONGEST)).decode("utf-8", "replace")).strip()
    if not text:
        raise InputError("there is no text to send", code="wrong-value")
    at = now()
    with Ledger.open(db_name(db)) as ledger, ledger.writing():
        wanting = [each for each in ledger.hooks.targets() if "digest" in each.happenings.split()]
        ledger.hooks.send([digest(each, text, which=f"digest_{at}", at=at) for each in wanting])
    if not wanting:
        hint = "playgate hook out new URL --on digest"
        raise InputError("no hook wants a digest", hint=hint, code="unknown-name")
    put([f"it goes to {', '.join(each.id for each in wanting)}\n"])
    return CLEAN


def _known(ledger: Ledger, said: str) -> HookIn | HookOut:
    found = ledger.hooks.source(said) or ledger.hooks.target(said)
    if found is None:
        known = [each.name for each in ledger.hooks.sources()]
        known += [each.id for each in ledger.hooks.targets()]
        hint = nearest(said, known) or "playgate hook list shows them"
        raise InputError(f'there is no hook "{said[:60]}"', hint=hint, code="unknown-name")
    return found


def _fits(pattern: re.Pattern[str], said: str, what: str, hint: str) -> None:
    if not pattern.fullmatch(said):
        raise InputError(f'{what} cannot be "{said[:60]}"', hint=hint, code="wrong-value")


def _secret(kind: Kind, variable: str | None, file: str | None) -> tuple[str, str]:
    """Returns the secret of a hook, and what of it is shown: one that is made, as nobody has it."""
    given = _given(variable, file)
    secret = checked_secret(kind, given or _made(kind))
    return secret, "" if given else secret


def _given(variable: str | None, file: str | None) -> str:
    """Returns the secret that is named, or nothing; raises `InputError` where it cannot be read."""
    if variable and file:
        raise click.UsageError("--secret-env and --secret-file: one of the two")
    if variable:
        found = os.environ.get(variable, "").strip()
        if not found:
            message = f"the variable {variable[:60]} is not set"
            hint = "--secret-env names a variable; the secret itself is no argument"
            raise InputError(message, hint=hint, code="wrong-value")
        return found
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise InputError(f"{file} cannot be read", code="cannot-read") from None
    return ""


def _made(kind: Kind) -> str:
    if kind == "hubspot":
        hint = "--secret-env or --secret-file: the client secret of your app"
        raise InputError("HubSpot has a secret of its own", hint=hint, code="usage")
    if kind == "standard":
        return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
    made = secrets.token_urlsafe(24)
    return f"playgate:{made}" if kind == "pipedrive" else made


def _note_readable(db: str) -> None:
    """Says so where others can read the ledger, which has the secret."""
    if is_address(db):
        tell("note: the secret lies in the database: who reads its tables reads it")
    elif os.name == "posix" and Path(db).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        tell(f"note: others can read {db}, which has the secret: chmod 600")


def _show(data: str, text: str, form: str) -> None:
    put([data if form == "json" else text, "\n"])
