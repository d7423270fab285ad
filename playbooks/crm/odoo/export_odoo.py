"""Exports what Odoo 19 tells of its opportunities, for the mapping `odoo`.

    ODOO_URL=https://example.odoo.com ODOO_DATABASE=example ODOO_API_KEY=… \\
        python export_odoo.py FOLDER

FOLDER gets a file for each kind of record, with one object on each line. Run again, it asks only
for what is new or changed since: where it stands is kept in FOLDER/cursor.json. It needs nothing
but Python, reads only, and takes no text of messages.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PAGE = 500
OVERLAP = timedelta(minutes=10)
"""A record may be seen so long after its stamp: when what wrote it has ended."""
STAMP = "%Y-%m-%d %H:%M:%S"
TRIES = 4
BUSY = {429, 502, 503, 504}
HERE = {"localhost", "127.0.0.1", "::1"}
CHANGES = [f"{age}_value_{kind}" for age in ("old", "new") for kind in ("integer", "char", "float")]


class ExportError(Exception):
    """What ends the export, in words."""


class Kind(NamedTuple):
    """A kind of record: its file's name, where it is, which are asked for, and what of them."""

    name: str
    model: str
    domain: list[Any]
    fields: list[str]


TRACKING = Kind(
    "tracking",
    "mail.tracking.value",
    [["mail_message_id.model", "=", "crm.lead"]],
    ["create_date", "create_uid", "field_id", *CHANGES, "mail_message_id"],
)
"""Records that are written once."""
LEADS = Kind(
    "lead",
    "crm.lead",
    [],
    [
        *("name", "type", "create_date", "write_date", "create_uid", "user_id", "stage_id"),
        *("expected_revenue", "active", "won_status", "lost_reason_id"),
    ],
)
MESSAGES = Kind(
    "message",
    "mail.message",
    [["model", "=", "crm.lead"]],
    [
        *("res_id", "date", "create_date", "write_date", "create_uid", "message_type"),
        "mail_activity_type_id",
    ],
)
"""Of leads that are merged, the messages become those of one."""
LISTS = (
    Kind("stage", "crm.stage", [], ["name", "sequence", "is_won"]),
    Kind("user", "res.users", [], ["login", "name"]),
    Kind("field", "ir.model.fields", [["model", "=", "crm.lead"]], ["name", "ttype"]),
)
"""Records that are few, and asked for each time."""


