"""What the cases of playbooks came to, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from playgate.cases.coverage import Coverage
from playgate.cases.result import CasesResult
from playgate.cases.run import CaseDifference, CaseOutcome
from playgate.cases.survey import MutantSurvey
from playgate.report.words import plural, visible

__all__ = ["render_text"]

_MANY = 5
"""So many cases over one rule are named together."""
_RED, _GREEN, _YELLOW, _DIM, _BOLD = "31", "32", "33", "2", "1"


class _CasesPainter:
    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


def render_text(
    results: Sequence[CasesResult], *, verbose: bool = False, colour: bool = False
) -> Iterator[str]:
    """Yields each failing case with its differences (with `verbose` all cases), and what was
    counted."""
    paint = _CasesPainter(colour)
    for tested in results:
        for outcome in tested.outcomes:
            if not outcome.passed:
                yield from _failure(outcome, paint)
            elif verbose:
                yield f"{paint('passed', _GREEN)}  {visible(outcome.case.name)}\n"
        if tested.coverage is not None:
            yield from _coverage(tested, tested.coverage, paint)
        if tested.survey is not None:
            yield from _survey(tested, tested.survey, verbose, paint)
        yield _summary(tested, paint)
        yield from _common(tested, paint)


def _failure(outcome: CaseOutcome, paint: _CasesPainter) -> Iterator[str]:
    case = outcome.case
    place = paint(f"{visible(str(case.place))}:", _BOLD)
    yield f"{place} {paint('failed', _RED)}  {visible(case.name)}\n"
    yield f"    the playbook says: {visible(outcome.summary)}\n"
    for difference in outcome.differences:
        yield from _difference(difference, paint)
    yield "\n"


def _difference(difference: CaseDifference, paint: _CasesPainter) -> Iterator[str]:
    wide = max(len(difference.expected), len(difference.seen))
    yield f"    {paint(difference.rule, _BOLD)}\n"
    for label, said, place in (
        ("expected", difference.expected, difference.place),
        ("seen", difference.seen, difference.rule_place),
    ):
        yield f"      {label:<8}  {visible(said):<{wide}}  {paint(visible(str(place)), _DIM)}\n"
    if difference.message:
        yield f"      {visible(difference.message)}\n"


def _coverage(tested: CasesResult, coverage: Coverage, paint: _CasesPainter) -> Iterator[str]:
    rules = [(each.rule.id, each.met, each.unmet) for each in coverage.rules]
    moves = [(each.stage, each.allowed, each.refused) for each in coverage.moves]
    wide = max(len(name) for name, _, _ in [*rules, *moves, ("moves into", 0, 0)])
    name = tested.playbook.name
    yield paint(f"{f'rules of {name}':<{wide}}    cases: met    unmet", _BOLD) + "\n"
    for row in rules:
        yield _row(*row, wide=wide, words=("met", "unmet"), paint=paint)
    yield paint(f"{'moves into':<{wide}}       allowed  refused", _BOLD) + "\n"
    for move in moves:
        yield _row(*move, wide=wide, words=("allowed", "refused"), paint=paint)
    yield "\n"


def _row(
    name: str,
    first: int,
    second: int | None,
    *,
    wide: int,
    words: tuple[str, str],
    paint: _CasesPainter,
) -> str:
    missing = [word for word, seen in zip(words, (first, second), strict=True) if seen == 0]
    note = paint(f"  never {' or '.join(missing)}", _RED) if missing else ""
    if second is None:
        note += paint("  nothing can refuse it", _DIM)
    shown = "-" if second is None else str(second)
    return f"{name:<{wide}}    {first:>10}  {shown:>7}{note}\n"


def _survey(
    tested: CasesResult, survey: MutantSurvey, verbose: bool, paint: _CasesPainter
) -> Iterator[str]:
    for mutant in survey.unexcused:
        place = paint(f"{visible(str(mutant.place))}:", _BOLD)
        yield f"{place} {paint('lives', _RED)}  {visible(mutant.name)}\n"
    for each in survey.living:
        if each.why and verbose:
            place = visible(str(each.mutant.place))
            yield f"{place}: may live  {visible(each.mutant.name)}\n    {visible(each.why)}\n"
    for entry in survey.stale:
        place = paint(f"{visible(str(entry.place))}:", _BOLD)
        said = f"no living mutant is called {visible(entry.mutant)}"
        yield f"{place} {paint('stale', _RED)}  {said}\n"
        hint = "a case catches it by now, or the playbook has changed: take it out"
        yield paint(f"    {hint}", _DIM) + "\n"
    if survey.unexcused:
        hint = "no case notices these changes: write one that does, or list them under may_live"
        yield paint(f"    {hint}", _DIM) + "\n"
    excused = len(survey.living) - len(survey.unexcused)
    parts = [f"{survey.caught} caught"]
    if survey.unexcused:
        parts.append(f"{len(survey.unexcused)} living")
    if excused:
        parts.append(f"{excused} that may live")
    if survey.untried:
        parts.append(f"{survey.untried} not tried for want of time (see --seconds)")
    code = _GREEN if survey.good else _RED
    counted = plural(survey.total, "mutant")
    yield paint(f"{tested.playbook.name}: {counted}, {', '.join(parts)}", code) + "\n"


def _summary(tested: CasesResult, paint: _CasesPainter) -> str:
    name, ran = visible(tested.playbook.name), len(tested.outcomes)
    parts = [f"{plural(ran, 'case')}"]
    parts.append(f"{tested.failed} failed" if tested.failed else "all passed")
    if not ran:
        parts = ["no case chosen"]
    if tested.left_out:
        parts.append(f"{tested.left_out} left out")
    if tested.note:
        parts.append(tested.note)
    if tested.coverage is not None:
        seen = f"{tested.coverage.covered} of {tested.coverage.total}"
        parts.append(f"coverage {percent(tested.coverage.percent)} % ({seen})")
        if not tested.enough_covered:
            parts.append(f"less than the {tested.wanted_percent:g} % that are asked for")
    return paint(f"{name}: {', '.join(parts)}", _GREEN if tested.good else _RED) + "\n"


def _common(tested: CasesResult, paint: _CasesPainter) -> Iterator[str]:
    """Yields each rule over which many cases fail: one change is behind them."""
    differing = Counter(
        rule
        for outcome in tested.outcomes
        for rule in dict.fromkeys((each.rule, each.rule_place) for each in outcome.differences)
    )
    for (rule, place), many in differing.most_common():
        if many >= _MANY:
            yield f"  {many} of them over {rule}  {paint(visible(str(place)), _DIM)}\n"


def percent(share: float) -> str:
    """Returns a percentage that is 100 only where nothing is missing."""
    return "100" if share == 100 else f"{min(share, 99.9):.1f}"
