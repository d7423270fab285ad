"""A document as JSON text and back, so that a stored playbook needs no YAML to be read again.

The texts of the files that it uses are kept with it.
"""

from __future__ import annotations

import json

from playgate.documents.document import Document

__all__ = ["dump", "load"]


def dump(document: Document) -> str:
    """Returns the document, places and all, as one line of JSON."""
    stored: dict[str, object] = {
        "file": document.file,
        "sha256": document.sha256,
        "data": document.data,
        "values": [[*place, *route] for route, place in document.values.items()],
        "keys": [[*place, *route] for route, place in document.keys.items()],
    }
    if document.used:
        stored["origins"] = [[file, *route] for route, file in document.origins.items()]
        stored["used"] = dict(document.used)
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> Document:
    """Returns the document that `dump` wrote."""
    stored = json.loads(text)
    return Document(
        stored["file"],
        stored["data"],
        {tuple(entry[2:]): (entry[0], entry[1]) for entry in stored["values"]},
        {tuple(entry[2:]): (entry[0], entry[1]) for entry in stored["keys"]},
        stored["sha256"],
        {tuple(entry[1:]): entry[0] for entry in stored.get("origins", ())},
        stored.get("used", {}),
    )
