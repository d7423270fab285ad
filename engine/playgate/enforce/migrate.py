"""Publishing a version, and carrying deals in flight over to it.

A migration is no move: nobody moved the deal, so nobody is judged. All deals of one run are
migrated in one transaction and at one instant, or none is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from playgate.documents.document import Document, nearest
from playgate.enforce.arms import is_arm_of
from playgate.enforce.decide import deal_as_of
from playgate.enforce.judged import ChangedError
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.judge.after_verdict import is_made_good
from playgate.ledger.head import Head
from playgate.ledger.rows import DealRow, MigrationRow, PlaybookRow
from playgate.model.playbook import Playbook
from playgate.playbook.migration import policy_words
from playgate.records import Record, replace
from playgate.versions.carry import translator
from playgate.versions.stages import stage_map, stranded, sure_renames

__all__ = ["Fate", "MigrationRun", "Published", "migrate", "publish", "version_in"]

_TRIES = 20
"""How often a run is judged again where deals are changed by others meanwhile."""


class Fate(Record, kw_only=True):
    """What becomes of one deal in flight; `reason` says why it stays where it is."""

    deal: str
    from_version: str
    from_stage: str
    to_stage: str = ""
    migrates: bool = False
    stranded: bool = False
    """Whether its stage leads nowhere."""
    reason: str = ""


class Published(Record, kw_only=True):
    """A version that the ledger keeps from now on, or why it does not."""

    name: str
    version: str
    sha256: str
    policy: str
    is_new: bool
    deals: int
    """How many deals are in flight under other versions."""
    stranded: tuple[Fate, ...]
    """The deals that stop it."""
    hint: str = ""
    head: Head | None = None
    """The last entry of the ledger as of this."""


class MigrationRun(Record, kw_only=True):
    """A run of `migrate`: what becomes of every deal in flight under another version."""

    name: str
    version: str
    sha256: str
    policy: str
    at: int
    dry_run: bool
    ended: int
    """How many deals under other versions have ended; these stay what they are."""
    fates: tuple[Fate, ...]
    head: Head | None = None
    """The last entry of the ledger as of this."""


def publish(live: Live, playbook: Playbook, document: Document, content: bytes) -> Published:
    """Keeps a version in the ledger, unless it leaves deals without a stage.

    Where its author wrote `policy: pin` no deal comes to it, and none can be without a stage.
    """
    with live.ledger.reading():
        rows = live.ledger.playbooks.all()
        known = any(row.sha256 == playbook.sha256 for row in rows)
        if any((row.name, row.version) == (playbook.name, str(playbook.version)) for row in rows):
            live.keep(playbook, document, content)  # refused where the content is another
        fates = [
            fate
            for row in _others(live, playbook)
            for deal in live.ledger.deals.under(row.sha256)
            if (fate := _course(live, deal, playbook)) is not None
        ]
        pinned = playbook.migration.policy == "pin"
        stopped = () if pinned or known else tuple(fate for fate in fates if fate.stranded)
        hint = _map_hint(live, playbook, stopped) if stopped else ""
        head = live.ledger.log.head()
    if not stopped:
        with live.ledger.writing():
            live.keep(playbook, document, content)
            head = live.ledger.log.head()
    return Published(
        name=playbook.name,
        version=str(playbook.version),
        sha256=playbook.sha256,
        policy=policy_words(playbook),
        is_new=not known and not stopped,
        deals=len(fates),
        stranded=stopped,
        hint=hint,
        head=head,
    )


def _map_hint(live: Live, playbook: Playbook, stopped: Sequence[Fate]) -> str:
    """Returns how to write the stage map, with what is sure to be meant filled in."""
    sure: dict[str, str] = {}
    for row in _others(live, playbook):
        sure.update(sure_renames(live.playbook(row.sha256), playbook))
    stages = dict.fromkeys(fate.from_stage for fate in stopped)
    leads = ", ".join(f"{stage}: {sure.get(stage, '…')}" for stage in stages)
    return f"write migration: {{stage_map: {{{leads}}}}}, or policy: pin if they are to stay"


def migrate(
    live: Live,
    wanted: str,
    *,
    actor: str,
    clock: Callable[[], int],
    dry_run: bool,
    deals: Sequence[str] = (),
) -> MigrationRun:
    """Carries the deals in flight (or only `deals`) over to a version, as its policy says.

    What becomes of each is judged before the lock is taken, so that others wait less.
    """
    for _ in range(_TRIES):
        with suppress(ChangedError):
            return _migrated(live, wanted, actor=actor, clock=clock, dry_run=dry_run, deals=deals)
    raise InputError(
        f"{live.ledger.path} is in use: nothing was migrated",
        hint="deals were changed whenever they were judged: try again",
        code="ledger-busy",
    )


def _migrated(
    live: Live,
    wanted: str,
    *,
    actor: str,
    clock: Callable[[], int],
    dry_run: bool,
    deals: Sequence[str],
) -> MigrationRun:
    ledger = live.ledger
    with ledger.reading():
        live.refresh(clock())
        target = version_in(live, wanted)
        if target.arm:
            raise InputError(
                f"version {target.version} is for the deals that began in an experiment",
                hint="a deal's arm is what was assigned as it began",
                code="no-version",
            )
        named = {live.row(deal).deal for deal in deals}
        known = [deal for row in _others(live, target) for deal in ledger.deals.under(row.sha256)]
        known = [deal for deal in known if not named or deal.deal in named]
        in_flight = [deal.deal for deal in known if not _has_ended(live, deal)]
        for name in in_flight:
            _fate(live, live.row(name), target)
    with ledger.reading() if dry_run else ledger.writing():
        live.again(live.now)
        live.judged.close()
        fates = []
        for name in sorted(in_flight):
            row = live.row(name)
            fate = _fate(live, row, target) if row.playbook != target.sha256 else None
            if fate is None:
                continue  # it ended, or was migrated, meanwhile
            fates.append(fate)
            if fate.migrates and not dry_run:
                ledger.migrations.add(
                    MigrationRow(
                        name,
                        live.now,
                        actor,
                        row.playbook,
                        target.sha256,
                        fate.from_stage,
                        fate.to_stage,
                        policy_words(target),
                    )
                )
        head = ledger.log.head()
    return MigrationRun(
        name=target.name,
        version=str(target.version),
        sha256=target.sha256,
        policy=policy_words(target),
        at=live.now,
        dry_run=dry_run,
        ended=len(known) - len(in_flight),
        fates=tuple(fates),
        head=head,
    )


def version_in(live: Live, wanted: str) -> Playbook:
    """Returns the published version that is named: `4`, or `bank-sales@4` where several playbooks
    have it."""
    rows = live.ledger.playbooks.all()
    names = {f"{row.name}@{row.version}": row for row in rows}
    found = [name for name, row in names.items() if wanted in (name, row.version)]
    if len(found) == 1:
        return live.playbook(names[found[0]].sha256)
    if found:
        hint = f"say {' or '.join(found)}"
        raise InputError(f"several playbooks have a version {wanted}", hint=hint, code="no-version")
    hint = nearest(wanted, names) if names else "playgate publish PLAYBOOK"
    raise InputError(f"the ledger has no version {wanted}", hint=hint, code="no-version")


# Deals in flight


def _others(live: Live, playbook: Playbook) -> Iterator[PlaybookRow]:
    for row in live.ledger.playbooks.all():
        is_other = row.name == playbook.name and row.sha256 != playbook.sha256
        if is_other and not is_arm_of(live.playbook(row.sha256), playbook):
            yield row


def _has_ended(live: Live, deal: DealRow) -> bool:
    stage = live.current(deal.deal)[0]
    return bool(stage) and live.pinned(deal).stage(stage).ends is not None


def _course(live: Live, deal: DealRow, target: Playbook) -> Fate | None:
    """Returns where a deal in flight would go, whatever the policy, or `None` where it has
    ended."""
    if _has_ended(live, deal):
        return None
    old, stage = live.pinned(deal), live.current(deal.deal)[0]
    leads = stage_map(old, target)
    reason = stranded(stage, leads, target) if stage else ""
    return Fate(
        deal=deal.deal,
        from_version=str(old.version),
        from_stage=stage,
        to_stage=leads.get(stage, ""),
        stranded=bool(reason),
        reason=reason,
    )


def _fate(live: Live, deal: DealRow, target: Playbook) -> Fate | None:
    """Returns what becomes of a deal by the policy, or `None` where it has ended."""
    asked = deal.deal, deal.playbook, deal.migrated_at, target.sha256
    events = live.ledger.events.of(deal.deal)
    return live.judged.of(
        lambda: (*asked, *live.asked_of()), events, lambda: _judged_fate(live, deal, target)
    )


def _judged_fate(live: Live, deal: DealRow, target: Playbook) -> Fate | None:
    fate = _course(live, deal, target)
    if fate is None:
        return None
    reason = fate.reason or _keeps(live, deal, live.pinned(deal), target)
    return replace(fate, reason=reason, migrates=not reason)


def _keeps(live: Live, deal: DealRow, old: Playbook, target: Playbook) -> str:
    """Returns why the policy lets a deal stay, empty where it does not."""
    told = target.migration
    if told.policy in (None, "pin"):
        return "the policy is pin"
    if _is_earlier(target, old):
        return "the way back is a new version"
    if told.until is not None and live.now <= told.until:
        return f"the policy is {policy_words(target)}"
    events = live.events(deal)
    if any(event.happened_at >= live.now for event in events):
        return "something of it lies in the future"
    if told.policy == "migrate-if-clean":
        open_ids = _open_at_block(live, deal, old, target, events)
        if open_ids:
            return f"not clean: {', '.join(open_ids)}"
    return ""


def _is_earlier(one: Playbook, other: Playbook) -> bool:
    """Returns whether a version comes before another, which is not known of versions with names."""
    left, right = one.version, other.version
    return isinstance(left, int) and isinstance(right, int) and left < right


def _open_at_block(
    live: Live, deal: DealRow, old: Playbook, target: Playbook, events: Sequence[Event]
) -> list[str]:
    """Returns what version `target` finds in the whole deal, as if it had always been in force."""
    judge = live.judge(target)
    told = [*translator(old, target)(events)]
    seen = deal_as_of(live.reader(judge), deal.deal, told, at=live.now, now=live.now)
    return [
        rule.rule.info.id
        for rule, verdict in zip(judge.rules, judge.judge(seen), strict=True)
        if verdict is not None
        and verdict.verdict == "unmet"
        and rule.rule.info.level == "block"
        and not is_made_good(rule, seen, verdict)
    ]
