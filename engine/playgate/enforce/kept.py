"""Decisions as a ledger keeps them whole, so that a question that is asked again gets the very same
answer."""

from __future__ import annotations

import json
from typing import Any

from playgate.enforce.live import Live
from playgate.enforce.remedy import Remedy
from playgate.enforce.values import Decision, UnmetRule
from playgate.findings import Finding, RuleInfo, Witness
from playgate.ledger.rows import DecisionRow
from playgate.rules.list import list_rules

__all__ = ["kept_findings", "restored"]

_WITNESS = Witness._fields
_REMEDY = tuple(name for name in Remedy.__match_args__ if name != "one_of")
_FINDING = tuple(
    name for name in Finding._fields if name not in ("rule", "deal", "evidence", "version")
)


def kept_findings(decision: Decision) -> str:
    """Returns the findings of a decision as JSON, with all that cannot be had from its playbook."""
    return json.dumps([_kept(demand) for demand in decision.demands], ensure_ascii=False)


def _kept(demand: UnmetRule) -> dict[str, Any]:
    finding = demand.finding
    return {
        "rule": finding.rule.id,
        "level": finding.rule.level,
        "refuses": demand.refuses,
        **{name: getattr(finding, name) for name in _FINDING},
        "evidence": [
            {name: getattr(witness, name) for name in _WITNESS} for witness in finding.evidence
        ],
        "remedies": [_kept_remedy(each) for each in demand.remedies],
        "waivable_by": demand.waivable_by,
        "asker_may_waive": demand.asker_may_waive,
    }


def _kept_remedy(remedy: Remedy) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(remedy, name) for name in _REMEDY}
    return {**kept, "one_of": [[_kept_remedy(each) for each in way] for way in remedy.one_of]}


def restored(live: Live, row: DecisionRow) -> Decision:
    """Returns a decision on a question as it was given."""
    playbook = live.playbook(row.playbook)
    rules = {rule.info.id: rule.info for rule in list_rules(playbook)}
    version = str(playbook.version)
    return Decision(
        deal=row.deal,
        playbook=playbook.name,
        version=version,
        sha256=row.playbook,
        at=row.at,
        actor=row.actor,
        from_stage=row.from_stage,
        to_stage=row.to_stage,
        allowed=bool(row.allowed or row.shadow),
        recorded=True,
        event_id="",
        demands=tuple(
            _restored(each, rules[each["rule"]], row.deal, version)
            for each in json.loads(row.findings)
        ),
        note=row.note,
        governed=bool(row.governed),
        shadow=bool(row.shadow),
        would_refuse=bool(row.shadow and not row.allowed),
        decision_id=row.decision_id,
        is_question=True,
    )


def _restored(kept: dict[str, Any], rule: RuleInfo, deal: str, version: str) -> UnmetRule:
    finding = Finding(
        rule=rule,
        deal=deal,
        evidence=tuple(Witness(**witness) for witness in kept["evidence"]),
        version=version,
        **{name: kept[name] for name in _FINDING},
    )
    waivable_by = kept["waivable_by"]
    return UnmetRule(
        finding,
        kept["refuses"],
        tuple(map(_restored_remedy, kept["remedies"])),
        None if waivable_by is None else tuple(waivable_by),
        kept.get("asker_may_waive", True),
    )


def _restored_remedy(kept: dict[str, Any]) -> Remedy:
    """Returns a remedy as it was told; older ledgers keep less of it."""
    ways = kept.get("one_of", ())
    return Remedy(
        kept["words"],
        kept["command"],
        tuple(kept["roles"]),
        kept.get("kind", "do"),
        tuple(tuple(map(_restored_remedy, way)) for way in ways),
    )
