"""A file of settings: read with the places of what it says, its types checked as a playbook's."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, NoReturn

import click

from playgate.documents.addresses import is_address
from playgate.documents.document import shortened, written
from playgate.errors import InputError, Mistake, Place

__all__ = ["SettingsFile", "read_settings"]

_LARGEST = 1_000_000
_SYNTAX = "wrong-file"
_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*[^\s=.]+)*)\s*=\s*")
_AT = re.compile(r" \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)$")
_WORDS = {bool: "true or false", str: "text", int: "a whole number", float: "a number"}

Route = tuple[str, ...]


class SettingsFile:
    """What a file says, where, and what is wrong with it.

    `own` tells whether it is the user's, and not one that came with the data.
    """

    def __init__(self, path: Path, text: str, settings: dict[str, Any], *, own: bool) -> None:
        self.path = path
        self.settings = settings
        self.own = own
        self._places = _places(text)
        self._mistakes: list[Mistake] = []

    def mistake(self, route: Route, message: str, rule: str, hint: str = "") -> None:
        """Notes a mistake in what stands at a route."""
        line, column = self._places.get(route) or self._places.get(route[-1:], (1, 1))
        place = Place(str(self.path), line, column)
        self._mistakes.append(Mistake(place, message, rule, hint))

    def raise_mistakes(self) -> None:
        """Raises `InputError` where there are mistakes."""
        if self._mistakes:
            raise InputError(mistakes=self._mistakes, code="wrong-file")

    def has_type(self, route: Route, option: click.Option | None) -> bool:
        """Whether what stands at a route is of the option's type; if not, it is noted."""
        value = self._value(route)
        name = route[-1]
        kind = _kind(option)
        items = value if option is not None and option.multiple else [value]
        if not isinstance(items, list):
            self.mistake(route, f"{name} needs a list", "wrong-type", f"[{written(value)}]")
            return False
        for each in items:
            if type(each) is not kind and not (kind is float and type(each) is int):
                shown = shortened(written(each))
                message = f"{name} must be {_WORDS[kind]}, not {shown}"
                hint = f'put it in quotes: "{shown}"' if kind is str else ""
                self.mistake(route, message, "wrong-type", hint)
                return False
            if option is not None and not self._fits(route, option, each):
                return False
        return True

    def _fits(self, route: Route, option: click.Option, value: Any) -> bool:
        if isinstance(option.type, click.Choice) and value not in option.type.choices:
            known = ", ".join(map(str, option.type.choices))
            message = f"{route[-1]} cannot be {shortened(value)}"
            self.mistake(route, message, "wrong-value", f"known: {known}")
            return False
        if isinstance(option.type, click.IntRange | click.FloatRange):
            try:
                option.type.convert(value, option, None)
            except click.BadParameter as error:
                self.mistake(route, f"{route[-1]}: {error.message}", "wrong-value")
                return False
        return True

    def check_beneath(self, route: Route) -> None:
        """Notes a path that leads out of the file's own folder."""
        folder = os.path.realpath(self.path.parent)
        for each in self._texts(route):
            if is_address(each):
                message = f"{route[-1]} is the address of a server"
                hint = "say it on the command line, in the environment, or in your own settings"
                self.mistake(route, message, "not-trusted", hint)
                continue
            reached = os.path.realpath(os.path.join(folder, each))
            if "\0" in each or os.path.commonpath((folder, reached)) != folder:
                message = f"{route[-1]} leads out of the folder of this file"
                hint = "name a file beneath it, or say it on the command line"
                self.mistake(route, message, "not-trusted", hint)

    def placed(self, value: Any) -> Any:
        """Returns paths as they are reached from here: they are told from the file's own folder.

        What is no path there, such as the name of a mapping that is shipped, stays as it is.
        """
        if isinstance(value, list):
            return [self.placed(each) for each in value]
        return str(self.path.parent / value) if _is_path(self.path.parent, value) else value

    def _value(self, route: Route) -> Any:
        found: Any = self.settings
        for key in route:
            found = found[key]
        return found

    def _texts(self, route: Route) -> list[str]:
        value = self._value(route)
        return value if isinstance(value, list) else [value]


def _is_path(folder: Path, value: str) -> bool:
    if is_address(value):
        return False
    return bool(os.path.dirname(value) or os.path.splitext(value)[1]) or (folder / value).exists()


def _kind(option: click.Option | None) -> type:
    if option is None:
        return str
    if option.is_flag:
        return bool
    return {"integer": int, "float": float}.get(option.type.name.removesuffix(" range"), str)


def read_settings(path: Path, *, own: bool) -> SettingsFile:
    """Reads a file of settings; raises `InputError` where it cannot be read."""
    import tomllib  # most folders have no such file

    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise InputError(f"{path} is larger than a megabyte", code="wrong-file")
        text = content.decode("utf-8")
        return SettingsFile(path, text, tomllib.loads(text), own=own)
    except UnicodeDecodeError:
        hint = "save the file as UTF-8"
        raise InputError(f"{path} is not UTF-8", hint=hint, code="wrong-file") from None
    except tomllib.TOMLDecodeError as error:
        _refuse_syntax(path, content.decode("utf-8"), str(error))
    except RecursionError:
        _refuse_syntax(path, "", "it is nested too deep")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", code="cannot-read") from None


def _refuse_syntax(path: Path, text: str, said: str) -> NoReturn:
    found = _AT.search(said)
    line, column = (int(found[1]), int(found[2])) if found and found[1] else (1, 1)
    if found and not found[1]:
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    message = f"the file is not TOML: {said[: found.start()] if found else said}"
    mistake = Mistake(Place(str(path), line, column), message, _SYNTAX)
    raise InputError(mistakes=[mistake], code="wrong-file")


def _places(text: str) -> dict[Route, tuple[int, int]]:
    """Returns where the value of each key stands, by its table and name, as files of settings are
    usually written."""
    found: dict[Route, tuple[int, int]] = {}
    table: Route = ()
    for number, line in enumerate(text.split("\n"), 1):
        if head := _TABLE.match(line):
            table = _names(head[1])
            found.setdefault(table, (number, line.index("[") + 1))
        elif key := _KEY.match(line):
            found.setdefault((*table, *_names(key[1])), (number, key.end() + 1))
    return found


def _names(dotted: str) -> Route:
    return tuple(each.strip().strip("\"'") for each in dotted.split("."))
