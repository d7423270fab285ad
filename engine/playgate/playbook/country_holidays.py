"""The public holidays of countries; the one door to the library `holidays`."""

from __future__ import annotations

from datetime import date
from importlib.util import find_spec
from typing import Any

from playgate.documents.document import nearest, quoted

__all__ = ["YEARS", "MissingLibraryError", "UnknownPlaceError", "dates_of", "library"]

YEARS = range(2000, 2051)
"""The years in which a country has holidays; those to come are as its law is known now."""
_MOST_SHOWN = 20


class MissingLibraryError(Exception):
    """The library is not installed."""


class UnknownPlaceError(Exception):
    """The library knows no such country or region; `hint` names those near to it."""

    def __init__(self, message: str, hint: str, *, is_region: bool) -> None:
        super().__init__(message)
        self.hint, self.is_region = hint, is_region


def library() -> str:
    """Returns which version of the library is installed; empty where none is."""
    if find_spec("holidays") is None:
        return ""
    from importlib.metadata import version

    return version("holidays")


def dates_of(country: str, region: str = "") -> frozenset[date]:
    """Returns the public holidays of a country (by its code, FR or FRA), or of one of its regions.

    Raises `MissingLibraryError` or `UnknownPlaceError`.
    """
    try:
        import holidays
        from holidays.registry import COUNTRIES
    except ImportError:
        raise MissingLibraryError from None
    named: Any = COUNTRIES
    codes = {code for names in named.values() for code in names[1:]}
    if country not in codes:
        message = f"country {quoted(country)} does not exist"
        raise UnknownPlaceError(message, _country_hint(country, named), is_region=False)
    law: Any = getattr(holidays, country)
    regions = {*law.subdivisions, *law.subdivisions_aliases}
    if region and region not in regions:
        message = f"region {quoted(region)} of {country} does not exist"
        raise UnknownPlaceError(message, _region_hint(region, country, law), is_region=True)
    return frozenset(law(subdiv=region or None, years=YEARS))


def _country_hint(country: str, named: dict[str, tuple[str, ...]]) -> str:
    """Returns the code of the country that was named, or the nearest code."""
    spoken = country.strip().casefold().replace(" ", "_")
    if spoken in named:
        return f"did you mean {quoted(named[spoken][1])}?"
    codes = {code for names in named.values() for code in names[1:]}
    return nearest(country, codes) or "write a code of two letters: FR, DE, US"


def _region_hint(region: str, country: str, law: Any) -> str:
    """Returns the nearest region, or the codes of the first ones."""
    near = nearest(region, (*law.subdivisions, *law.subdivisions_aliases))
    if near or not law.subdivisions:
        return near or f"{country} has no regions"
    more = ", …" if len(law.subdivisions) > _MOST_SHOWN else ""
    return f"known: {', '.join(law.subdivisions[:_MOST_SHOWN])}{more}"
