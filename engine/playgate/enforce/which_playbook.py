"""Which published playbook judges a deal that is new: the one whose `applies_to` holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playgate.conditions.describe import describe
from playgate.documents.document import nearest
from playgate.enforce.decide import deal_as_of
from playgate.enforce.live import Live
from playgate.errors import InputError
from playgate.history.event import Event
from playgate.model.playbook import Playbook

__all__ = ["named_playbook", "which_playbook"]


def which_playbook(live: Live, deal: str, fields: Mapping[str, str]) -> Playbook:
    """Returns the latest version of the playbook that governs a deal of which this is known; raises
    `InputError` where none does, or several do.

    The only playbook of a ledger judges all its deals; whether it governs this one is asked at each
    move.
    """
    latest = {row.name: row.sha256 for row in live.ledger.playbooks.all()}
    playbooks = [live.playbook(sha256) for sha256 in latest.values()]
    if len(playbooks) == 1:
        return playbooks[0]
    holding = [each for each in playbooks if _governs(live, each, deal, fields)]
    if len(holding) == 1:
        return holding[0]
    if not playbooks:
        hint = "--playbook FILE names it (in the ledger: none yet)"
    else:
        listed = "; ".join(_told(each) for each in holding or playbooks)
        hint = f"--playbook FILE names it ({'these do' if holding else 'in the ledger'}: {listed})"
    message = "which playbook judges deals that are new?"
    if playbooks:
        what = "several playbooks apply" if holding else "no playbook applies"
        message = f"{what} to {deal}, as far as is known of it"
    raise InputError(message, hint=hint, code="which-playbook")


def named_playbook(live: Live, name: str) -> Playbook:
    """Returns the published playbook of a name, in its latest version, or of `NAME@VERSION`."""
    rows = live.ledger.playbooks.all()
    known = {row.name: row.sha256 for row in rows}
    known |= {f"{row.name}@{row.version}": row.sha256 for row in rows}
    if name not in known:
        hint = nearest(name, known) or f"published: {', '.join(known) or 'none yet'}"
        message = f'the ledger has no playbook "{name[:60]}"'
        raise InputError(message, hint=hint, code="no-version")
    return live.playbook(known[name])


def _told(playbook: Playbook) -> str:
    where = f", where {describe(playbook.applies_to)}" if playbook.applies_to else ""
    return f"{playbook.name} version {playbook.version}{where}"


def _governs(live: Live, playbook: Playbook, deal: str, fields: Mapping[str, str]) -> bool:
    if playbook.applies_to is None:
        return True
    known = [
        Event(deal, live.now, "field", name, value, "", live.now, f"{place}", "", 0, 0)
        for place, (name, value) in enumerate(fields.items())
    ]
    return live.judged.of(
        lambda: (deal, playbook.sha256, *live.asked_of()),
        known,
        lambda: _holds(live, playbook, deal, known),
    )


def _holds(live: Live, playbook: Playbook, deal: str, known: Sequence[Event]) -> bool:
    judge = live.judge(playbook)
    seen = deal_as_of(live.reader(judge), deal, known, at=live.now, now=live.now)
    return judge.governs(seen)
