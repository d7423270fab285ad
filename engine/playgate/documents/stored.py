"""A document as JSON text and back, so that a stored playbook needs no YAML to be read again."""

from __future__ import annotations

import json

from playgate.documents.document import Document

__all__ = ["dump", "load"]


def dump(document: Document) -> str:
    """Returns the document, places and all, as one line of JSON."""
    return json.dumps(
        {
            "file": document.file,
            "sha256": document.sha256,
            "data": document.data,
            "values": [[*place, *route] for route, place in document.values.items()],
            "keys": [[*place, *route] for route, place in document.keys.items()],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def load(text: str) -> Document:
    """Returns the document that `dump` wrote."""
    stored = json.loads(text)
    return Document(
        stored["file"],
        stored["data"],
        {tuple(entry[2:]): (entry[0], entry[1]) for entry in stored["values"]},
        {tuple(entry[2:]): (entry[0], entry[1]) for entry in stored["keys"]},
        stored["sha256"],
    )
