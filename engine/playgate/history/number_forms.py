"""The forms in which a mapping may say that numbers are written, with or without a currency.

White space of any kind may stand around the parts of a number: browsers and spreadsheets write
spaces that do not break. An apostrophe is one however it is bent, and so is a minus.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

from playgate.records import Record

__all__ = ["NumberForm", "currency_reader", "different", "example", "number_reader"]

_SPACE = r"\s"
_APOSTROPHES = "'’ʼ"
_MINUS = "-−"
_ALIKE = {" ": f"[{_SPACE}]", **dict.fromkeys(_APOSTROPHES, f"[{_APOSTROPHES}]")}


class NumberForm(Record):
    """How numbers are written in a column."""

    decimal: str = "."
    thousands: str = ""
    currency: tuple[str, ...] = ()


def number_reader(form: NumberForm) -> Callable[[str], str | None]:
    """Compiles a reader of numbers, which returns them as JSON writes them; `None` for other
    texts."""
    pattern = _pattern(form)

    def read(text: str) -> str | None:
        found = pattern.fullmatch(text.strip())
        if found is None or (found["sign"] and found["own"]):
            return None
        whole = re.sub(r"[^0-9]", "", found["whole"]).lstrip("0") or "0"
        sign = "-" if set(found["sign"] + found["own"]) & set(_MINUS) else ""
        behind = found["behind"]
        return f"{sign}{whole}.{behind}" if behind else f"{sign}{whole}"

    return read


def _pattern(form: NumberForm) -> re.Pattern[str]:
    currency = f"(?:{_one_of(form.currency)})?" if form.currency else ""
    thousands = _ALIKE.get(form.thousands) or re.escape(form.thousands)
    groups = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{2,3}})*{thousands}[0-9]{{3}}|"
    sign = rf"[{_MINUS}+]?"
    return re.compile(
        rf"(?P<sign>{sign})\s*{currency}\s*(?P<own>{sign})"
        rf"(?P<whole>{groups if thousands else ''}[0-9]+)"
        rf"(?:{re.escape(form.decimal)}(?P<behind>[0-9]+))?\s*{currency}"
    )


def _one_of(marks: Iterable[str]) -> str:
    return "|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True))


def example(form: NumberForm) -> str:
    """Returns a number of this form."""
    currency = f" {form.currency[0]}" if form.currency else ""
    return f"1{form.thousands}234{form.decimal}50{currency}"


# --- Currencies -----------------------------------------------------------------------------------

_CODES = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
    "₺": "TRY",
    "₴": "UAH",
    "₪": "ILS",
    "zł": "PLN",
    "Kč": "CZK",
    "US$": "USD",
    "CA$": "CAD",
    "A$": "AUD",
    "R$": "BRL",
}
"""Signs that stand for one currency only."""
_CODE = re.compile("[A-Z]{3}")


def currency_reader(marks: Sequence[str]) -> Callable[[str], str | None]:
    """Compiles a reader of the currency that stands before or behind a number: one of `marks`, or
    empty where none does; `None` where something else does."""
    pattern = re.compile(rf"(?P<front>{_one_of(marks)})?(?P<number>.*?)(?P<end>{_one_of(marks)})?")

    def read(text: str) -> str | None:
        bare = text.strip()
        signless = bare.lstrip(f"+{_MINUS}").lstrip()
        found = pattern.fullmatch(signless)
        if found is None or any(map(_is_mark, found["number"])):
            return None
        if found["front"] and found["end"] and found["front"] != found["end"]:
            return None
        return found["front"] or found["end"] or ""

    return read


def _is_mark(sign: str) -> bool:
    return sign.isalpha() or unicodedata.category(sign) == "Sc"


def different(marks: Sequence[str]) -> tuple[str, str] | None:
    """Returns two marks that cannot be of one currency; `None` where all may be."""
    known = [(mark, _code_of(mark)) for mark in marks]
    sure = [(mark, code) for mark, code in known if code]
    for (one, first), (other, second) in combinations(sure, 2):
        if first != second:
            return one, other
    return None


def _code_of(mark: str) -> str:
    return _CODES.get(mark, mark if _CODE.fullmatch(mark) else "")
