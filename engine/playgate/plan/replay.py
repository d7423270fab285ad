"""Replays a history under two versions of a playbook, deal by deal, and tells what differs.

Past findings are those of two audits of the whole history. What a deal in flight would meet at its
next gate is asked of the live judge: under the newer version the deal is taken to be migrated as of
now, so that its new rules count from now on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from playgate.conditions.facts import Roles
from playgate.enforce.decide import decide
from playgate.enforce.standing import next_stage
from playgate.findings import RuleInfo
from playgate.history import money
from playgate.history.deal import Deal, DealReader, no_roles
from playgate.history.event import Event
from playgate.history.money import Amounts, Rates
from playgate.history.people import People
from playgate.history.walk import Rows, Walked, walk
from playgate.judge.after_verdict import charged_to
from playgate.judge.judge import Judge
from playgate.model.playbook import Playbook
from playgate.plan.impact import (
    Amount,
    AtGate,
    DealGroup,
    DealImpact,
    DealStatus,
    Plan,
    RepImpact,
    RuleImpact,
)
from playgate.playbook.migration import policy_words
from playgate.records import replace
from playgate.rules.asks import HasRole
from playgate.versions.arms import Arms, check_arms
from playgate.versions.carry import carry_on, translator
from playgate.versions.compare import compare, version_of
from playgate.versions.rules import renamed_id
from playgate.versions.stages import stage_map, stranded, sure_renames

__all__ = ["Replay", "choose_amount"]

_UNNAMED = "\0"
Since = Callable[[str], int | None]
"""Returns when a deal first met the gate, or `None` where it has not."""


def choose_amount(old: Playbook, new: Playbook, field: str | None) -> Amount | None:
    """Returns the field that tells what a deal is worth: the one that is named, else `amount` where
    it is a number.

    `KeyError` where the field that is named is no number of either playbook.
    """
    for playbook in (new, old):
        kind = playbook.fields.get(field or "amount")
        if kind is not None and kind.kind in ("number", "integer"):
            return Amount(field or "amount", kind.unit)
    if field is None:
        return None
    raise KeyError(field)


class _Side:
    """One version: its judge of the past, and that of the next gate."""

    def __init__(self, playbook: Playbook, gate: Playbook, people: People | None) -> None:
        roles: Roles = people.roles if people else no_roles
        self.playbook = playbook
        self.judge = Judge(playbook, has_people=people is not None)
        self.reader = self.judge.reader(roles)
        # At the gate nobody holds a role where no people are known, as for live moves.
        is_other = gate is not playbook or people is None
        self.gate = Judge(gate, has_people=True) if is_other else self.judge
        self.gate_reader: DealReader = self.gate.reader(roles) if is_other else self.reader

    @property
    def asks_for_roles(self) -> bool:
        """Whether some move is for those who hold a role."""
        return any(isinstance(rule.rule.ask, HasRole) for rule in self.gate.rules)

    def findings(self, deal: Deal) -> dict[str, tuple[RuleInfo, str]]:
        """Returns what is unmet at `block` or `warn`, by rule, and who is charged."""
        return {
            rule.rule.info.id: (rule.rule.info, charged_to(deal, verdict.due))
            for rule, verdict in zip(self.judge.rules, self.judge.judge(deal), strict=True)
            if verdict is not None
            and verdict.verdict == "unmet"
            and rule.rule.info.level != "observe"
        }

    def at_gate(
        self, deal: Deal, events: Sequence[Event], *, since: int | None, actor: str
    ) -> AtGate:
        """Returns what a move into the next stage would be answered as of now."""
        at = deal.as_of
        seen = self.gate_reader.read(deal.id, events, at)
        target = next_stage(self.playbook, self.gate, seen, seen.stage_at(at))
        if target is None:
            return AtGate("", ())
        attempt = Event(deal.id, at, "stage", target.id, "", actor, at, _UNNAMED, "", 0, 0)
        ruling = decide(self.gate, self.gate_reader, events, attempt, since=since, now=at)
        if not ruling.governed:
            return AtGate(target.id, () if ruling.allowed else ("applies_to",))
        refusing = (answer.rule.rule.info.id for answer in ruling.answers if answer.refuses)
        return AtGate(target.id, tuple(refusing))


class Replay:
    """Walks over deals; `result` puts together what was found."""

    def __init__(
        self,
        old: Playbook,
        new: Playbook,
        *,
        people: People | None,
        as_of: int | None,
        amount: Amount | None,
        rates: Rates | None = None,
        since: Since,
    ) -> None:
        self._as_of = as_of
        self._amount = amount
        self._amounts = [Amounts(playbook, rates) for playbook in (new, old)]
        self._since = since
        self._people = people
        check_arms(old, people)
        check_arms(new, people)
        self._arms = Arms(old, people), Arms(new, people)
        self._olds = {arm: _Side(each, each, people) for arm, each in _versions(old).items()}
        self._news = {
            arm: _Side(each, each if as_of is None else carry_on(old, each, as_of)[0], people)
            for arm, each in _versions(new).items()
        }
        self._old, self._new = self._olds[""], self._news[""]
        self._by_version: Counter[str] = Counter()
        self._translate = translator(old, new)
        self._leads = stage_map(old, new)
        self._ids = _newer_ids(old, new)
        self._impacts: list[DealImpact] = []
        self._rules: dict[str, RuleImpact] = {}
        self._reps: dict[str, RepImpact] = {}
        self._deals = self._events = self._in_flight = self._problems = 0
        self._ended: list[DealImpact] = []

    def walk(self, rows: Rows, progress: Callable[[int], None] | None = None) -> None:
        """Replays deals; `progress` hears of each how many rows it had."""
        if self._as_of is None:
            return
        reader, governs = self._old.reader, self._old.judge.ever_governs
        for walked in walk(rows, reader, governs, as_of=self._as_of, progress=progress):
            if walked.is_one:
                self._add(walked)

    def _of_arm(self, walked: Walked) -> Walked:
        """Takes the versions of the arm that a deal is in, and returns it as the older reads it."""
        was, now = (
            assigned.experiment.id if assigned is not None and assigned.treated else ""
            for assigned in (arms.of(walked.deal) for arms in self._arms)
        )
        self._old, self._new = self._olds.get(was, self._olds[""]), self._news[now]
        self._by_version[str(self._new.playbook.version)] += 1
        if not was:
            return walked
        deal = walked.deal
        return walked._replace(deal=self._old.reader.read(deal.id, walked.events, deal.as_of))

    def _add(self, walked: Walked) -> None:
        walked = self._of_arm(walked)
        was, events = walked.deal, walked.events
        self._deals += 1
        self._events += len(events)
        told = list(self._translate(events))
        now = self._new.reader.read(was.id, told, was.as_of)
        self._problems += len(self._old.judge.notes(was)) + len(walked.clashes)
        blank = self._blank(was, now)
        if blank.outcome != "open":
            self._ended.append(blank)
        found = blank
        if was.is_open or not was.moves:
            self._in_flight += 1
            found = self._gates(found, was, events, told)
        if not found.stranded:  # what would be found of a deal without a stage says nothing
            found = self._found(found, walked, now)
        if found != blank:
            self._impacts.append(found)

    def _blank(self, was: Deal, now: Deal) -> DealImpact:
        as_of = was.as_of
        worth = self._worth(now, was)
        return DealImpact(
            deal=was.id,
            outcome=_outcome(self._old.playbook, was),
            stage=was.stage_at(as_of),
            rep=_rep(was),
            amount=worth.value if worth else None,
            currency=worth.currency if worth else "",
        )

    def _worth(self, now: Deal, was: Deal) -> money.Amount | None:
        """Returns what a deal is worth as the newer version reads it, else as the older does."""
        if self._amount is None:
            return None
        told = zip(self._amounts, (now, was), strict=True)
        found = (each.of(deal, self._amount.field, was.as_of) for each, deal in told)
        return next(filter(None, found), None)

    def _found(self, blank: DealImpact, walked: Walked, now: Deal) -> DealImpact:
        """Returns the impact with the rules whose findings an audit would add or drop."""
        was = self._old.findings(walked.deal)
        before = {self._ids(rule): each for rule, each in was.items()}
        after = self._new.findings(now)
        flagged = tuple(rule for rule in after if rule not in before)
        cleared = tuple(rule for rule in before if rule not in after)
        self._count_rules(flagged, after, 1, 0)
        self._count_rules(cleared, before, 0, 1)
        self._count_reps(before, after, flagged, cleared)
        return replace(blank, flagged=flagged, cleared=cleared)

    def _count_rules(
        self,
        rules: Iterable[str],
        found: Mapping[str, tuple[RuleInfo, str]],
        flagged: int,
        cleared: int,
    ) -> None:
        for rule in rules:
            known = self._rules.get(rule) or RuleImpact(rule, found[rule][0].level, 0, 0)
            self._rules[rule] = replace(
                known, flagged=known.flagged + flagged, cleared=known.cleared + cleared
            )

    def _count_reps(
        self,
        before: Mapping[str, tuple[RuleInfo, str]],
        after: Mapping[str, tuple[RuleInfo, str]],
        flagged: tuple[str, ...],
        cleared: tuple[str, ...],
    ) -> None:
        was = Counter(actor for _, actor in before.values())
        now = Counter(actor for _, actor in after.values())
        new = {after[rule][1] for rule in flagged}
        gone = {before[rule][1] for rule in cleared}
        for actor in was.keys() | now.keys():
            known = self._reps.get(actor) or RepImpact(actor, self._name(actor), 0, 0, 0, 0)
            self._reps[actor] = replace(
                known,
                was=known.was + was[actor],
                now=known.now + now[actor],
                flagged=known.flagged + (actor in new),
                cleared=known.cleared + (actor in gone),
            )

    def _name(self, actor: str) -> str:
        person = self._people.person(actor) if self._people else None
        return person.name if person else ""

    def _gates(
        self, found: DealImpact, was: Deal, events: list[Event], told: list[Event]
    ) -> DealImpact:
        """Returns the impact with what the next gate would answer, or that no stage would be
        left."""
        reason = stranded(found.stage, self._leads, self._new.playbook) if found.stage else ""
        if reason:
            return replace(found, stranded=reason)
        since = self._since(was.id)
        actor = found.rep
        before = self._old.at_gate(was, events, since=since, actor=actor)
        after = self._new.at_gate(was, told, since=since, actor=actor)
        if after.rules and not before.rules:
            return replace(found, blocked=after)
        if before.rules and not after.rules:
            return replace(found, freed=before)
        known = [self._ids(rule) for rule in before.rules]
        more = tuple(rule for rule in after.rules if rule not in known)
        less = tuple(rule for rule in known if rule not in after.rules)
        return replace(
            found,
            more=AtGate(after.to_stage, more) if more else None,
            less=AtGate(before.to_stage, less) if less else None,
        )

    def result(self, problems: int = 0) -> Plan:
        """Returns all that was found; `problems` are those met while reading."""
        impacts = tuple(sorted(self._impacts, key=lambda each: each.deal))
        kinds: tuple[tuple[str, Callable[[DealImpact], object]], ...] = (
            ("blocked", lambda each: each.blocked),
            ("freed", lambda each: each.freed),
            ("more", lambda each: each.more),
            ("less", lambda each: each.less),
            ("stranded", lambda each: each.stranded),
            ("flagged", lambda each: each.flagged),
            ("cleared", lambda each: each.cleared),
        )
        groups = tuple(
            (kind, self._group([each for each in impacts if fits(each)])) for kind, fits in kinds
        )
        old, new = self._olds[""].playbook, self._news[""].playbook
        return Plan(
            old=version_of(old),
            new=version_of(new),
            policy=policy_words(new),
            as_of=self._as_of,
            events=self._events,
            deals=self._deals,
            in_flight=self._in_flight,
            ended=self._group(self._ended),
            amount=self._amount,
            impacts=impacts,
            groups=groups,
            rules=tuple(
                sorted(self._rules.values(), key=lambda e: (-e.flagged, -e.cleared, e.rule))
            ),
            reps=tuple(
                sorted(
                    (each for each in self._reps.values() if each.flagged or each.cleared),
                    key=lambda e: (e.was - e.now, e.actor),
                )
            ),
            stops_publish=new.migration.policy != "pin" and any(e.stranded for e in impacts),
            roles_unknown=self._people is None
            and any(side.asks_for_roles for side in (self._olds[""], self._news[""])),
            arms=tuple(sorted(self._by_version.items())) if new.experiments else (),
            problems=problems + self._problems,
        )

    def _group(self, deals: Sequence[DealImpact]) -> DealGroup:
        outcomes = Counter(each.outcome for each in deals)
        sums: dict[str, float] = {"": 0.0}
        for each in deals:
            sums[each.currency] = sums.get(each.currency, 0.0) + (each.amount or 0.0)
        own = sums.pop("") if self._amount is not None else None
        apart = tuple(sorted(sums.items()))
        return DealGroup(len(deals), own, outcomes["won"], outcomes["lost"], apart)


def _versions(playbook: Playbook) -> dict[str, Playbook]:
    """Returns the playbook, and by experiment the version of it with the change."""
    found = {each.id: each.treated or playbook for each in playbook.experiments}
    return {"": playbook, **found}


def _newer_ids(old: Playbook, new: Playbook) -> Callable[[str], str]:
    """Returns a function from the id of an older version's rule to the id that it has now."""
    stages = sure_renames(old, new)
    relocated = {
        change.old_id: change.id
        for change in compare(old, new).changes
        if change.part == "rule" and change.kind in ("moved", "renamed")
    }

    def newer(rule_id: str) -> str:
        return relocated.get(rule_id) or renamed_id(rule_id, stages)

    return newer


def _outcome(playbook: Playbook, deal: Deal) -> DealStatus:
    """Returns how a deal ended; one counts as won, too, where its playbook says that the sale is
    made."""
    if not deal.move_into:
        return "open"
    last = playbook.stage(deal.move_into[-1])
    if last.ends is not None:
        return last.ends
    counts = any(playbook.stage(stage).counts_as_won for stage in deal.first_entry)
    return "won" if counts else "open"


def _rep(deal: Deal) -> str:
    """Returns the deal's owner, else the last one to act."""
    owner = deal.field("owner", deal.as_of)
    if owner is not None:
        return str(owner)
    return next((event.actor for event in reversed(deal.events) if event.actor), "")
