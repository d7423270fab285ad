"""Attributes of an event, cut out of its canonical JSON by regular expressions.

Backends read JSON in ways of their own; the canonical form (sorted keys, no spaces) is regular as
far as it is nested no deeper than `_DEPTH`, and regular expressions they all have.
"""

from __future__ import annotations

import json
import re

import ibis

from playgate.bulk.values.expressions import Expr, any_of

__all__ = ["attribute", "has_attribute", "has_part", "is_too_deep", "raw_attribute"]

_DEPTH = 3
_STRING = r'"(?:[^"\\]|\\.)*"'
_ESCAPES = (('\\"', '"'), ("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"), ("\\b", "\b"), ("\\f", "\f"))
_GUARD = "\x01"


def _inner() -> str:
    inner = rf'(?:{_STRING}|[^"\[\]{{}}])*'
    for _ in range(_DEPTH - 1):
        inner = rf'(?:{_STRING}|[^"\[\]{{}}]|\[{inner}\]|\{{{inner}\}})*'
    return inner


_VALUE = rf'(?:{_STRING}|[^"\[\]{{}},]+|\[{_inner()}\]|\{{{_inner()}\}})'


_OPENING = r"[\[{][^\[{]*" * (_DEPTH + 2)
"""As many brackets as what is nested too deep has at least."""


def is_too_deep(attrs: Expr) -> Expr:
    """Says whether a value is nested deeper than these expressions see."""
    whole = rf"^\{{{_STRING}:{_VALUE}(?:,{_STRING}:{_VALUE})*\}}$"
    return (attrs != "") & attrs.re_search(_OPENING) & ~attrs.re_search(whole)


def _before(name: str) -> str:
    key = re.escape(json.dumps(name, ensure_ascii=False))
    return rf"^\{{(?:{_STRING}:{_VALUE},)*{key}:"


def raw_attribute(attrs: Expr, name: str) -> Expr:
    """Cuts out the attribute as JSON; empty where there is none."""
    found = attrs.re_extract(f"{_before(name)}({_VALUE})", 1)
    return ibis.ifelse(attrs == "", "", found.fill_null(""))  # most have none: nothing is searched


def attribute(raw: Expr) -> Expr:
    """Turns the JSON of an attribute into the text that a test reads (`values.attribute_text`)."""
    text = raw.substr(1, raw.length() - 2).replace("\\\\", _GUARD)
    for escaped, plain in _ESCAPES:
        text = text.replace(escaped, plain)
    text = text.replace(_GUARD, "\\")
    return ibis.cases(
        (raw.isin(["", "null", "[]", "{}"]), ""), (raw.startswith('"'), text), else_=raw
    )


def has_attribute(attrs: Expr, name: str) -> Expr:
    """Says whether the event has the attribute at all."""
    return ibis.ifelse(attrs == "", False, attrs.re_search(_before(name)))


def has_part(attrs: Expr, parts: tuple[str, ...]) -> Expr:
    """Says whether any participant (`with`: a text or a list of texts) plays one of `parts`."""
    wanted = "|".join(re.escape(json.dumps(part, ensure_ascii=False)) for part in parts)
    one = attrs.re_search(f"{_before('with')}(?:{wanted})[,}}]")
    some = attrs.re_search(rf"{_before('with')}\[(?:{_VALUE},)*(?:{wanted})[,\]]")
    return ibis.ifelse(attrs == "", False, any_of([one, some]))
