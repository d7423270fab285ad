"""Who is charged with each verdict."""

from __future__ import annotations

import ibis

from playgate.bulk.judging.history import History
from playgate.bulk.judging.setting import Setting
from playgate.bulk.values.expressions import Table, number

__all__ = ["charged"]


def charged(setting: Setting, history: History, verdicts: Table) -> Table:
    """The verdicts with who is charged: the actor, else the owner, else the last one to act."""
    keep = setting.steps.keep
    bare = verdicts.filter(verdicts.actor == "").select("d", "due_at", "until").distinct()
    owned = keep("owned", _owned(history, bare))
    acted = _last_to_act(history, owned.filter(owned.owner.isnull()))
    row = owned.left_join(
        acted, [owned.d == acted.d, owned.due_at == acted.due_at, owned.until == acted.until]
    )
    instead = keep(
        "instead",
        row.select(
            bd="d",
            bat="due_at",
            buntil="until",
            instead=ibis.coalesce(row.owner, row.last_actor, ibis.literal("")),
        ),
    )
    joined = verdicts.left_join(
        instead,
        [
            verdicts.actor == "",
            verdicts.d == instead.bd,
            verdicts.due_at == instead.bat,
            verdicts.until == instead.buntil,
        ],
    )
    actor = ibis.ifelse(joined.actor != "", joined.actor, joined.instead)
    return keep(
        "charged",
        joined.select("d", "rule", "verdict", "due_at", "mid", "pos", "good", charged=actor),
    )


def _owned(history: History, moments: Table) -> Table:
    fields = history.fields
    owners = fields.filter(fields.name == "owner").select(
        "since", od="d", owner="text", ends="until"
    )
    row = moments.left_join(
        owners,
        [moments.d == owners.od, owners.since <= moments.due_at, moments.due_at < owners.ends],
    )
    return row.select("d", "due_at", "until", "owner")


def _last_to_act(history: History, moments: Table) -> Table:
    """Of stage, activity and field events; from a move, later moves are not seen."""
    events = history.events
    others = events.filter((events.known == 1) & events.kind.isin(["activity", "field"]))
    moves = history.moves
    acted = ibis.union(
        others.select("effective", ad="d", apos="pos", by="actor", n=number(-1)),
        moves.select("n", effective="at", ad="d", apos="pos", by="actor"),
    )
    acted = acted.filter(acted.by != "")
    row = moments.join(
        acted, [moments.d == acted.ad, acted.effective <= moments.due_at, acted.n <= moments.until]
    )
    last = row.group_by("d", "due_at", "until").agg(apos=row.apos.max())
    actors = acted.select("ad", "apos", "by")
    found = last.join(actors, [last.d == actors.ad, last.apos == actors.apos])
    return found.select("d", "due_at", "until", last_actor="by")
