"""Writes the sample lists of `active-sales`: `python tests/leads/samples_of_leads.py`."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parents[2] / "playbooks" / "active-sales"
_SEGMENTS = ("bakeries", "canteens", "hotels", "groceries", "care-homes")
_FIRST = ("Zelta", "Jauna", "Baltā", "Rīta", "Vecā", "Saules", "Meža", "Upes", "Kalna", "Jūras")
_LAST = {
    "bakeries": ("Maize", "Klaips", "Ceptuve"),
    "canteens": ("Ēdnīca", "Virtuve", "Pusdienas"),
    "hotels": ("Viesnīca", "Nams", "Osta"),
    "groceries": ("Veikals", "Grozs", "Tirgus"),
    "care-homes": ("Mājas", "Atvasara", "Gaisma"),
}
_STREETS = ("Skolas", "Brīvības", "Liepu", "Dzirnavu", "Ostas", "Parka")
_COLUMNS = ("id", "name", "vat_id", "contact_name", "phone", "email", "address", "postcode")
_HEADER = (*_COLUMNS, "region", "segment")

Row = dict[str, str]


def files() -> dict[Path, bytes]:
    """The lists by path."""
    prospects, clients = _lists(Random(1907))
    return {
        FOLDER / "prospects.csv": _text(prospects, _HEADER),
        FOLDER / "clients.csv": _text(clients, ("name", "vat_id", "email", "postcode")),
    }


def _lists(draw: Random) -> tuple[list[Row], list[Row]]:
    rows = []
    for number in range(1, 141):
        segment = _SEGMENTS[number % len(_SEGMENTS)]
        name = f"{_FIRST[number % len(_FIRST)]} {_LAST[segment][number % 3]} {number}"
        rows.append(_row(draw, number, name, segment))
    for row in draw.sample(rows, 8):
        row[draw.choice(["phone", "email", "address"])] = ""
    rows[17] = {**rows[4], "id": "P-018", "phone": "+371 67000000"}  # the same firm again
    clients = [{**row, "email": ""} for row in draw.sample(rows[20:], 9)]
    near = dict(rows[9], name=f"SIA {rows[9]['name']}", vat_id="", email="")
    _known(rows)
    return rows, [*clients, near]


def _row(draw: Random, number: int, name: str, segment: str) -> Row:
    return {
        "id": f"P-{number:03}",
        "name": name,
        "vat_id": f"LV{40_000_000_000 + draw.randrange(10**9)}",
        "contact_name": f"{draw.choice('ABDEGIJKLM')}. {draw.choice(_FIRST)}",
        "phone": f"+371 2{draw.randrange(10**7):07}",
        "email": f"birojs@firma{number}.example",
        "address": f"{draw.choice(_STREETS)} {draw.randrange(1, 90)}",
        "postcode": f"LV-{draw.randrange(1001, 5400)}",
        "region": draw.choice(["North", "South"]),
        "segment": segment,
    }


def _known(rows: list[Row]) -> None:
    """Gives some prospects the phone of a deal."""
    with (FOLDER / "history.csv").open(encoding="utf-8", newline="") as stream:
        phones = [each["value"] for each in csv.DictReader(stream) if each["name"] == "phone"]
    for place, phone in zip((30, 50, 70, 90, 110), phones[-40::8], strict=True):
        rows[place]["phone"] = phone


def _text(rows: list[Row], header: tuple[str, ...]) -> bytes:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, header, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


if __name__ == "__main__":
    for path, content in files().items():
        path.write_bytes(content)
