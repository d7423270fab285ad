"""Audits made by hand: an ordinary one, one whose data means harm, and an empty one."""

from __future__ import annotations

from playgate.audit.result import (
    ActorTally,
    AuditResult,
    BlindSpot,
    HistoryFacts,
    PlaybookFacts,
    RuleTally,
    Share,
    StageTally,
    UngatedMove,
    UnknownName,
)
from playgate.audit.summary import Summary, summarize
from playgate.errors import Place
from playgate.findings import Cause, Finding, Level, RuleInfo, State, Witness
from playgate.history.event import Problem
from playgate.records import replace

NAME = "bank-sales"
FILE = "playbooks/bank-sales/playbook.yaml"
DAY = 86_400_000_000
START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z

HOSTILE = (
    "<script>alert('x')</script>",
    "=cmd|'/c calc'!A0",
    "+1\r\nSet-Cookie: x",
    "-2\nline",
    "@everyone see #1 and https://evil.example and www.evil.example",
    "\tTab",
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "c1 \x9b31m and nul \x00 and half \ud800",
    "שלום \u202egnp.exe\u202c and zero\u200bwidth",
    "a | b `c` ``d`` *e* _f_ [g](https://evil.example) \\| {0} ]]>",
    "very-long-" + "x" * 400,
    "1234567890123456789",
)


def rule(id: str, line: int, level: Level = "block", title: str = "") -> RuleInfo:
    stage, family, *_ = id.split("/")
    whole_deal = stage in ("order", "limit", "sequence", "profile")
    return RuleInfo(
        id=id,
        family=stage if whole_deal else family,
        stage="" if whole_deal else stage,
        level=level,
        title=title,
        place=Place(FILE, line, 9),
        why="A proposal without needs is a price list." if family == "activity" else "",
        ask="What would happen if nothing changed?" if family == "activity" else "",
        tools=("question list",) if family == "activity" else (),
        playbook=NAME,
    )


def finding(
    of: RuleInfo,
    deal: str,
    *,
    actor: str = "anna",
    state: State = "open",
    cause: Cause | None = None,
    message: str = "",
    day: int = 3,
) -> Finding:
    is_move = of.family in ("activity", "entry", "entered", "exit")
    waived = state == "waived"
    return Finding(
        rule=of,
        deal=deal,
        actor=actor,
        due_at=START + (day - 1) * DAY,
        from_stage="assess-needs" if is_move else "",
        to_stage="proposal" if is_move else "",
        state=state,
        cause=cause,
        made_good_at=START + (day + 1) * DAY if state == "made-good" else None,
        message=message or f'moved to "proposal" on 2026-01-{day:02} without {of.title.lower()}',
        evidence=(Witness(f"e-{deal}", "stage", "proposal", "", actor, START + (day - 1) * DAY),),
        waived_by="maria" if waived else "",
        waiver_reason="Known for twenty years" if waived else "",
    )


INTERVIEW = rule("assess-needs/activity/needs_interview", 45, title="Needs interview held")
BUDGET = rule("proposal/entry/budget_known", 61, title="Budget known")
ENTERED = rule("assess-needs/entered", 40, "warn", "Stage entered")
BACK = rule("order/back", 12, "observe", "No step back")
IDLE = rule("limit/idle", 90, "warn", "No more than 21 days idle")
AGE = rule("limit/age", 91, "warn", "Closed within 90 days")
MORE_RULES = tuple(
    rule(f"approach/exit/check-{n}", 20 + n, "warn", f"Check {n}") for n in range(1, 9)
)


def tally(of: RuleInfo, met: int, unmet: int, waived: int = 0, none: int = 0) -> RuleTally:
    return RuleTally(of, met, unmet, waived, none, share(met, unmet))


def share(met: int, unmet: int, spread: float = 0.05) -> Share:
    if not met + unmet:
        return Share(None, None, None)
    value = met / (met + unmet)
    return Share(value, max(0.0, value - spread), min(1.0, value + spread))


def rep(actor: str, name: str, deals: int, met: int, unmet: int, team: str = "North") -> ActorTally:
    return ActorTally(actor, name, team, "rep", met, unmet, 0, deals, share(met, unmet))


