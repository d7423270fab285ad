"""`playgate.toml`: options that need not be said again.

```toml
db = "deals.db"          # of the live commands
lang = "fr"              # what people read

[audit]                  # options of a command, by their long names
fail-on = "warn"
people = "people.csv"
```

The command line comes first, then the environment (`PLAYGATE_DB`, `PLAYGATE_BY`, and
`PLAYGATE_<COMMAND>_<OPTION>`), then the file beside the playbook or in this folder, then the one in
the user's own folder of settings. Only the user's own says who acts, what is written where, and
which engine is asked: whoever hands over a folder says what is shown of it, and no more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from playgate.cli.live_commands import LIVE
from playgate.cli.quick import NAME, own_settings
from playgate.cli.settings_file import SettingsFile, read_settings
from playgate.documents.document import nearest

__all__ = ["NAME", "defaults"]

_OF_A_LEDGER = frozenset(
    (*LIVE, "people", "publish", "migrate", "ledger", "reconcile", "reproduce", "erase")
)
_SHARED = ("db", "by", "lang")
_OF_EVERY = ("lang",)
"""The shared settings that any command takes which has such an option."""
_SHOWN = frozenset(
    (
        *("as-of", "columns", "coverage", "deal", "diff", "due", "fail-on", "fail-under", "filter"),
        *("for", "format", "jobs", "limit", "no-cache", "open", "period", "rep", "rule", "seconds"),
        *("since", "stage", "strict", "team", "timezone", "verbose", "what-if", "window"),
    )
)
"""What a file that lies beside data may set, besides paths beneath its own folder."""
_VERIFIES_LESS = frozenset((("ledger", "since"),))
"""What it may not set all the same."""
_BENEATH = frozenset(("db", "people", "map", "cases", "plan", "sessions"))


def defaults(command: click.Command, args: Sequence[str], known: Sequence[str]) -> dict[str, Any]:
    """Returns what files say of this command's options, by parameter; `known` are all
    commands."""
    found: dict[str, Any] = {}
    for file in _files(args):
        for name, value in _of_file(file, command, known).items():
            both = isinstance(value, dict) and isinstance(found.get(name), dict)
            found[name] = {**found[name], **value} if both else value
    return found


def _files(args: Sequence[str]) -> Iterator[SettingsFile]:
    """Yields the user's own file, then the one beside the first playbook that is named, else in the
    current folder, which goes before it."""
    own = Path(own_settings())
    if own.is_file():
        yield read_settings(own, own=True)
    beside = [Path(each).parent for each in args if each.endswith((".yaml", ".yml"))]
    for folder in (*beside[:1], Path()):
        if os.path.isfile(folder / NAME):  # False, too, where one may not look
            yield read_settings(folder / NAME, own=False)
            return


def _of_file(file: SettingsFile, command: click.Command, known: Sequence[str]) -> dict[str, Any]:
    settings = file.settings
    for name, value in settings.items():
        if isinstance(value, dict):
            if name not in known:
                file.mistake((name,), f'no command "{name}"', "unknown-name", nearest(name, known))
        elif name not in _SHARED:
            hint = nearest(name, (*_SHARED, *known))
            file.mistake((name,), f'no setting "{name}"', "unknown-name", hint)
        else:
            _check_value(file, (name,), name, None)
    name = command.name or ""
    own = settings.get(name, {})
    if not isinstance(own, dict):
        file.mistake((name,), f"{name} needs a table of options", "wrong-type", f"[{name}]")
        own = {}
    subs = command.commands if isinstance(command, click.Group) else {}
    _check(file, name, own, [*subs.values()] if subs else [command])
    file.raise_mistakes()
    if not isinstance(command, click.Group):
        return _said(file, command, own)
    return {each: _said(file, sub, own, of=name) for each, sub in subs.items()}


def _check(
    file: SettingsFile, name: str, own: Mapping[str, Any], commands: Sequence[click.Command]
) -> None:
    options = {option: each for command in commands for option, each in _options(command).items()}
    for option in own:
        if option not in options:
            message = f'{name} has no option "{option}"'
            file.mistake((name, option), message, "unknown-name", nearest(option, [*options]))
        else:
            _check_value(file, (name, option), option, options[option])


def _check_value(
    file: SettingsFile, route: tuple[str, ...], option: str, parameter: click.Option | None
) -> None:
    """Notes what is wrong with a setting: its type, or that it does not belong into this file."""
    if not file.has_type(route, parameter) or file.own:
        return
    if option in _SHOWN and route not in _VERIFIES_LESS:
        return
    if option in _BENEATH:
        file.check_beneath(route)
        return
    message = f"{option} is not for a file that lies beside data"
    hint = f"say it on the command line, in the environment, or in {own_settings()}"
    file.mistake(route, message, "not-trusted", hint)


def _said(
    file: SettingsFile, command: click.Command, own: Mapping[str, Any], *, of: str | None = None
) -> dict[str, Any]:
    """Returns what is said of a command's options, by parameter."""
    options = _options(command)
    # Of `history`, --by asks for somebody, and does not say who does it.
    wanted = _SHARED if (of or command.name) in _OF_A_LEDGER else _OF_EVERY
    shared = [
        each
        for each in wanted
        if each in options and options[each].name == each and each in file.settings
    ]
    said = {each: file.settings[each] for each in shared}
    found = {**said, **{each: value for each, value in own.items() if each in options}}
    return {
        str(options[each].name): file.placed(value) if each in _BENEATH else value
        for each, value in found.items()
    }


def _options(command: click.Command) -> dict[str, click.Option]:
    """Returns a command's options, by their long names."""
    return {
        option.removeprefix("--"): parameter
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }
