"""The KPIs once more, in plain Python over the rows of a history: slow, and obvious.

It shares no code with `playgate.numbers`: rows are dictionaries, a deal is a sorted list of them,
and every definition is written out as docs/numbers.md tells it.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

Row = dict[str, Any]
DAY = timedelta(days=1)


@dataclass
class Counted:
    """What a KPI comes to for one rep."""

    done: int = 0
    failed: int = 0
    open: int = 0
    days: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


def playbook_of(folder: Path) -> Any:
    """A sample's playbook as it stands in its file."""
    text = (folder / f"{folder.name}.yaml").read_bytes()
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


class History:
    """A sample history with its playbook, both as they stand in their files."""

    def __init__(self, folder: Path) -> None:
        self.playbook = playbook_of(folder)
        self.stages = [each["stage"] for each in self.playbook["stages"]]
        self.ends = {each["stage"]: each.get("ends") for each in self.playbook["stages"]}
        self.sale = {
            each["stage"]
            for each in self.playbook["stages"]
            if each.get("ends") == "won" or each.get("counts_as") == "won"
        }
        self.track = [name for name in self.stages if self.ends[name] is None] + [
            name for name in self.stages if self.ends[name] == "won"
        ]
        blank = [str(text) for text in self.playbook.get("placeholders", [])]
        self.blank = {"", *(text.casefold() for text in blank)}
        self.deals = self._deals(folder / "history.csv")
        self.as_of = max(row["at"] for rows in self.deals.values() for row in rows)

    def _deals(self, path: Path) -> dict[str, list[Row]]:
        deals: dict[str, list[Row]] = defaultdict(list)
        seen = set()
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if tuple(row.values()) not in seen:
                    seen.add(tuple(row.values()))
                    at = datetime.fromisoformat(row["happened_at"])
                    attrs = json.loads(row["attrs"] or "{}")
                    deals[row["deal"]].append({**row, "at": at, "attrs": attrs})
        return {
            deal: self._known(sorted(rows, key=lambda row: row["at"]))
            for deal, rows in deals.items()
        }

    def _known(self, rows: list[Row]) -> list[Row]:
        """Without names that the playbook does not know, and moves that lead nowhere."""
        known = {
            "activity": self.playbook["activities"],
            "field": [*self.playbook["fields"], "owner"],
            "stage": self.stages,
        }
        kept: list[Row] = []
        stage = ""
        for row in rows:
            if row["kind"] in known and row["name"] not in known[row["kind"]]:
                continue
            if row["kind"] == "stage":
                if row["name"] == stage:
                    continue
                stage = row["name"]
            kept.append(row)
        return kept

    def governed(self) -> dict[str, list[Row]]:
        """The deals that the playbook applies to (only bank-sales leaves some out)."""
        if "applies_to" not in self.playbook:
            return self.deals
        assert self.playbook["applies_to"] == {"field": "deal_type", "not_equals": "renewal"}
        return {
            deal: rows
            for deal, rows in self.deals.items()
            if self.value(rows, "deal_type", _first_move(rows)) != "renewal"
        }

    def value(self, rows: list[Row], name: str, at: datetime) -> str | None:
        """A field's text as of an instant; `None` where it is absent."""
        texts = [
            row["value"]
            for row in rows
            if row["kind"] == "field" and row["name"] == name and row["at"] <= at
        ]
        return texts[-1] if texts and texts[-1].strip().casefold() not in self.blank else None

    def matches(self, rows: list[Row], wanted: Any) -> list[int]:
        """The places in `rows` where something happens that a KPI names."""
        if isinstance(wanted, list):
            return sorted({place for each in wanted for place in self.matches(rows, each)})
        if wanted == "opened":
            return [0]
        moves = [place for place, row in enumerate(rows) if row["kind"] == "stage"]
        if wanted == "won":
            return [place for place in moves if rows[place]["name"] in self.sale][:1]
        if "reached" in wanted:
            later = self.track[self.track.index(wanted["reached"]) :]
            return [place for place in moves if rows[place]["name"] in later][:1]
        if "stage" in wanted:
            return [place for place in moves if rows[place]["name"] == wanted["stage"]]
        return [place for place, row in enumerate(rows) if _is_such(row, wanted)]

    def holds(self, rows: list[Row], when: Row, at: datetime) -> bool:
        """Whether a field is what a condition says, as of an instant."""
        text = self.value(rows, when["field"], at)
        if "at_least" in when:
            number = as_number(text)
            return number is not None and number >= when["at_least"]
        return text in when.get("one_of", [when.get("equals")])

    def owner(self, rows: list[Row], place: int) -> str:
        """Whose an event is."""
        row = rows[place]
        owner = self.value(rows, "owner", row["at"])
        if owner is not None:
            return owner
        before = [each["actor"] for each in rows[: place + 1] if each["kind"] != "waiver"]
        return next((actor for actor in reversed(before) if actor), "")

    def ended(self, rows: list[Row]) -> datetime | None:
        """When the deal ended."""
        moves = [row for row in rows if row["kind"] == "stage"]
        return moves[-1]["at"] if moves and self.ends[moves[-1]["name"]] else None

    def told_at(self, rows: list[Row], stage: str) -> datetime:
        """When a deal passes a stage; if it never does, its end, or now."""
        later = self.track[self.track.index(stage) + 1 :]
        passed = [row["at"] for row in rows if row["kind"] == "stage" and row["name"] in later]
        return passed[0] if passed else self.ended(rows) or self.as_of

    # KPIs

    def kpi(self, name: str, keep: Any = None) -> dict[str, Counted]:
        """A declared KPI by rep; `keep` says of which events of a deal it is counted (of counts
        only)."""
        found: dict[str, Counted] = defaultdict(Counted)
        kpi = self.playbook["kpis"][name]
        assert keep is None or "count" in kpi
        for rows in self.governed().values():
            self._count(kpi, rows, found, keep)
        return found

    def _count(self, kpi: Row, rows: list[Row], found: dict[str, Counted], keep: Any) -> None:
        if "count" in kpi:
            places = self.matches(rows, kpi["count"])
            for place in places[:1] if kpi.get("which") == "first" else places:
                row = rows[place]
                if keep is not None and not keep(rows, row["at"]):
                    continue
                if "when" in kpi and not self.holds(rows, kpi["when"], row["at"]):
                    continue
                is_done = row["kind"] == "activity" and row["actor"]
                found[row["actor"] if is_done else self.owner(rows, place)].done += 1
            return
        what = kpi.get("ratio") or kpi.get("time") or kpi.get("mean") or kpi["sum"]
        first = next(what[key] for key in ("of", "from", "at") if key in what)
        places = self.matches(rows, first)
        if not places:
            return
        counted = found[self.owner(rows, places[0])]
        if "field" in what:
            number = as_number(self.value(rows, what["field"], rows[places[0]]["at"]))
            if number is None:
                counted.open += 1
            else:
                counted.values.append(number)
            return
        self._follow(kpi, rows, places[0], what, counted)

    def _follow(self, kpi: Row, rows: list[Row], start: int, what: Row, counted: Counted) -> None:
        at, ended = rows[start]["at"], self.ended(rows)
        later = [
            rows[place]["at"]
            for place in self.matches(rows, what["to"])
            if place != start and rows[place]["at"] >= at
        ]
        if "time" in kpi:
            if later:
                counted.days.append((later[0] - at) / DAY)
            elif ended is not None:
                counted.ended.append((max(at, ended) - at) / DAY)
            else:
                counted.waiting.append((self.as_of - at) / DAY)
                counted.open += 1
            return
        limit = at + _length(what["within"]) if "within" in what else None
        if later and (limit is None or later[0] <= limit):
            counted.done += 1
        elif ended is not None or (limit is not None and limit <= self.as_of):
            counted.failed += 1
        else:
            counted.open += 1


