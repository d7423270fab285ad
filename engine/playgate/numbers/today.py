"""`today`: one screen for the morning of one person."""

from __future__ import annotations

from collections.abc import Iterable

from playgate.conditions.instants import DAY, to_datetime
from playgate.enforce.values import Ahead
from playgate.history.money import Rates
from playgate.history.people import People
from playgate.numbers.coach import coach
from playgate.numbers.history import History
from playgate.numbers.person_goals import work_of
from playgate.numbers.result import PlanStep
from playgate.numbers.sessions import Sessions
from playgate.numbers.survey import Survey
from playgate.numbers.target import target
from playgate.numbers.today_result import Calls, Today, TodayDeal
from playgate.numbers.watch_result import Coached
from playgate.numbers.work_result import Dossier, Step, Worklist
from playgate.numbers.worklist import worklist
from playgate.records import replace

__all__ = ["next_of", "today"]

_SOON = 7 * DAY
_MOST, _SHOWN = 200, 8


def next_of(dossier: Dossier, as_of: int) -> Step | Ahead | None:
    """Returns the one next step on a deal: to make good what was missed, else what falls due within
    a week."""
    if dossier.has_work and dossier.steps:
        return dossier.steps[0]
    if dossier.is_open and dossier.ahead and dossier.ahead[0].due_at <= as_of + _SOON:
        return dossier.ahead[0]
    return None


def today(
    survey: Survey,
    history: History,
    actor: str,
    *,
    people: People | None,
    sessions: Sessions | None = None,
    calls: Calls | None = None,
    rates: Rates | None = None,
) -> Today:
    """Returns what somebody is to do as of the survey's instant; `calls` are owed besides, and
    `sessions` says who was met."""
    team = survey.team
    seen, learnt = (sessions.seen, sessions.learnt) if sessions else (None, None)
    plan = coach(survey, seen, learnt=learnt)
    work = worklist(
        survey.playbook,
        history,
        people=people,
        as_of=survey.as_of,
        period=survey.gathered.period,
        prospects=survey.gathered.prospects,
        most=_MOST,
        owners=frozenset({actor}) if actor in team.reps else None,
        rates=rates,
    )
    page = next((each for each in plan.reps if each.id == actor), None)
    steps = {each.deal: _step(survey, each, actor) for each in work.dossiers}
    deals = tuple(
        _deal(survey, work, each, step)
        for each in work.dossiers
        if (step := steps[each.deal]) is not None
    )
    return Today(
        basis=survey.basis,
        id=actor,
        name=team.name(actor),
        team=team.team(actor),
        day=to_datetime(survey.as_of, survey.playbook.zone).date().isoformat(),
        deals=deals[:_SHOWN],
        left_out=len(deals[_SHOWN:]),
        calls=calls,
        week=_week(survey, actor),
        work=work_of(survey, actor),
        hire=next((each for each in plan.hires if each.id == actor), None),
        question=_question(survey, steps.values(), page),
        meets=page.sessions[0].day if page and page.sessions else "",
    )


def _step(survey: Survey, dossier: Dossier, actor: str) -> Step | Ahead | None:
    """Returns what somebody is to do on a deal: the next step of one's own, else the first that
    those of one's role are to do."""
    if dossier.owner == actor:
        return next_of(dossier, survey.as_of)
    for step in dossier.steps:
        if any(actor in survey.team.holders(role) for role in step.remedy.roles):
            return step
    return None


def _deal(survey: Survey, work: Worklist, dossier: Dossier, step: Step | Ahead) -> TodayDeal:
    titles = {stage.id: stage.title for stage in survey.playbook.stages}
    worth = dossier.stake.worth
    own = TodayDeal(
        deal=dossier.deal,
        stage=dossier.stage,
        title=titles.get(dossier.stage, dossier.stage),
        level="due",
        what="",
        rule="",
        who=(),
        due_at=None,
        more=0,
        worth=worth.value if worth else None,
        unit=(worth.currency or work.unit) if worth else "",
    )
    if isinstance(step, Ahead):
        return replace(own, what=step.title, rule=step.rule, due_at=step.due_at)
    return replace(
        own,
        level=step.finding.rule.level,
        what=step.remedy.words.removeprefix("do "),
        rule=step.finding.rule.id,
        who=tuple(map(survey.team.name, step.who)),
        due_at=step.finding.due_at,
        more=len(dossier.steps) - 1,
    )


def _week(survey: Survey, actor: str) -> tuple[PlanStep, ...]:
    if survey.numbers.targets is None:
        return ()
    goals = target(survey, {}).goals
    found = next((each for each in goals if (each.scope, each.id) == ("rep", actor)), None)
    return tuple(each for each in found.steps if each.this_week is not None) if found else ()


def _question(survey: Survey, steps: Iterable[Step | Ahead | None], page: Coached | None) -> str:
    """Returns a question: those of the rules that were missed on the deals of the day, and those
    for coaching, take turns day by day."""
    asked = [step.finding.rule.ask for step in steps if isinstance(step, Step)][:_SHOWN]
    general = page.questions if page else survey.numbers.coaching.questions
    questions = list(dict.fromkeys(filter(None, (*asked, *general))))
    day = to_datetime(survey.as_of, survey.playbook.zone).date().toordinal()
    return questions[day % len(questions)] if questions else ""