class Server:
    """An Odoo, asked by its JSON API."""

    def __init__(self, url: str, database: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {
            "Authorization": f"bearer {key}",
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "playgate-export",
            "X-Odoo-Database": database,
        }

    def records(self, kind: Kind, after: int = 0, more: Sequence[Any] = ()) -> Iterator[Any]:
        """Yields all records with a later id than `after`, archived ones too, in order of ids."""
        while True:
            asked = {
                "domain": [*kind.domain, *more, ["id", ">", after]],
                "fields": kind.fields,
                "limit": PAGE,
                "order": "id",
                "context": {"lang": "en_US", "active_test": False},
            }
            page = self._ask(f"{self._url}/json/2/{kind.model}/search_read", asked)
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1]["id"]

    def _ask(self, address: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        body = json.dumps(asked).encode()
        for tried in range(1, TRIES + 1):
            request = urllib.request.Request(address, body, self._headers)  # noqa: S310  (checked)
            try:
                with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                    found = json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code not in BUSY or tried == TRIES:
                    raise ExportError(_refused(address, error)) from None
                time.sleep(2.0**tried)
            except (OSError, ValueError) as error:
                raise ExportError(f"{address}: {error}") from None
            else:
                if isinstance(found, list):
                    return found
                raise ExportError(f"{address} did not answer with a list: is it an Odoo 19?")
        raise AssertionError("the last try ends it")


def _refused(address: str, error: urllib.error.HTTPError) -> str:
    try:
        why = json.load(error).get("message", "")
    except (OSError, ValueError, AttributeError):
        why = ""
    return f"{address}: {error.code} {why or error.reason}"


def export(server: Server, folder: Path) -> dict[str, int]:
    """Writes the files, and returns how many records of each kind were new or changed."""
    folder.mkdir(parents=True, exist_ok=True)
    cursor_file = folder / "cursor.json"
    cursor = json.loads(cursor_file.read_text("utf-8")) if cursor_file.exists() else {}
    counts = {}
    for kind in LISTS:
        records = list(server.records(kind))
        _write(folder / f"{kind.name}.ndjson", map(_line, records))
        counts[kind.name] = len(records)
    there = {each["id"] for each in server.records(LEADS._replace(fields=["id"]))}
    for kind, kept in ((LEADS, there), (MESSAGES, None)):
        since = cursor.get(kind.name)
        counts[kind.name], cursor[kind.name] = _changed(server, kind, folder, since, kept)
    name = TRACKING.name
    counts[name], cursor[name] = _added(server, TRACKING, folder, cursor.get(name))
    _write(cursor_file, [json.dumps(cursor) + "\n"])
    return counts


def _changed(
    server: Server, kind: Kind, folder: Path, since: str | None, there: set[int] | None
) -> tuple[int, str | None]:
    """Puts the records that were changed in the place of what the file has of them; where it is
    said which are `there`, the others go."""
    more = [["write_date", ">=", since]] if since else []
    records = list(server.records(kind, more=more))
    file = folder / f"{kind.name}.ndjson"
    known = {json.loads(line)["id"]: line for line in _lines(file)}
    changed = {each["id"]: _line(each) for each in records}
    count = sum(known.get(ident) != line for ident, line in changed.items())
    merged = {**known, **changed}
    kept = sorted(merged if there is None else merged.keys() & (there | changed.keys()))
    _write(file, (merged[ident] for ident in kept))
    latest = max((each["write_date"] for each in records), default=None)
    return count, _earlier(latest) if latest else since


def _added(
    server: Server, kind: Kind, folder: Path, cursor: dict[str, Any] | None
) -> tuple[int, dict[str, Any]]:
    """Appends the records that the file does not have.

    Ids are given when a record is written, and seen when its transaction ends: so those of the last
    minutes are asked for again.
    """
    cursor = cursor or {"after": 0, "seen": [], "size": 0}
    seen = set(cursor["seen"])
    records = list(server.records(kind, cursor["after"]))
    new = [each for each in records if each["id"] not in seen]
    size = _append(folder / f"{kind.name}.ndjson", cursor["size"], map(_line, new))
    if not records:
        return 0, {**cursor, "size": size}
    sure = _earlier(max(each["create_date"] for each in records))
    after = max((each["id"] for each in records if each["create_date"] < sure), default=0)
    after = max(after, cursor["after"])
    later = [each["id"] for each in records if each["id"] > after]
    return len(new), {"after": after, "seen": later, "size": size}


def _append(file: Path, size: int, lines: Iterable[str]) -> int:
    """Writes lines behind the first `size` bytes, and returns how many there are then; what an
    export that broke off left behind them goes."""
    with file.open("r+b" if file.exists() else "w+b") as out:
        out.truncate(size)
        out.seek(size)
        out.writelines(line.encode() for line in lines)
        return out.tell()


def _earlier(stamp: str) -> str:
    return (datetime.strptime(stamp, STAMP) - OVERLAP).strftime(STAMP)


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines(keepends=True) if file.exists() else []


def _write(file: Path, lines: Iterable[str]) -> None:
    """Writes a file as a whole: it is the old one until the new one is ready."""
    ready = file.with_name(f"{file.name}.new")
    with ready.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(lines)
    ready.replace(file)


def _server(environment: Mapping[str, str]) -> Server:
    names = ("ODOO_URL", "ODOO_DATABASE", "ODOO_API_KEY")
    if missing := [name for name in names if not environment.get(name)]:
        raise ExportError(f"{', '.join(missing)} must be in the environment")
    url, database, key = (environment[name] for name in names)
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
        raise ExportError("ODOO_URL must begin with https://, as the key travels with each request")
    return Server(url, database, key)


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs the export, and returns the exit status."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        counts = export(_server(environment), Path(arguments[0]))
    except (ExportError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("; ".join(f"{name}: {count}" for name, count in counts.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
