"""Brings into a playbook what it shares with others: the names in the files that it uses.

They stand in the playbook's document as if they were written there, and keep their own places.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from playgate.documents.document import Document, Route, nearest, quoted, shortened
from playgate.documents.schema import check_schema, load_schema
from playgate.documents.yaml12 import MAX_BYTES, MAX_VALUES, parse, read_bytes
from playgate.errors import InputError, Mistake, Place
from playgate.records import replace

__all__ = ["MAX_USED", "says_use", "used_names", "with_used"]

MAX_USED = 20
_USE = re.compile(rb"\buse[\"']?[ \t]*:")
_KINDS = {
    "fields": "field",
    "activities": "activity",
    "signals": "signal",
    "roles": "role",
    "parts": "part",
    "profiles": "profile",
    "segments": "segment",
    "products": "product",
    "quality": "quality setting",
}


def says_use(content: bytes) -> bool:
    """Returns whether a playbook may use other files, so that its own text does not say it all."""
    return _USE.search(content) is not None


def used_names(document: Document) -> tuple[str, ...]:
    """Returns the files that a playbook names under `use`, each once."""
    data = document.get(("use",))
    listed = data if isinstance(data, list) else []
    return tuple(dict.fromkeys(name for name in listed if isinstance(name, str)))[:MAX_USED]


def with_used(
    document: Document,
    damaged: frozenset[Route],
    mistakes: list[Mistake],
    *,
    given: Mapping[str, str] | None = None,
) -> tuple[Document, frozenset[Route]]:
    """Returns the document with all that it uses, and the routes in it that cannot be read.

    What is wrong in the used files is added to `mistakes`. Where their texts are `given`, no file
    is read.
    """
    names = used_names(document)
    if not names:
        return document, damaged
    merged = _Merged(document, damaged, mistakes, given)
    for name in names:
        merged.take(name)
    return merged.whole(), frozenset(merged.damaged)


class _Merged:
    """A playbook's document, and what is taken into it file by file."""

    def __init__(
        self,
        document: Document,
        damaged: frozenset[Route],
        mistakes: list[Mistake],
        given: Mapping[str, str] | None,
    ) -> None:
        self._document = document
        self._given = given
        self._mistakes = mistakes
        self._data: dict[str, Any] = dict(document.data)
        self._values = dict(document.values)
        self._keys = dict(document.keys)
        self._origins: dict[Route, str] = {}
        self.damaged = set(damaged)
        self.used: dict[str, str] = {}
        self._digests: list[tuple[str, str]] = []
        self._sections = tuple(load_schema("common")["properties"])

    def _unusable(self, name: str, message: str, hint: str = "") -> None:
        """Adds a mistake at an item of `use`, whose names are not known then."""
        self._nothing_is_sure()
        place = self._document.place(("use", self._data["use"].index(name)))
        self._mistakes.append(Mistake(place, message, "use", hint))

    def whole(self) -> Document:
        """Returns the document with all that was taken; its digest is that of all files."""
        digests = [self._document.sha256, *self._digests]
        return replace(
            self._document,
            data=self._data,
            values=self._values,
            keys=self._keys,
            sha256=hashlib.sha256(json.dumps(digests).encode()).hexdigest(),
            origins=self._origins,
            used=self.used,
        )

    def take(self, name: str) -> None:
        """Takes all sections of a file, so far as they can be read."""
        content = self._read(name)
        if content is None:
            return
        file = str(Path(self._document.file).parent / name)
        shared, found = parse(content, file)
        self._mistakes += found
        if shared is None:
            self._nothing_is_sure()
            return
        self.used[name] = content.decode("utf-8", "replace")
        self._digests.append((name, shared.sha256))
        if isinstance(shared.data, dict) and {"stages", "playbook"} & set(shared.data):
            self._unusable(
                name, f"{quoted(name)} is a playbook", "move what is shared to its own file"
            )
            return
        if len(self._values) + len(shared.values) > MAX_VALUES:
            self._unusable(name, f"with {quoted(name)}, there are more than {MAX_VALUES:,} values")
            return
        found, damaged = check_schema(shared, "common")
        self._mistakes += found
        for section in self._sections:
            if isinstance(shared.data, dict) and section in shared.data:
                self._section(section, shared, damaged)

    def _nothing_is_sure(self) -> None:
        """Marks all sections as damaged, so that no name is called unknown for what is not read."""
        self.damaged.update((section,) for section in self._sections)

    def _read(self, name: str) -> bytes | None:
        if self._given is not None:
            return self._given[name].encode() if name in self._given else None
        return self._read_file(name)

    def _read_file(self, name: str) -> bytes | None:
        folder = Path(self._document.file).parent
        plain = name.replace("\\", "/")
        if (
            not plain.strip()
            or PureWindowsPath(name).drive
            or PurePosixPath(plain).is_absolute()
            or ".." in PurePosixPath(plain).parts
        ):
            self._unusable(
                name, f"{quoted(name)} is not beside the playbook", "name a file beside it"
            )
            return None
        path = folder / name
        try:
            is_inside = path.resolve().is_relative_to(folder.resolve())
            content = read_bytes(path) if is_inside and path.is_file() else None
        except (InputError, OSError, ValueError):
            is_inside, content = True, None
        if not is_inside:
            message = f"{quoted(name)} leads out of the playbook's folder"
            self._unusable(name, message, "copy the file beside the playbook")
            return None
        if content is None:
            near = nearest(name, _beside(folder, name, self._document.file))
            self._unusable(name, f"there is no file {quoted(name)} beside the playbook", near)
            return None
        if sum(map(len, self.used.values())) + len(content) > MAX_BYTES:
            limit = f"the used files are larger than {MAX_BYTES // 1024 // 1024} MiB together"
            self._unusable(name, limit, "use fewer, or smaller ones")
            return None
        return content

    def _section(self, section: str, shared: Document, damaged: frozenset[Route]) -> None:
        """Takes the items of a section behind those that are there already."""
        more = shared.data[section]
        taken = self._data.get(section, type(more)())
        if not isinstance(more, dict | list):
            return  # the schema says so
        if type(taken) is not type(more):
            self._two_forms(section, shared)
            return
        if section not in self._data:
            self._keys[(section,)] = self._values[(section,)] = self._keys[("use",)]
        self._data[section] = taken = taken.copy()
        for old in more if isinstance(more, dict) else range(len(more)):
            said = self._said(section, old if isinstance(old, str) else more[old])
            if said is not None:
                if self._origins.get(said) != shared.file:  # within a file, its schema says so
                    self._twice(section, old, shared, said)
                continue
            new = old if isinstance(old, str) else len(taken)
            if isinstance(taken, list):
                taken.append(more[old])
            else:
                taken[new] = more[old]
            self._origins[(section, new)] = shared.file
            self._places((section, old), (section, new), shared, damaged)

    def _two_forms(self, section: str, shared: Document) -> None:
        """Says that a section is a list in one file and a mapping in the other."""
        self.damaged.add((section,))
        if section != "roles" or not isinstance(self._data[section], dict | list):
            return  # the schema says so
        forms = ("a list", "a mapping")
        here, there = (forms[isinstance(each[section], dict)] for each in (shared.data, self._data))
        message = f"roles are {here} here, and {there} in the playbook"
        place, related = shared.key_place((section,)), self._document.key_place((section,))
        hint = "write both as a mapping: a role without tasks and goals is `manager: {}`"
        self._mistakes.append(Mistake(place, message, "use", hint, related=related))

    def _places(self, old: Route, new: Route, shared: Document, damaged: frozenset[Route]) -> None:
        for into, places in ((self._values, shared.values), (self._keys, shared.keys)):
            into.update((_moved(each, old, new), place) for each, place in _under(places, old))
        self.damaged.update(_moved(each, old, new) for each in damaged if each[:2] == old)

    def _said(self, section: str, name: object) -> Route | None:
        """Returns where a name of a section is said already."""
        data = self._data.get(section)
        if isinstance(data, dict):
            return (section, str(name)) if name in data else None
        if section in _KINDS and isinstance(data, list) and name in data:
            return (section, data.index(name))
        return None

    def _twice(self, section: str, item: str | int, shared: Document, said: Route) -> None:
        first = replace(self._document, values=self._values, keys=self._keys, origins=self._origins)
        place, related = shared.key_place((section, item)), first.key_place(said)
        name = shared.data[section][item] if isinstance(item, int) else item
        message = f"{_KINDS[section]} {quoted(name)} is said twice (first in {_seen(related)})"
        hint = "leave one of them out"
        self._mistakes.append(Mistake(place, message, "said-twice", hint, related=related))


def _under(places: Any, route: Route) -> Iterator[tuple[Route, tuple[int, int]]]:
    return ((each, place) for each, place in places.items() if each[: len(route)] == route)


def _moved(route: Route, old: Route, new: Route) -> Route:
    return (*new, *route[len(old) :])


def _seen(place: Place) -> str:
    return f"{shortened(place.file)}, line {place.line}"


def _beside(folder: Path, name: str, playbook: str) -> list[str]:
    """Returns the YAML files beside the playbook, or in that folder below it where one was
    named."""
    inner = PurePosixPath(name).parent
    try:
        found = [each.name for each in (folder / inner).iterdir()]
    except (OSError, ValueError):
        return []
    names = sorted(str(inner / each) for each in found if each.endswith((".yaml", ".yml")))
    return [each for each in names if each != Path(playbook).name]
