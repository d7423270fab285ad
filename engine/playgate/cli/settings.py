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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from playgate.cli.live_commands import LIVE
from playgate.documents.document import nearest
from playgate.errors import InputError

__all__ = ["NAME", "defaults"]

NAME = "playgate.toml"
_OF_A_LEDGER = frozenset((*LIVE, "people", "publish", "migrate"))
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
    name = command.name or ""
    options = {
        option.removeprefix("--"): parameter.name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }
    # Of `history`, --by asks for somebody, and does not say who does it.
    shared = [each for each in _SHARED if name in _OF_A_LEDGER and options.get(each) == each]
    said = {each: settings[each] for each in shared if each in settings}
    own = settings.get(name, {})
    for option in own:
        if option not in options:
            raise InputError(
                f'{file}: {name} has no option "{option}"',
                hint=nearest(option, options),
                code="unknown-name",
            )
    return {str(options[each]): value for each, value in {**said, **own}.items()}


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
