"""An object-centric log (OCEL 2.0) that is written as XML, read as the data that its JSON form has.

As of any document all of it is in memory. The declared types are passed over: a mapping says what
each value is. A document type, and so every entity, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from xml.parsers import expat

from playgate.documents.document import composed
from playgate.errors import InputError
from playgate.history.xml_feed import Feed, RefusedError

__all__ = ["is_ocel_xml", "read_ocel_xml"]

_LOG = re.compile(
    rb"<log\b[^>]*>\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+<(event-types|object-types|events|objects)\b",
    re.S,
)
_HEAD = 16 * 1024
"""Within so many bytes the first elements of a log stand."""
_DEEPEST = 64
_AT_ITEM, _AT_PART = 3, 5
_OF_ITEMS: tuple[str, ...] = ("id", "type", "time")


def is_ocel_xml(start: bytes) -> bool:
    """Returns whether a file that starts so is an object-centric log."""
    return _LOG.search(start[:_HEAD]) is not None


def read_ocel_xml(name: str, chunks: Iterable[bytes]) -> dict[str, Any]:
    """Returns the log's events and objects, each with its attributes and relationships.

    Raises `InputError` where it is not well-formed, or holds what is not read.
    """
    log = _Log()
    parser = log.parser()
    try:
        feed = Feed(parser)
        for chunk in chunks:
            feed.parse(chunk)
        feed.parse(b"", at_end=True)
    except expat.ExpatError as error:
        where = f"{name}, line {error.lineno}"
        reason = f"not well-formed XML: {expat.ErrorString(error.code)}"
        raise InputError(f"{where}: {reason}", code="wrong-file") from None
    except (LookupError, ValueError) as error:  # it is a codec that says so
        raise InputError(
            f"{name}: an encoding that is not read: {error}", code="wrong-file"
        ) from None
    except RefusedError as error:
        where = f"{name}, line {parser.CurrentLineNumber}"
        raise InputError(f"{where}: {error}", code="wrong-file") from None
    return log.data


class _Log:
    """What was read so far, and where the parser is."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {"objects": [], "events": []}
        self._path: list[str] = []
        self._item: dict[str, Any] = {}
        self._text: list[str] | None = None

    def parser(self) -> Any:
        """Returns an expat parser that fills `data`."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._heard
        return parser

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        path = self._path
        path.append(tag)
        if len(path) > _DEEPEST:
            raise RefusedError(f"elements nested more than {_DEEPEST} deep")
        if len(path) == _AT_ITEM and path[1] in self.data:
            self._item = {
                **{key: composed(attributes[key]) for key in _OF_ITEMS if key in attributes},
                "attributes": [],
                "relationships": [],
            }
            self.data[path[1]].append(self._item)
        elif len(path) == _AT_PART and path[1] in self.data:
            self._part(path[3], attributes)

    def _part(self, of: str, attributes: dict[str, str]) -> None:
        """Begins an attribute of the last item, or adds a relationship to it."""
        texts = {key: composed(text) for key, text in attributes.items()}
        if of == "attributes":
            named = {key: texts[key] for key in ("name", "time") if key in texts}
            self._item["attributes"].append(named)
            self._text = []
        elif of == "objects":
            qualifier = texts.get("qualifier", texts.get("relationship", ""))
            related = {"objectId": texts.get("object-id", ""), "qualifier": qualifier}
            self._item["relationships"].append(related)

    def _heard(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, _: str) -> None:
        if self._text is not None and len(self._path) == _AT_PART:
            self._item["attributes"][-1]["value"] = composed("".join(self._text))
            self._text = None
        self._path.pop()


def _refuse_doctype(*_: object) -> None:
    raise RefusedError("a document type, which is not read")
