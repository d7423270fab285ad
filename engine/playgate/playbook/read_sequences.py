"""Document → the sequences of a playbook; reports every mistake and stops for none."""

from __future__ import annotations

from typing import Any, Literal

from playgate.conditions import tree
from playgate.conditions.parse import Where
from playgate.documents.document import Route
from playgate.model.playbook import Sequence
from playgate.playbook.pieces import BROKEN, NOWHERE, PieceReader
from playgate.rules.families import FAMILIES

__all__ = ["SequenceReader"]

_KINDS = [row.key for row in FAMILIES.values() if row.section == "sequence"]
_SEQUENCE = (*_KINDS, "need", "id")
_TAKES = {
    "within": (("after",), "of sequences only after takes within"),
    "which": (("before", "after", "if"), "until asks at the date that stands then"),
    "later": (("if",), "of sequences only if takes later; what after asks for comes later anyway"),
}
_OF_CONDITIONS = ("before", "until")


class SequenceReader(PieceReader):
    """Reads the section `sequence`."""

    def _sequences(self) -> tuple[Sequence, ...]:
        items = self._list(("sequence",))
        self._check_ids(("sequence",), items)
        found = [
            self._sequence(("sequence", index), item)
            for index, item in enumerate(items)
            if isinstance(item, dict)
        ]
        return tuple(sequence for sequence in found if sequence is not None)

    def _sequence(self, route: Route, data: dict[str, Any]) -> Sequence | None:
        kinds = [kind for kind in _KINDS if kind in data]
        if len(kinds) != 1:
            said = " and ".join(kinds) or "none"
            message = f"a sequence needs exactly one of before, after, if and until, not {said}"
            hint = "make two rules of it" if kinds else "write which events the rule is about"
            place = self.document.key_place((*route, kinds[1] if kinds else ""))
            if not any((*route, key) in self._damaged and key not in _SEQUENCE for key in data):
                self.reader.report(place, message, "sequence", hint)
        if not kinds:
            return None
        kind: Any = kinds[0]
        for key, (takers, hint) in _TAKES.items():
            if key in data and kind not in takers:
                place = self.document.key_place((*route, key))
                self.reader.report(place, f"{key} does not go with {kind}", "sequence", hint)
        return self._complete_sequence(route, data, kind)

    def _complete_sequence(
        self, route: Route, data: dict[str, Any], kind: Literal["before", "after", "if", "until"]
    ) -> Sequence | None:
        of_date = kind == "until"
        until = self.reader.date((*route, kind)) if of_date else None
        matches = () if of_date else self.reader.pattern((*route, kind), judged=False)
        need, answers = None, None
        if "need" in data:
            if kind in _OF_CONDITIONS:
                need = self.reader.condition((*route, "need"), Where(judged=not of_date))
            else:
                answers = self.reader.pattern((*route, "need"), judged=True)
        within = self._duration((*route, "within"))
        when = self._condition((*route, "when"), NOWHERE)
        starts = self._instant((*route, "from"))
        if not isinstance(data.get("id"), str):
            return None
        return Sequence(
            id=data["id"],
            title=self._text((*route, "title")),
            kind=kind,
            matches=(tree.StagePattern(""),) if matches is None else matches,
            need=need or (BROKEN if kind in _OF_CONDITIONS else None),
            answers=answers or (),
            place=self.document.place((*route, "id")),
            first_only=data.get("which") == "first",
            later=data.get("later") is True,
            within=within,
            until=until,
            when=when,
            level=self._level(route),
            starts=starts,
            may_waive=self._may_waive(route),
            why=self._text((*route, "why")),
            ask=self._text((*route, "ask")),
        )
