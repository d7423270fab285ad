"""Forms of digits alone, read without `strptime`, which takes several times as long.

What such a reader does not read, `strptime` may still read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

__all__ = ["CODES", "SHORT", "plain_reader"]

CODES = {
    "Y": "[0-9]{4}",
    "m": "1[0-2]|0[1-9]",
    "d": "3[01]|[12][0-9]|0[1-9]",
    "H": "2[0-3]|[01][0-9]",
    "I": "1[0-2]|0[1-9]",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "f": "[0-9]{1,6}",
    "p": "[AaPp][Mm]",
}
"""What the codes of strptime stand for, as regular expressions."""
SHORT = {"m": "[1-9]", "d": "[1-9]", "H": "[0-9]", "I": "[1-9]", "M": "[0-9]", "S": "[0-9]"}
"""And what may stand there as well: numbers without the zero before them."""
_TOKEN = re.compile("%(.)|([^%]+)", re.DOTALL)


def plain_reader(form: str) -> Callable[[str], datetime | None] | None:
    """Compiles a reader of what is surely of this form; `None` where it has other codes."""
    pattern = _pattern(form)
    if pattern is None:
        return None
    match, has = pattern.fullmatch, pattern.groupindex.keys()
    if not {"Y", "m", "d"} <= has or ("I" in has) != ("p" in has) or {"H", "I"} <= has:
        return None
    names = [name for name in ("Y", "m", "d", "I" if "I" in has else "H", "M", "S") if name in has]
    if len(names) < 4 and has & {"M", "S", "f"}:
        return None  # minutes of no hour

    def read(text: str) -> datetime | None:
        found = match(text)
        if found is None:
            return None
        numbers = list(map(int, found.group(*names)))
        if "p" in has:
            numbers[3] = numbers[3] % 12 + 12 * (found["p"] in ("PM", "pm", "Pm", "pM"))
        try:
            moment = datetime(*numbers)  # type: ignore[arg-type]
        except ValueError:
            return None
        return moment.replace(microsecond=int(found["f"].ljust(6, "0"))) if "f" in has else moment

    return read


def _pattern(form: str) -> re.Pattern[str] | None:
    """Returns the expression for a form, with a group for each of its codes."""
    pattern = ""
    tokens = _TOKEN.findall(form)
    for place, (code, literal) in enumerate(tokens):
        if literal:
            pattern += re.sub(r"(?:\\\s)+", r"\\s+", re.escape(literal))
        elif code not in CODES or f"<{code}>" in pattern:
            return None
        else:
            beside = [tokens[at][0] for at in (place - 1, place + 1) if 0 <= at < len(tokens)]
            # Between digits nothing but their number says where one code ends.
            short = f"|{SHORT[code]}" if code in SHORT and not any(beside) else ""
            pattern += f"(?P<{code}>{CODES[code]}{short})"
    return re.compile(pattern, re.ASCII)