def bank() -> AuditResult:
    """An ordinary audit, with more rows than a table shows."""
    deals = [f"D-{number}" for number in range(1001, 1013)]
    findings = [
        finding(INTERVIEW, "D-1002", cause="missing"),
        finding(BUDGET, "D-1002", actor="ben"),
        finding(ENTERED, "D-1002", message='"assess-needs" was left out'),
        finding(IDLE, "D-1002", message="nothing happened for 21 days after 2026-01-04"),
        finding(BACK, "D-1002", message='went back from "proposal" to "approach"'),
        finding(INTERVIEW, "D-1001", state="made-good", cause="late"),
        finding(INTERVIEW, "D-1003", state="waived"),
        *(finding(INTERVIEW, deal, cause="logged-late", day=5) for deal in deals[3:]),
    ]
    problems = tuple(
        Problem("history.csv", line, 'stage "propsal" is unknown', 'did you mean "proposal"?')
        for line in range(14, 21)
    )
    return AuditResult(
        playbooks=(
            PlaybookFacts(
                "bank-sales", "3", "Winning sales system", "ab" * 32, FILE, 312, "Europe/Paris"
            ),
        ),
        as_of=START + 40 * DAY + 3_600_000_000,
        history=HistoryFacts(
            4210, 324, 12, START, START + 39 * DAY, ("history.csv", "more.csv.gz"), 3
        ),
        adherence=Share(2310 / 2655, 0.824512345, 0.9061234567),
        met=2310,
        unmet=345,
        waived=1,
        stages=(
            StageTally(
                "approach", "Approach the prospect", 312, 250, 600, 12, share(600, 12), NAME
            ),
            StageTally("assess-needs", "Assess needs", 240, 230, 300, 120, share(300, 120), NAME),
            StageTally("proposal", "", 230, 190, 900, 1, share(900, 1, 0.002), NAME),
            StageTally("won", "Won", 150, 0, 0, 0, share(0, 0), NAME),
        ),
        rules=(
            tally(BACK, 300, 12),
            tally(ENTERED, 240, 1, 0, 71),
            tally(INTERVIEW, 220, 11, 1, 80),
            tally(BUDGET, 229, 1, 0, 82),
            tally(IDLE, 311, 1),
            tally(AGE, 0, 0, 0, 312),
            *(tally(each, 300 - n, n) for n, each in enumerate(MORE_RULES, 1)),
        ),
        findings=tuple(findings),
        actors=(
            rep("", "", 12, 10, 30, ""),
            rep("anna", "Anna Berg", 40, 300, 20),
            rep("ben", "Ben Okafor", 35, 150, 60),
            rep("zoe", "Zoë Ångström", 3, 5, 9),
            *(rep(f"rep-{n:02}", f"Rep {n}", 20 + n, 90 + n, 10, "South") for n in range(1, 7)),
        ),
        ungated=(UngatedMove("D-1004", "e-7", "proposal", START + DAY, "anna", "import"),),
        unknown_names=(
            UnknownName("activity", "nedds_interview", 17, 'did you mean "needs_interview"?'),
        ),
        blind_spots=(
            BlindSpot(
                "field",
                "budget_confirmed",
                "the history never has it",
                ("assess-needs/exit/budget_known", BUDGET.id, "proposal/hold/budget_known"),
            ),
        ),
        problems=problems,
        summary=summarize(findings, problems),
        names={"maria": "Maria Keller"},
    )


def hostile() -> AuditResult:
    """Every text that comes from outside is one of those that mean harm."""
    bad = RuleInfo(
        id=HOSTILE[9],
        family="activity",
        stage="assess-needs",
        level="block",
        title=HOSTILE[0],
        place=Place(HOSTILE[6], 1, 1),
        why=HOSTILE[6],
        playbook=HOSTILE[7],
    )
    findings = [
        finding(bad if n % 2 else INTERVIEW, text, actor=text, message=text)._replace(
            evidence=(Witness(text, "stage", text, text, text, START),),
            state="waived" if n > 8 else "open",
            waived_by=text if n > 8 else "",
            waiver_reason=text if n > 8 else "",
        )
        for n, text in enumerate(HOSTILE)
    ]
    problems = tuple(Problem(text, 1, text, text) for text in HOSTILE)
    ordinary = bank()
    return replace(
        ordinary,
        playbooks=(replace(ordinary.playbooks[0], title=HOSTILE[6], file=HOSTILE[9]),),
        history=replace(ordinary.history, sources=HOSTILE),
        stages=tuple(StageTally(text, text, 1, 1, 1, 1, share(1, 1), text) for text in HOSTILE),
        rules=(tally(bad, 1, 4), tally(INTERVIEW, 1, 5)),
        findings=tuple(findings),
        actors=tuple(rep(text, text, 20, 9, 1, text) for text in HOSTILE),
        ungated=tuple(UngatedMove(text, text, text, START, text, text) for text in HOSTILE),
        unknown_names=tuple(UnknownName("field", text, 1, text) for text in HOSTILE),
        blind_spots=tuple(BlindSpot("field", text, text, (text, bad.id)) for text in HOSTILE),
        problems=problems,
        summary=summarize(findings, problems),
    )


def empty() -> AuditResult:
    """Nothing was read, so nothing could be judged."""
    nothing = Share(None, None, None)
    return AuditResult(
        playbooks=(replace(bank().playbooks[0], deals=0),),
        as_of=None,
        history=HistoryFacts(0, 0, 0, None, None, (), 0),
        adherence=nothing,
        met=0,
        unmet=0,
        waived=0,
        stages=(),
        rules=(),
        findings=(),
        actors=(),
        ungated=(),
        unknown_names=(),
        blind_spots=(),
        problems=(),
        summary=Summary(),
    )
