"""What the cells of a column look like: which times, which numbers, how often the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from functools import lru_cache
from itertools import islice, product

from playgate.conditions.instants import to_datetime
from playgate.history.number_forms import NumberForm, number_reader
from playgate.history.time_forms import (
    EPOCH,
    EPOCH_MS,
    ISO,
    clashing,
    codes_of,
    moment_reader,
    said,
)
from playgate.records import Record

__all__ = ["ColumnSeen", "NumbersSeen", "TimesSeen", "column_seen", "parted", "words_of"]

_MOST = 300
_MOST_FORMS = 3
_ENOUGH = 0.95
_DATES = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%a, %d %b %Y",
    "%Y%m%d",
)
_CLOCKS = ("", "%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
_TIME_WORDS = {"time", "date", "timestamp", "stamp", "at", "on", "when", "day", "due"} | {
    "created",
    "updated",
    "modified",
    "changed",
}
_YEARS = (1970, 2101)
_SIGNS = "(?:[A-Z]{3}|[A-Z]{0,2}[$€£¥₹₽₩₺₴₪฿₫₱₦₸]|kr[.]?|zł|Kč|Fr[.]|Ft|lei|Euro)?"
_AMOUNT = re.compile(rf"[+\-−]?\s*({_SIGNS})\s*[+\-−]?\d[\d\s.,'’_]*?\s*({_SIGNS})")
_NUMBERS = (("", "."), (",", "."), (".", ","), (" ", ","), ("'", "."), ("", ","), (" ", "."))


class TimesSeen(Record):
    """Cells are times, written in these forms."""

    forms: tuple[str, ...]
    has_clock: bool
    has_offset: bool
    said: str
    """The evidence, and what is to be looked at."""


class NumbersSeen(Record):
    """Cells are numbers, written so."""

    form: NumberForm
    said: str


class ColumnSeen(Record):
    """A column of a sample."""

    name: str
    rows: int
    times: TimesSeen | None
    numbers: NumbersSeen | None
    cells: Counter[str]
    """The distinct cells that are not blank, and how often each stands there."""

    @property
    def filled(self) -> float:
        """The share of rows in which something stands."""
        return sum(self.cells.values()) / self.rows if self.rows else 0.0

    @property
    def is_unique(self) -> bool:
        """Whether each row has a cell of its own."""
        return self.rows > 1 and len(self.cells) == self.rows


def words_of(name: str) -> frozenset[str]:
    """Returns the words in a column's name: CreatedById has created, by and id."""
    return frozenset(re.findall(r"[a-z]+|[0-9]+", parted(name).casefold()))


def parted(name: str) -> str:
    """Returns a column's name, a space before each capital letter within it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def column_seen(name: str, cells: Sequence[str]) -> ColumnSeen:
    """Returns what the cells of a column look like."""
    counted = Counter(cell.strip() for cell in cells if cell.strip())
    texts = list(islice(counted, _MOST))
    times = _times(texts, bool(words_of(name) & _TIME_WORDS)) if texts else None
    numbers = _numbers(texts) if texts and times is None else None
    return ColumnSeen(name, len(cells), times, numbers, counted)


# --- Times ----------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _forms() -> tuple[str, ...]:
    joined = (f"{date} {clock}".strip() for clock, date in product(_CLOCKS, _DATES))
    plain = [*joined, "%b %d, %Y, %I:%M:%S %p", "%Y%m%d%H%M%S", "%Y%m%dT%H%M%S"]
    return (ISO, *plain, *(f"{form} %z" for form in plain if "H" in form or "I" in form))


@lru_cache(maxsize=512)
def _reader(form: str) -> Callable[[str], int | None]:
    return moment_reader((form,), UTC)


def _reads(form: str, text: str) -> bool:
    at = _reader(form)(text)
    return at is not None and _YEARS[0] <= to_datetime(at).year < _YEARS[1]


def _times(texts: Sequence[str], is_named_so: bool) -> TimesSeen | None:
    chosen: list[str] = []
    notes: list[str] = []
    rest = list(texts)
    while rest and len(chosen) < _MOST_FORMS:
        found = [form for form in _possible(rest[0], is_named_so) if _reads(form, rest[0])]
        if not found:
            break
        reads = {form: sum(_reads(form, text) for text in rest) for form in found}
        best = max(found, key=reads.__getitem__)
        notes += _doubt(best, [form for form in found if reads[form] == reads[best]], rest)
        chosen.append(best)
        rest = [text for text in rest if not _reads(best, text)]
    read = len(texts) - len(rest)
    if not chosen or read < _ENOUGH * len(texts) or any(clashing(chosen)):
        return None
    codes = set().union(*map(codes_of, chosen))
    clock = bool(codes & {"H", "I"}) or any(":" in text or "T" in text for text in texts)
    named = f"{read} of {len(texts)} different cells read as {said(chosen)}"
    return TimesSeen(
        tuple(chosen),
        clock or bool({EPOCH, EPOCH_MS} & set(chosen)),
        _has_offset(chosen, texts),
        "; ".join([named, *notes]),
    )


def _possible(text: str, is_named_so: bool) -> Iterator[str]:
    """Yields the forms in which a cell may be written; bare digits are a time only where the
    column's name says so."""
    if text.isdigit():
        if is_named_so:
            yield from {10: (EPOCH,), 13: (EPOCH_MS,), 8: ("%Y%m%d",), 14: ("%Y%m%d%H%M%S",)}.get(
                len(text), ()
            )
    elif re.search(r"\d.*[-/.: ].*\d", text):
        yield from _forms()


def _doubt(best: str, alike: Sequence[str], texts: Sequence[str]) -> Iterator[str]:
    for form in alike:
        if any(_reader(form)(text) != _reader(best)(text) for text in texts):
            yield f'CHECK: all of them read as "{form}", too, which is another day'


def _has_offset(forms: Sequence[str], texts: Sequence[str]) -> bool:
    if forms[0] in (EPOCH, EPOCH_MS):
        return True
    if forms[0] == ISO:
        return any(re.search(r"(Z|UTC|GMT|[+-]\d{2}:?(\d{2})?)$", text[10:]) for text in texts)
    return any("z" in codes_of(form) for form in forms)


# --- Numbers --------------------------------------------------------------------------------------


def _numbers(texts: Sequence[str]) -> NumbersSeen | None:
    found = [_AMOUNT.fullmatch(text) for text in texts]
    right = [each for each in found if each is not None]
    if len(right) < _ENOUGH * len(texts):
        return None
    marks = tuple(sorted({mark for each in right for mark in each.groups() if mark}))
    reads: dict[NumberForm, int] = {}
    for thousands, decimal in _NUMBERS:
        form = NumberForm(decimal=decimal, thousands=thousands, currency=marks)
        reads[form] = sum(number_reader(form)(text) is not None for text in texts)
    best = max(reads, key=reads.__getitem__)
    if reads[best] < _ENOUGH * len(texts):
        return None
    note = f"{reads[best]} of {len(texts)} different cells read so"
    if any(_differs(best, form, texts) for form in reads if reads[form] == reads[best]):
        note += "; CHECK: they could be read with the other decimal sign, too"
    return NumbersSeen(best, note)


def _differs(one: NumberForm, other: NumberForm, texts: Sequence[str]) -> bool:
    return any(number_reader(one)(text) != number_reader(other)(text) for text in texts)
