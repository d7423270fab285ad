"""An audit as JUnit XML: a suite for each stage, a case for each rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from playgate.audit.result import AuditResult, RuleTally
from playgate.findings import Finding
from playgate.report.junit import JunitCase, Suite, junit_report
from playgate.report.words import plural, visible

__all__ = ["render"]

_FIRST = 10
_WHOLE_DEAL = "whole deal"


def render(result: AuditResult) -> Iterator[str]:
    """Yields the report in pieces of text.

    A rule at `block` or `warn` fails where it is unmet; one at `observe` says so and passes, and
    one that no deal had a chance to meet is skipped.
    """
    findings: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in result.findings:
        findings[finding.rule.key].append(finding)
    by_stage: dict[tuple[str, str], list[JunitCase]] = {
        (stage.playbook, stage.id): [] for stage in result.stages
    }
    for tally in result.rules:
        case = _case(tally, findings[tally.rule.key])
        by_stage.setdefault((tally.rule.playbook, tally.rule.stage), []).append(case)
    several = len({facts.name for facts in result.playbooks}) > 1
    suites = [
        Suite(f"{playbook}: {stage or _WHOLE_DEAL}" if several else stage or _WHOLE_DEAL, cases)
        for (playbook, stage), cases in by_stage.items()
        if cases
    ]
    whole = ", ".join(f"{facts.name} {facts.version}" for facts in result.playbooks)
    yield from junit_report(whole, suites)


def _case(tally: RuleTally, findings: Sequence[Finding]) -> JunitCase:
    rule = tally.rule
    unmet = [finding for finding in findings if finding.state != "waived"]
    waived = [finding for finding in findings if finding.state == "waived"]
    summary = _summary(tally, unmet) if tally.unmet else ""
    fails = bool(summary) and rule.level != "observe"
    detail = "\n".join([visible(f"{rule.place}: {rule.title or rule.id}"), *_deals(unmet)])
    output = [*_waived(waived)] if fails or not summary else [summary, detail, *_waived(waived)]
    return JunitCase(
        name=rule.id,
        group=f"{rule.playbook}.{rule.stage or _WHOLE_DEAL}",
        file=rule.place.file,
        line=rule.place.line,
        failure=summary if fails else "",
        kind=rule.level,
        detail=detail,
        skipped="" if tally.met + tally.unmet + tally.waived else "no deal had a chance to meet it",
        output="\n".join(output),
    )


def _summary(tally: RuleTally, unmet: Sequence[Finding]) -> str:
    good = sum(1 for finding in unmet if finding.state == "made-good")
    chances = plural(tally.met + tally.unmet, "deal")
    return f"unmet on {tally.unmet} of {chances}" + (f", {good} made good since" if good else "")


def _deals(unmet: Sequence[Finding]) -> Iterator[str]:
    for finding in unmet[:_FIRST]:
        state = " (made good)" if finding.state == "made-good" else ""
        yield f"deal {visible(finding.deal)}: {visible(finding.message)}{state}"
    if len(unmet) > _FIRST:
        yield f"and {plural(len(unmet) - _FIRST, 'more deal')}"


def _waived(waived: Sequence[Finding]) -> Iterator[str]:
    for finding in waived[:_FIRST]:
        approver = f" by {visible(finding.waived_by)}" if finding.waived_by else ""
        yield f"deal {visible(finding.deal)}: waived{approver}: {visible(finding.waiver_reason)}"
    if len(waived) > _FIRST:
        yield f"and {plural(len(waived) - _FIRST, 'more waived deal')}"