def _first_move(rows: list[Row]) -> datetime:
    return next(row["at"] for row in rows if row["kind"] == "stage")


def _is_such(row: Row, wanted: Row) -> bool:
    if row["kind"] != "activity":
        return False
    names, outcome = wanted["activity"], wanted.get("outcome")
    if row["name"] not in ([names] if isinstance(names, str) else names):
        return False
    outcomes = [outcome] if isinstance(outcome, str) else outcome
    if outcomes is not None and row["value"] not in outcomes:
        return False
    said = wanted.get("where", {})
    if any(row["attrs"].get(name) != value for name, value in said.items()):
        return False
    return "with" not in wanted or wanted["with"] in row["attrs"].get("with", [])


def _length(text: str) -> timedelta:
    amount, unit = text.split()
    return int(amount) * (DAY if unit.startswith("day") else timedelta(hours=1))


def as_number(text: str | None) -> float | None:
    """The number; what does not read as one counts as absent."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Wilson's interval, as the roots of (p - share)² = z² p (1 - p) / n."""
    z = 1.959963984540054
    share = part / whole
    a, b, c = 1 + z * z / whole, -(2 * share + z * z / whole), share * share
    root = (b * b - 4 * a * c) ** 0.5
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def km_quartile(days: list[float], waiting: list[float], wanted: float) -> float | None:
    """The first day by which `wanted` had come: at each day, those still there times the share of
    them that went on."""
    left = 1.0
    for day in sorted(set(days)):
        still = sum(each >= day for each in (*days, *waiting))
        left *= 1 - days.count(day) / still
        if left <= 1 - wanted + 1e-9:
            return day
    return None


def weights(days: list[float], ended: list[float], waiting: list[float]) -> dict[float, float]:
    """What share of all comes on which day, by Efron's way (1967): everyone counts alike, and who
    is still waiting hands on what they count to all who were seen later."""
    rows = [(day, 0) for day in days] + [(day, 1) for day in ended] + [(day, 2) for day in waiting]
    rows.sort(key=lambda row: (row[0], row[1] == 2))
    own = [1 / max(1, len(rows))] * len(rows)
    came: dict[float, float] = {}
    for place, (day, kind) in enumerate(rows):
        later = len(rows) - place - 1
        if kind == 0:
            came[day] = came.get(day, 0.0) + own[place]
        elif kind == 2 and later:
            for other in range(place + 1, len(rows)):
                own[other] += own[place] / later
    return came


def aj_quartile(came: dict[float, float], wanted: float) -> float | None:
    """The first day by which a part of all that come had come."""
    total, seen = sum(came.values()), 0.0
    for day, weight in sorted(came.items()):
        seen += weight
        if seen >= wanted * total - 1e-9:
            return day
    return None
