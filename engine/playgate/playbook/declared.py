"""The names that a playbook declares, for its conditions to speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from playgate.conditions.activity_words import ActivityWords
from playgate.conditions.instants import Zone
from playgate.conditions.literals import article
from playgate.conditions.names import Names
from playgate.conditions.values import FieldType, Kind
from playgate.documents.document import Document, Route, nearest, quoted, resembles, shortened
from playgate.errors import Mistake
from playgate.model.playbook import Playbook

__all__ = ["names_of", "read_names", "timezone_hint"]

_KINDS = get_args(Kind)
_CHOSEN = ("choice", "choices")
_SECTIONS = {"field": "fields", "activity": "activities", "signal": "signals", "role": "roles"}


def read_names(
    document: Document, damaged: frozenset[Route], mistakes: list[Mistake], *, zone: Zone
) -> Names:
    """Reads all declared names, so far as possible, and checks the options of choices."""
    declared = _Declared(document, damaged)
    mistakes.extend(declared.option_mistakes())
    mistakes.extend(declared.currency_mistakes())
    return Names(
        fields={"owner": FieldType("text"), **declared.fields()},
        activities=declared.activities(),
        signals=declared.mapping("signals"),
        stages=dict.fromkeys(declared.stages()),
        roles=declared.roles(),
        zone=zone,
        parts=_texts(document.get(("parts",))),
        unsure=declared.unsure(),
        untyped=declared.untyped(),
    )


def names_of(playbook: Playbook) -> Names:
    """Returns the names of a playbook that was read, for conditions in the files beside it."""
    return Names(
        fields=playbook.fields,
        activities={name: kind.words for name, kind in playbook.activities.items()},
        signals=playbook.signals,
        stages=tuple(stage.id for stage in playbook.stages),
        roles=playbook.roles,
        zone=playbook.zone,
        parts=playbook.parts,
    )


class _Declared:
    def __init__(self, document: Document, damaged: frozenset[Route]) -> None:
        self._document = document
        self._damaged = damaged

    def mapping(self, section: str) -> Mapping[str, Any]:
        data = self._document.get((section,))
        return data if isinstance(data, dict) else {}

    def _items(self, section: str) -> list[Any]:
        data = self._document.get((section,))
        return data if isinstance(data, list) else []

    def roles(self) -> tuple[str, ...]:
        """Returns the roles: a list of them, or a mapping that says what each does."""
        named = self.mapping("roles") or self._items("roles")
        return tuple(role for role in named if isinstance(role, str))

    def stages(self) -> tuple[str, ...]:
        ids = [each.get("stage") for each in self._items("stages") if isinstance(each, dict)]
        return tuple(stage for stage in ids if isinstance(stage, str))

    def activities(self) -> dict[str, ActivityWords]:
        return {
            name: ActivityWords(_texts(_get(data, "outcomes")), _types(_get(data, "attributes")))
            for name, data in self.mapping("activities").items()
        }

    def fields(self) -> dict[str, FieldType]:
        types = {}
        for name, data in self.mapping("fields").items():
            data = data if isinstance(data, dict) else {}
            kind: Any = data.get("type")
            unit, title, currency = (data.get(key) for key in ("unit", "title", "currency"))
            types[name] = FieldType(
                kind if kind in _KINDS else "text",
                _texts(data.get("options")),
                unit if isinstance(unit, str) else "",
                title if isinstance(title, str) else "",
                currency if isinstance(currency, str) else "",
            )
        return types

    def option_mistakes(self) -> list[Mistake]:
        """Returns the mistakes of choices without options, and of options without a choice."""
        found = []
        for name, data in self.mapping("fields").items():
            if not isinstance(data, dict) or data.get("type") not in _KINDS:
                continue
            is_choice, named = data["type"] in _CHOSEN, f"field {shortened(name)}"
            if (
                is_choice
                and "options" not in data
                and not any(resembles(key, ("options",)) for key in data)
            ):
                place = self._document.key_place(("fields", name))
                message = f"is {article(data['type'])} without options"
                hint = "write options: [one, another]"
                found.append(Mistake(place, f"{named} {message}", "choice-options", hint))
            found += self._of_no_value(name, data.get("options")) if is_choice else ()
            if not is_choice and "options" in data:
                place = self._document.key_place(("fields", name, "options"))
                message, hint = "is no choice and takes no options", "write type: choice"
                found.append(Mistake(place, f"{named} {message}", "choice-options", hint))
            if data["type"] == "choices":
                found += self._parted(("fields", name, "options"), named)
        return found

    def currency_mistakes(self) -> Iterator[Mistake]:
        """Yields the mistakes of fields that say which field has their currency."""
        fields = self.fields()
        for name, kind in fields.items():
            if not kind.currency:
                continue
            named, place = shortened(name), self._document.key_place(("fields", name, "currency"))
            other = fields.get(kind.currency)
            if kind.kind not in ("number", "integer"):
                message, hint = f"field {named} is no amount: it has no currency", "leave it out"
                yield Mistake(place, message, "field-currency", hint)
            elif other is None:
                message = f"field {quoted(kind.currency)} does not exist"
                hint = f"where all are in one currency, write unit: {shortened(kind.currency)}"
                near = nearest(kind.currency, fields)
                hint = near if near.startswith("did you") else hint
                yield Mistake(place, message, "unknown-field", hint)
            elif not kind.unit:
                message = f"field {named} does not say in which currency its sums are told"
                yield Mistake(place, message, "field-currency", "write unit: EUR beside it")
            elif other.kind not in ("text", "choice"):
                message = f"field {shortened(kind.currency)} is {article(other.kind)}: no currency"
                yield Mistake(place, message, "field-currency", "name one of type text or choice")

    def _parted(self, route: Route, named: str) -> Iterator[Mistake]:
        """Yields the mistakes of options with the sign that stands between several of them."""
        for index, option in enumerate(_texts(self._document.get(route))):
            if ";" in option:
                message = f"{named}: the option {quoted(option)} holds a semicolon"
                hint = "a semicolon stands between options in a history: write another sign"
                place = self._document.place((*route, index))
                yield Mistake(place, message, "choice-options", hint)

    def _of_no_value(self, name: str, options: Any) -> Iterator[Mistake]:
        """Yields the options that no value of a history can be."""
        placeholders = {
            each.strip().casefold() for each in _texts(self._document.get(("placeholders",)))
        }
        for index, option in enumerate(options if isinstance(options, list) else ()):
            if not isinstance(option, str):
                continue
            said, hint = "", ""
            if option != option.strip():
                said, hint = "begins or ends with a space", f"write {quoted(option.strip())}"
            elif not option or option.casefold() in placeholders:
                said, hint = "counts as no value", "leave it out, here or under placeholders"
            if said:
                place = self._document.place(("fields", name, "options", index))
                message = f"option {quoted(option)} of field {shortened(name)} {said}"
                yield Mistake(place, message, "choice-options", hint, level="warning")

    def untyped(self) -> frozenset[str]:
        """Returns the fields whose type, or whose options, could not be read."""
        found = set()
        for name, data in self.mapping("fields").items():
            kind = data.get("type") if isinstance(data, dict) else None
            if kind not in _KINDS or (kind in _CHOSEN and not _texts(data.get("options"))):
                found.add(name)
        return frozenset(found)

    def unsure(self) -> frozenset[str]:
        """Returns the kinds of which some names could not be read, as they stand in a wrong form or
        place."""
        found = {kind for kind, section in _SECTIONS.items() if not self._is_readable(section)}
        if not self.stages() or len(self.stages()) != len(self._items("stages")):
            found.add("stage")
        return frozenset(found)

    def _is_readable(self, section: str) -> bool:
        data = self._document.get((section,))
        if (section,) in self._damaged:
            return False
        if data is not None:
            return isinstance(data, dict) or (section == "roles" and isinstance(data, list))
        return not any(
            len(route) == 1 and resembles(route[0], (section,)) for route in self._damaged
        )


def _get(data: object, key: str) -> Any:
    return data.get(key) if isinstance(data, dict) else None


def _types(data: object) -> dict[str, FieldType]:
    """Returns the declared attributes; one whose type cannot be read is text."""
    kinds = data if isinstance(data, dict) else {}
    return {name: FieldType(kind if kind in _KINDS else "text") for name, kind in kinds.items()}


def _texts(data: object) -> tuple[str, ...]:
    return tuple(each for each in data if isinstance(each, str)) if isinstance(data, list) else ()


def timezone_hint(name: str) -> str:
    """Returns the zone of the city that was named, or the nearest zone."""
    from zoneinfo import available_timezones

    zones = sorted(available_timezones())
    wanted = name.strip().casefold().replace(" ", "_")
    city = [zone for zone in zones if zone.rpartition("/")[2].casefold() == wanted]
    return nearest(city[0] if city else name, zones) or "for example Europe/Paris"
