"""What the page reads off the ledger: all deals and whose they are, one deal, the waivers."""

from __future__ import annotations

from collections.abc import Mapping

from playgate.conditions.instants import Zone
from playgate.enforce.deal_list import DealLine, Wanted, list_deals
from playgate.enforce.deals_named import zone_of_all
from playgate.enforce.live import Live
from playgate.enforce.requests import Requests
from playgate.enforce.values import Course, Standing, WaiverRequest
from playgate.enforce.waiver_requests import list_requests
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.history.people import People
from playgate.language import say
from playgate.records import Record
from playgate.report.html_parts import Plain
from playgate.serve.people.sight import Sight, sight_of

__all__ = ["Everything", "OneDeal", "Waivers", "everything", "one_deal", "waivers"]

_MOST_WAIVERS = 2_000


class Everything(Record, kw_only=True):
    """All deals of the ledger, and who is who."""

    at: int
    zone: Zone
    lines: tuple[DealLine, ...]
    """The neediest first; those that ended, too."""
    owners: Mapping[str, str]
    """Whose each deal is."""
    people: People | None
    playbooks: tuple[tuple[str, str, str], ...]
    """Name, last version and title of each."""
    plain: Mapping[tuple[str, str], Plain]
    """What says names as people do, by the name and the version of a playbook."""

    def say(self, line: DealLine, text: str) -> str:
        """Returns what is told of a deal in the words of people."""
        plain = self.plain.get((line.playbook, line.version))
        return plain(text) if plain else text

    def seen_by(self, actor: str) -> Sight:
        """Returns whose deals somebody is shown."""
        return sight_of(actor, self.people, self.at)

    def name(self, actor: str) -> str:
        """Returns what somebody is called."""
        person = self.people.person(actor) if self.people else None
        return (person.name if person else "") or actor


def everything(desk: Requests) -> Everything:
    """Returns all deals as they stand now."""

    def read(live: Live) -> Everything:
        found = list_deals(live, Wanted(ended=True), at=live.now)
        kept = live.ledger.playbooks.all()
        rows = {row.name: row for row in kept if not live.playbook(row.sha256).arm}
        titles = {name: live.playbook(row.sha256).title for name, row in rows.items()}
        return Everything(
            at=live.now,
            zone=zone_of_all(live),
            lines=found.deals,
            owners={line.deal: line.rep for line in found.deals},
            people=live.people(),
            plain={(row.name, row.version): Plain(live.playbook(row.sha256)) for row in kept},
            playbooks=tuple((n, row.version, titles[n] or n) for n, row in rows.items()),
        )

    return desk.look(read)


class OneDeal(Record, kw_only=True):
    """One deal: where it stands, and all that happened to it."""

    line: DealLine
    standing: Standing
    course: Course
    zone: Zone


def one_deal(desk: Requests, deal: str, actor: str) -> OneDeal:
    """Returns a deal, to somebody who is shown it; raises `InputError` of the code `no-deal` for
    all others, whether there is one or not."""

    def read(live: Live) -> DealLine | None:
        known = live.known_as(deal)
        if live.known_row(known) is None:
            return None
        wanted = Wanted(deals=frozenset({known}), ended=True)
        lines = list_deals(live, wanted, at=live.now).deals
        sight = sight_of(actor, live.people(), live.now)
        return next((line for line in lines if sight.has(line.rep)), None)

    line = desk.look(read)
    if line is None:
        hint = say("it may be somebody else's; the list has those that you see")
        raise InputError(say("there is no such deal for you"), hint=hint, code="no-deal")
    by = {"by": actor} if actor else {}
    standing = desk.do({"command": "next", "deal": line.deal, **by})
    course = desk.do({"command": "history", "deal": line.deal})
    assert isinstance(standing, Standing)  # noqa: S101  (that is what these answer with)
    assert isinstance(course, Course)  # noqa: S101
    return OneDeal(line=line, standing=standing, course=course, zone=desk.zone(line.deal))


class Waivers(Record):
    """Exceptions that were asked for, and those that were made."""

    asked: tuple[WaiverRequest, ...]
    given: tuple[Event, ...]
    """The last ones, from the latest on."""


def waivers(desk: Requests) -> Waivers:
    """Returns the waivers of all deals."""
    return desk.look(
        lambda live: Waivers(
            list_requests(live, open_only=False).each,
            tuple(live.ledger.events.waivers(_MOST_WAIVERS)),
        )
    )
