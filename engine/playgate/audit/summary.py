"""What people are shown of all findings and problems: counts, and the first of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from playgate.findings import LEVELS, Cause, Finding, Level, RuleInfo, State
from playgate.history.event import Problem
from playgate.records import Record, replace

__all__ = [
    "DEALS",
    "WAIVERS",
    "FindingKind",
    "ProblemKind",
    "Summary",
    "added",
    "kinds_of",
    "kinds_together",
    "summarize",
]

DEALS = 5
"""How many deals are shown with their findings."""
WAIVERS = 10
"""How many waivers are shown."""

FindingKind = tuple[RuleInfo, State, Cause | None]
"""What findings are counted by."""


class ProblemKind(Record):
    """Problems of one file that read alike: at which line first, and how often."""

    file: str
    line: int
    reason: str
    hint: str
    times: int


class Summary(Record):
    """Enough to show an audit to people, however many findings it has."""

    counts: Mapping[FindingKind, int] = MappingProxyType({})
    open_deals: int = 0
    """How many deals have open findings at `block` or `warn`."""
    worst_deals: Mapping[str, tuple[Finding, ...]] = MappingProxyType({})
    """The first of these deals, the gravest and fullest first, each with all such findings in
    order."""
    waived: tuple[Finding, ...] = ()
    """The first waived ones, in order."""
    problems: tuple[ProblemKind, ...] = ()
    """The problems by file and first line."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that are shown."""
        return (*(each for some in self.worst_deals.values() for each in some), *self.waived)

    def worst(self) -> Level | None:
        """Returns the gravest level among the unmet findings."""
        levels = {rule.level for rule, state, _ in self.counts if state != "waived"}
        return next((level for level in LEVELS if level in levels), None)


def summarize(findings: Collection[Finding], problems: Iterable[Problem]) -> Summary:
    """Sums up all findings, and all problems, which must be sorted by file and line."""
    counts: Counter[FindingKind] = Counter()
    blocks: Counter[str] = Counter()
    every: Counter[str] = Counter()
    waived: list[Finding] = []
    for finding in findings:
        counts[finding.rule, finding.state, finding.cause] += 1
        if _is_open(finding):
            every[finding.deal] += 1
            blocks[finding.deal] += finding.rule.level == "block"
        elif finding.state == "waived" and len(waived) < WAIVERS:
            waived.append(finding)
    order = sorted(every, key=lambda deal: (-blocks[deal], -every[deal], deal))
    worst: dict[str, list[Finding]] = {deal: [] for deal in order[:DEALS]}
    for finding in findings if worst else ():
        if finding.deal in worst and _is_open(finding):
            worst[finding.deal].append(finding)
    return Summary(
        counts,
        len(every),
        {deal: tuple(found) for deal, found in worst.items()},
        tuple(waived),
        kinds_of((problem, problem.often) for problem in problems),
    )


def added(summaries: Sequence[Summary], problems: tuple[ProblemKind, ...]) -> Summary:
    """Adds up the summaries of different deals; all problems are given."""
    counts: Counter[FindingKind] = Counter()
    for each in summaries:
        counts.update(each.counts)
    worst = [deal for each in summaries for deal in each.worst_deals.items()]
    waived = (finding for each in summaries for finding in each.waived)
    return Summary(
        counts,
        sum(each.open_deals for each in summaries),
        dict(sorted(worst, key=_gravity)[:DEALS]),
        tuple(sorted(waived, key=lambda each: (each.due_at, each.deal))[:WAIVERS]),
        problems,
    )


def _gravity(deal: tuple[str, tuple[Finding, ...]]) -> tuple[int, int, str]:
    blocks = sum(finding.rule.level == "block" for finding in deal[1])
    return -blocks, -len(deal[1]), deal[0]


def kinds_together(kinds: Iterable[ProblemKind]) -> tuple[ProblemKind, ...]:
    """Adds up problems that read alike."""
    found: dict[tuple[str, str, str], ProblemKind] = {}
    for kind in sorted(kinds, key=lambda each: (each.file, each.line)):
        key = kind.file, kind.reason, kind.hint
        known = found.get(key)
        found[key] = replace(known, times=known.times + kind.times) if known else kind
    return tuple(found.values())


def kinds_of(problems: Iterable[tuple[Problem, int]]) -> tuple[ProblemKind, ...]:
    """Groups problems, sorted by file and line, by what they say, and counts each group."""
    times = Counter[tuple[str, str, str]]()
    lines: dict[tuple[str, str, str], int] = {}
    for problem, often in problems:
        kind = problem.file, problem.reason, problem.hint
        times[kind] += often
        lines.setdefault(kind, problem.line)
    return tuple(
        ProblemKind(file, line, reason, hint, times[file, reason, hint])
        for (file, reason, hint), line in lines.items()
    )


def _is_open(finding: Finding) -> bool:
    return finding.state == "open" and finding.rule.level != "observe"
