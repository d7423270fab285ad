"""A file in one layout: the same data and comments, keys in the order of its schema.

What is written is read again and compared before anybody gets it.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Sequence
from typing import Any

from playgate.documents.commented import Entry, Node, comment_texts, read_tree
from playgate.documents.layout import lay_out
from playgate.documents.schema import load_schema
from playgate.documents.shipped import shipped
from playgate.documents.yaml12 import parse
from playgate.errors import InputError

__all__ = ["tidy"]

_KINDS = ("cases", "mapping", "playbook", "pay", "leads")
"""Kinds of files, each named by a key at its top and with a schema of this name."""


def tidy(content: bytes, file: str) -> bytes:
    """Returns the file's content in the one layout; raises `InputError` where it cannot be read as
    YAML."""
    document, mistakes = parse(content, file)
    if document is None or mistakes:
        raise InputError(mistakes=mistakes)
    original = content.removeprefix(codecs.BOM_UTF8).decode()
    text = original.replace("\r\n", "\n")
    schema = _schema(document.data)
    order = _Order(schema) if schema else None
    found = _laid_out(text, order)
    wanted = order.sorted(document.data) if order else document.data
    if not _says_the_same(found, text, wanted, file):
        # An alias must stay behind its anchor: then the keys stay where they are.
        found = _laid_out(text, None)
        if not _says_the_same(found, text, document.data, file):
            message = f"{file}: its layout cannot be changed without changing what it says"
            raise InputError(message, hint="nothing was written; please report this as a bug")
    is_windows = "\r\n" in original.partition("\n")[0] + "\n" or original.startswith("\r\n")
    return (found.replace("\n", "\r\n") if is_windows else found).encode()


def _laid_out(text: str, order: _Order | None) -> str:
    above, root = read_tree(text)
    if order is not None:
        order.learn(root)
    body = lay_out(root, order.entries if order else lambda node: node.entries)
    return f"{above.rstrip()}\n{body}" if above.strip() else body


def _says_the_same(found: str, text: str, wanted: Any, file: str) -> bool:
    again, mistakes = parse(found.encode(), file)
    return (
        again is not None
        and not mistakes
        and json.dumps(again.data) == json.dumps(wanted)
        and comment_texts(found) == comment_texts(text)
    )


def _schema(data: Any) -> dict[str, Any] | None:
    kind = next((each for each in _KINDS if isinstance(data, dict) and each in data), "")
    if (
        not kind
        and isinstance(data, dict)
        and set(data) <= set(load_schema("common")["properties"])
    ):
        kind = "common"
    known = kind and shipped("schemas", f"{kind}.schema.json").is_file()
    return load_schema(kind) if known else None


class _Order:
    """The order of keys in which a schema names them; keys that it does not name stay behind."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._root = schema
        self._keys: dict[int, list[str]] = {}

    def sorted(self, data: Any) -> Any:
        """Returns the data with its keys in order."""
        return self._sorted(data, [self._root])

    def _sorted(self, data: Any, schemas: Sequence[Any]) -> Any:
        if isinstance(data, list):
            inner = self._inner(schemas, None)
            return [self._sorted(each, inner) for each in data]
        if not isinstance(data, dict):
            return data
        known = self._known(schemas, data)
        return {
            key: self._sorted(data[key], self._inner(schemas, key))
            for key in _in_order(list(data), known)
        }

    def learn(self, node: Node) -> None:
        """Finds out which order of keys each mapping of a tree takes."""
        self._learn(node, [self._root])

    def _learn(self, node: Node, schemas: Sequence[Any]) -> None:
        keys = [entry.key.value for entry in node.entries if entry.key is not None]
        if node.kind == "map":
            self._keys[id(node)] = self._known(schemas, keys)
        for entry in node.entries:
            step = entry.key.value if entry.key is not None else None
            self._learn(entry.value, self._inner(schemas, step))

    def entries(self, node: Node) -> Sequence[Entry]:
        """Returns a node's entries in order."""
        if node.kind != "map":
            return node.entries
        by_key = {entry.key.value: entry for entry in node.entries if entry.key is not None}
        return [by_key[key] for key in _in_order(list(by_key), self._keys.get(id(node), []))]

    def _known(self, schemas: Sequence[Any], keys: Any) -> list[str]:
        """Returns the keys of that form of a mapping, among several, which most of its keys belong
        to."""
        forms = [list(each.get("properties", {})) for each in self._forms(schemas)]
        return max(forms, key=lambda form: len(set(form) & set(keys)), default=[])

    def _inner(self, schemas: Sequence[Any], key: str | None) -> list[Any]:
        found = []
        for form in self._forms(schemas):
            if key is None:
                inner = form.get("items")
            else:
                inner = form.get("properties", {}).get(key, form.get("additionalProperties"))
            if isinstance(inner, dict):
                found.append(inner)
        return found

    def _forms(self, schemas: Sequence[Any]) -> Iterator[dict[str, Any]]:
        """Yields the schemas, and those that they refer to or choose from."""
        for schema in schemas:
            if "$ref" in schema:
                yield from self._forms([self._resolved(schema["$ref"])])
            yield schema
            chosen = [schema[word] for word in ("then", "else") if word in schema]
            for word in ("allOf", "anyOf", "oneOf"):
                chosen += schema.get(word, [])
            yield from self._forms([each for each in chosen if isinstance(each, dict)])

    def _resolved(self, reference: str) -> Any:
        found: Any = self._root
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        return found


def _in_order(keys: list[str], known: Sequence[str]) -> list[str]:
    return [key for key in known if key in keys] + [key for key in keys if key not in known]
