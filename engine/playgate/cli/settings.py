"""`playgate.toml`: options that need not be said again, beside the playbook or in this folder.

```toml
db = "deals.db"          # of the live commands
by = "crm-sync"

[audit]                  # options of a command, by their long names
fail-on = "warn"
people = "people.csv"
```

The command line comes first, then the environment (`PLAYGATE_DB`, `PLAYGATE_BY`, and
`PLAYGATE_<COMMAND>_<OPTION>`), then this file.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from playgate.cli.live_commands import LIVE
from playgate.documents.document import nearest
from playgate.errors import InputError

__all__ = ["NAME", "defaults"]

NAME = "playgate.toml"
_OF_A_LEDGER = frozenset((*LIVE, "people", "publish", "migrate", "ledger", "reconcile"))
_SHARED = ("db", "by")


def defaults(command: click.Command, args: Sequence[str], known: Sequence[str]) -> dict[str, Any]:
    """Returns what the file says of this command's options, by parameter; `known` are all
    commands."""
    file = _find(args)
    if file is None:
        return {}
    settings = _read(file)
    for name, value in settings.items():
        wanted = (*_SHARED, *known) if isinstance(value, dict) else _SHARED
        if name not in wanted:
            raise InputError(
                f'{file}: no setting "{name}"',
                hint=nearest(name, (*_SHARED, *known)),
                code="unknown-name",
            )
    own = settings.get(command.name or "", {})
    if not isinstance(command, click.Group):
        _check(file, command.name or "", own, _options(command))
        return _said(command, settings, own)
    subs = command.commands
    _check(file, command.name or "", own, {o for sub in subs.values() for o in _options(sub)})
    return {name: _said(sub, settings, own, of=command.name) for name, sub in subs.items()}


def _check(file: Path, name: str, own: Mapping[str, Any], options: Collection[str]) -> None:
    for option in own:
        if option not in options:
            raise InputError(
                f'{file}: {name} has no option "{option}"',
                hint=nearest(option, [*options]),
                code="unknown-name",
            )


def _said(
    command: click.Command,
    settings: Mapping[str, Any],
    own: Mapping[str, Any],
    *,
    of: str | None = None,
) -> dict[str, Any]:
    """Returns what is said of a command's options, by parameter."""
    options = _options(command)
    # Of `history`, --by asks for somebody, and does not say who does it.
    is_live = (of or command.name) in _OF_A_LEDGER
    shared = [each for each in _SHARED if is_live and options.get(each) == each]
    said = {each: settings[each] for each in shared if each in settings}
    found = {**said, **{each: value for each, value in own.items() if each in options}}
    return {str(options[each]): value for each, value in found.items()}


def _options(command: click.Command) -> dict[str, str | None]:
    """Returns the parameters of a command's options, by their long names."""
    return {
        option.removeprefix("--"): parameter.name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }


def _find(args: Sequence[str]) -> Path | None:
    """Returns the file beside the first playbook that is named, else in the current folder."""
    beside = [Path(each).parent for each in args if each.endswith((".yaml", ".yml"))]
    for folder in (*beside[:1], Path()):
        if os.path.isfile(folder / NAME):  # False, too, where one may not look
            return folder / NAME
    return None


def _read(file: Path) -> dict[str, Any]:
    import tomllib  # most folders have no such file

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InputError(
            f"{file} is not UTF-8", hint="save the file as UTF-8", code="wrong-file"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is not TOML: {error}", code="wrong-file") from None
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}", code="cannot-read") from None
