"""How much memory an audit may take, as people write it."""

from __future__ import annotations

import re

from playgate.errors import InputError

__all__ = ["MEMORY", "bytes_of"]

MEMORY = 2**30
"""Bytes that a history's rows take in memory, unless another number is asked for."""
_LEAST = 2**24
_UNITS = {"": 1, "B": 1} | {
    letter + rest: base**power
    for power, letter in enumerate("KMGT", 1)
    for rest, base in (("", 1024), ("iB", 1024), ("B", 1000))
}
_FOLDED = {unit.casefold(): size for unit, size in _UNITS.items()}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([a-z]*)", re.IGNORECASE | re.ASCII)


def bytes_of(text: str) -> int:
    """Reads a size such as `512MiB` or `2GB`; raises `InputError` for what is none."""
    match = _SIZE.fullmatch(text)
    unit = _FOLDED.get(match[2].casefold()) if match else None
    if match is None or unit is None:
        raise InputError(f'"{text}" is no size', hint="such as 512MiB or 2GB", code="usage")
    size = int(float(match[1]) * unit)
    if size < _LEAST:
        raise InputError(f'"{text}" is too little memory', hint="16MiB at least", code="usage")
    return size
