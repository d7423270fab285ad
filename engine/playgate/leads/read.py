"""Text → a plan of leads, held against its playbook; every mistake is reported with its place."""

from __future__ import annotations

from typing import Any

from playgate.documents.document import Route, nearest, quoted, shortened
from playgate.errors import Mistake
from playgate.leads.model import Contacts, Fuzzy, Key, LeadsPlan, Share
from playgate.model.playbook import Playbook
from playgate.playbook.plan_file import PlanReader, read_plan

__all__ = ["parse_leads"]

_OPEN_DOMAINS = (
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "hotmail.com",
    "icloud.com",
    "outlook.com",
    "proton.me",
    "web.de",
    "yahoo.com",
)


def parse_leads(
    content: bytes, file: str, playbook: Playbook
) -> tuple[LeadsPlan | None, list[Mistake]]:
    """Reads `content` and returns the plan, or `None`, with every mistake and warning by place."""
    return read_plan(
        content, file, playbook, schema="leads", read=lambda *given: _LeadsReader(*given).plan()
    )


class _LeadsReader(PlanReader):
    def plan(self) -> LeadsPlan | None:
        document, data = self._document, self._data
        named = data.get("leads")
        if isinstance(named, str) and named != self._playbook.name:
            message = f"these are leads of {quoted(named)}, not of {quoted(self._playbook.name)}"
            self._report(("leads",), message, "other-playbook", "name the playbook beside them")
        release = self._conditions.duration(("release",)) if "release" in data else None
        fields = {
            column: field
            for column in self._mapping(("deals",))
            for field in self._known_fields(("deals", column))
        }
        rank = self._rank()
        contacts, share = self._contacts(), self._share()
        if self._damaged:
            return None
        return LeadsPlan(
            playbook=self._playbook.name,
            file=document.file,
            sha256=document.sha256,
            title=self._text(("title",)),
            minimum=data.get("minimum", 0),
            minimum_place=document.place(("minimum",)),
            columns=dict(self._mapping(("columns",))),
            complete=self._texts(("complete",)),
            match=self._keys(),
            open_domains=frozenset(self._texts(("open_domains",)) or _OPEN_DOMAINS),
            fuzzy=self._fuzzy(),
            deals=fields,
            rank=rank,
            release=release,
            contacts=contacts,
            share=share,
        )

    # Small pieces

    def _texts(self, route: Route) -> tuple[str, ...]:
        data = self._document.get(route)
        items = data if isinstance(data, list) else [data]
        return tuple(each for each in items if isinstance(each, str))

    def _known_fields(self, route: Route) -> tuple[str, ...]:
        return self._conditions.known_names("field", route, self._names.fields) or ()

    # Parts

    def _keys(self) -> tuple[Key, ...]:
        items = self._document.get(("match",))
        return tuple(
            self._texts(("match", index))
            for index in range(len(items) if isinstance(items, list) else 0)
        )

    def _fuzzy(self) -> Fuzzy | None:
        said = self._mapping(("fuzzy",))
        if not said:
            return None
        return Fuzzy(said["column"], said.get("at_least", 90), self._texts(("fuzzy", "same")))

    def _rank(self) -> tuple[Any, ...]:
        rank = self._texts(("rank",))
        for name, declared in (
            ("profiles", self._playbook.profiles),
            ("segments", self._numbers.segments),
        ):
            if name in rank and not declared:
                message = f"the playbook declares no {name} to rank by"
                self._report(("rank",), message, "leads-rank", f'declare them under "{name}"')
        return rank

    def _contacts(self) -> Contacts | None:
        route: Route = ("contacts",)
        said = self._mapping(route)
        if not said or any(self._conditions.is_damaged((*route, key)) for key in said):
            return None
        named = said["kpi"]
        kpis = {kpi.id: kpi for kpi in self._numbers.kpis}
        if named not in kpis:
            hint = nearest(named, kpis) or 'declare it under "kpis" of the playbook'
            message = f"KPI {quoted(named)} does not exist"
            self._report((*route, "kpi"), message, "unknown-kpi", hint)
            return None
        if kpis[named].kind != "count":
            message = f"contacts are counted, and {shortened(named)} is no count"
            self._report((*route, "kpi"), message, "kpi-kind", "name a KPI that counts")
        place = self._document.key_place(route)
        return Contacts(kpis[named], said["at_least"], said.get("per", "week"), place)

    def _share(self) -> Share | None:
        route: Route = ("share",)
        said = self._mapping(route)
        if not said:
            return None
        roles = self._conditions.known_names("role", (*route, "roles"), self._names.roles)
        known = {segment.id for segment in self._numbers.segments}
        for name in self._mapping((*route, "segments")):
            if name not in known:
                message = f"segment {quoted(name)} does not exist"
                hint = nearest(name, known) or 'declare it under "segments" of the playbook'
                place = self._document.key_place((*route, "segments", name))
                self._mistakes.append(Mistake(place, message, "unknown-segment", hint))
        return Share(
            roles=roles or self._numbers.coaching.roles,
            capacity=said.get("capacity"),
            territory=self._text((*route, "territory")),
            segments={
                name: self._texts((*route, "segments", name))
                for name in self._mapping((*route, "segments"))
            },
        )
