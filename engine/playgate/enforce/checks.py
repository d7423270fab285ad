"""What a live command is told must fit its playbook: names, and values of fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playgate.documents.document import nearest
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.undeclared import UndeclaredWords
from playgate.model.playbook import Playbook

__all__ = ["check_name", "check_value", "check_words"]


def check_name(kind: str, name: str, known: Sequence[str] | Mapping[str, object]) -> None:
    """Raises `InputError` where the playbook knows no such name."""
    if name not in known:
        raise InputError(
            f'{kind} "{name}" does not exist in the playbook',
            hint=nearest(name, list(known)),
            code="unknown-name",
        )


def check_value(playbook: Playbook, name: str, value: str, reads: bool) -> None:
    """Raises `InputError` where a value neither reads as its field's type nor is absent."""
    trimmed = value.strip()
    if reads or not trimmed or trimmed.casefold() in playbook.reading.placeholders:
        return
    kind = playbook.fields[name]
    hint = _FORMS.get(kind.kind, "")
    if kind.options:
        several = ", several with ; between them" if kind.kind == "choices" else ""
        hint = f"options: {', '.join(kind.options)}{several}"
    raise InputError(
        f'{name}: "{value}" does not read as {kind.kind}', hint=hint, code="wrong-value"
    )


def check_words(playbook: Playbook, event: Event) -> None:
    """Raises `InputError` where an activity's outcome, attribute or part is not declared, or an
    attribute does not read as its type."""
    words = UndeclaredWords(playbook)
    if event.name in words.activities:
        for reason, hint in words.of(event.name, event.value, event.attrs):
            raise InputError(reason, hint=hint, code="wrong-value")


_FORMS = {
    "number": "write it as 12500.50",
    "integer": "write a whole number",
    "boolean": "write yes or no",
    "date": "write it as 2026-03-31",
    "datetime": "write it as 2026-03-31T09:00:00+01:00",
}
