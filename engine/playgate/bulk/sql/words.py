"""Words for those who read an audit's SQL: what each step holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from playgate.bulk.judging.rules_at_moments import is_asked_at_moments
from playgate.bulk.judging.setting import Setting
from playgate.bulk.judging.what_rules_read import FieldRead
from playgate.conditions.describe import describe, describe_patterns, show_value
from playgate.conditions.tree import ActivityPattern, ChangePattern
from playgate.rules.due import is_of_matches

__all__ = ["ABOUT", "legend"]

ABOUT: Mapping[str, str] = MappingProxyType(
    {
        "rulebook": "The rules of the playbook with their numbers, by which columns name them.",
        "rows_read": "The rows of the table. Instants are microseconds since 1970 in UTC from here"
        " on. A row is odd where SQL is not sure what it says.",
        "rows_read_0": "The rows of the table, read for the fields that are known from a deal's"
        " start.",
        "rows_read_1": "The rows of the table, read for the events that the mapping makes of them.",
        "unread": "Rows that were left out: what they say is no event, or only `playgate audit`"
        " can read it and say what is wrong. Should be empty.",
        "events_read": "The events of all rows. Those of one instant stand in the order of their"
        " columns, kind and name first (event_of_row).",
        "as_of": "The instant as of which deals are judged.",
        "distinct_events": "Each event once: of two with one id, or without ids and alike, the"
        " first. Fields known from the start stand at their deal's first event.",
        "numbered_deals": "The deals with a number, and what their history spans.",
        "events": "The events of each deal in order (position), with when they take effect, and"
        " whether the playbook knows their name.",
        "moves": "Each move of a deal into another stage (the first has the number 0), with its"
        " place on the track, and until when and up to which move things are seen from it.",
        "activities": "The activities that the playbook knows, and whether one matches a pattern.",
        "field_values": "The values of fields by type, each with the span of time in which it"
        " stands.",
        "field_changes": "The present values of fields whose changes are asked for; which are such"
        " changes.",
        "waivers": "The waivers that have an effect, and the rules that one is for.",
        "stages_reached": "By deal: when it first entered each stage, and first passed each place"
        " of the track.",
        "deals": "One row for each deal, with all the instants that decide a rule.",
        "known_deals": "The deals of which the playbook knows an event.",
        "governing_moments": "The moments at which it is asked whether the playbook governs a deal"
        " (applies_to): each move, or the first event of a deal without any.",
        "governing_answers": "Whether it does from each of these to the next, by the positions of"
        " events and by instants.",
        "governed_spans": "From where to where it does.",
        "governed_moves": "The moves of the deals that it ever governs.",
        "governed_deals": "These deals, and whether it governs them where they first pass a place"
        " of the track, and as of now.",
        "governed_moments": "The moments at which something is due and the deal is governed.",
        "sequence_events": "The events that sequences speak of: those that match one, and those"
        " that answer a match, by whom.",
        "asked_matches": "The matches that are asked about: every one, or the first.",
        "answered_matches": "The matches with when each was answered.",
        "due_moments": "All moments at which something is due: a move (kind 0), the audit's instant"
        " (1), a move without grace (2), a match (from 3 on, by sequence), or where a silence, the"
        " wait for a date (-1) or a deal's age (-2) starts.",
        "waived_moments": "The moments at which waivers have an effect, and the rules that they"
        " waive then.",
        "moments_and_deals": "The moments beside what says whether a rule is due at them.",
        "asked_moments": "The moments at which what stands as of them is asked.",
        "deals_as_moments": "The deals beside all that is read of them by rules that are due once:"
        " where a deal passes a stage, or as of the audit.",
        "moments_as_seen": "The moments beside all that the rules read of them.",
        "moments_before": "The instants before those at which a field is set.",
        "before_as_seen": "These beside all that is read of them: whether a field was"
        " anybody's to set is asked as of then.",
        "whens_before": "Whether it was not.",
        "packed_verdicts": "By deal and rule the verdict: its class (0 unmet, 1 waived, 2 met)"
        " times 2^60, plus the number of its moment. The least is the first unmet, else the first"
        " waived.",
        "asked_rules": "The rules that are asked at moments.",
        "starts_as_seen": "The moments at which deadlines start, beside all that is read of them.",
        "applying_starts": "Whether the `when` of a rule with a deadline holds where it starts.",
        "activity_gaps": "From each activity or move to the next (following), with the number of"
        " the stage that the deal was in. Of the activities of a pattern (steps from 1 on) also"
        " when one came again, in whatever stage (resumed).",
        "dates": "The dates on which deadlines hang, as events gave them, and their last instants.",
        "date_deadlines": "The deadlines before them (number).",
        "dates_that_stand": "Those before which the field got no other value.",
        "dated_starts": "The same by the rules that ask then.",
        "dated_moments": "These deadlines, as seen then (now 0) and as seen by now (1).",
        "dates_as_seen": "The same beside all that is read of them.",
        "deadlines": "The rules with a deadline: when each start was due, and whether it was met.",
        "verdicts": "The verdict (0 unmet, 1 waived, 2 met) of every deal and rule that was due.",
        "owners_when_due": "Whose deal it was when a rule was due, where no event says who is"
        " charged.",
        "charged_instead": "The same, or who acted last before.",
        "charged_verdicts": "The verdicts with who is charged.",
        "asked_again": "The unmet ones, to be asked again as of now.",
        "unmet_seen_now": "These beside all that the rules read.",
        "made_good_by_now": "Whether they are made good by now, and why they were missed (1"
        " logged-late, 2 late, 3 missing).",
        "findings": "RESULT: one row for each deal and rule that is unmet or waived.",
        "counts": "RESULT: one row for each rule, with the deals that keep it and those that do"
        " not.",
    }
)
"""The steps by name. With the longest prefix a name of 17 signs still fits into PostgreSQL's 63."""

_AS_SEEN = (
    *("dates_as_seen", "governing_moments", "moments_as_seen", "before_as_seen"),
    "starts_as_seen",
    "unmet_seen_now",
)


def legend(step: str, setting: Setting) -> Iterator[tuple[str, str]]:
    """Says what the numbered columns of a step stand for."""
    match step:
        case "packed_verdicts" | "deadlines":
            yield from _rules(step, setting)
        case "sequence_events":
            names = [rule.info.id for rule in setting.rules if is_of_matches(rule.due)]
            yield from ((f"matches_{place}", name) for place, name in enumerate(names))
        case "activities" | "field_changes":
            kind = ActivityPattern if step == "activities" else ChangePattern
            for pattern, column in setting.reads.patterns.items():
                if isinstance(pattern, kind):
                    yield column, describe_patterns((pattern,))
        case "stages_reached" | "deals":
            yield from _of_deals(setting)
        case "deals_as_moments":
            yield from _fields_once(setting)
        case _ if step in _AS_SEEN:
            yield from _as_seen(setting)


def _rules(step: str, setting: Setting) -> Iterator[tuple[str, str]]:
    sign = "verdict_" if step == "packed_verdicts" else ""
    for index, rule in enumerate(setting.rules):
        if is_asked_at_moments(rule) == (step == "packed_verdicts"):
            yield f"{sign}{index}", f"{rule.info.id} ({rule.info.level}): {rule.info.title}"


def _of_deals(setting: Setting) -> Iterator[tuple[str, str]]:
    for stage, number in setting.numbers.items():
        yield f"entered_at_{number}", f"the first move into {stage}"
    for (stage, times), column in setting.reads.entries.items():
        yield f"{column}_at", f"the move into {stage} number {times}"
    for place, stage in enumerate(setting.open):
        yield f"passed_at_{place}", f"the first move beyond {stage}"
    for nth, column in setting.reads.nths.items():
        since = "".join(each.words for each in nth.spans)
        often = f"{nth.times} times " if nth.times > 1 else ""
        who = ", different actors" if nth.of_actors else ""
        yield column, f"{often}{describe_patterns((nth.pattern,))}{who}{since}"


def _fields_once(setting: Setting) -> Iterator[tuple[str, str]]:
    for read, column in setting.reads.fields.items():
        field = _said(read)
        for place, stage in enumerate(setting.open):
            yield f"{column}_at_passing_{place}", f"{field} as of passing {stage}"
        yield f"{column}_as_of", f"{field} as of the audit"


def _as_seen(setting: Setting) -> Iterator[tuple[str, str]]:
    reads = setting.reads
    for read, column in reads.fields.items():
        yield column, _said(read)
    for count, column in reads.counts.items():
        yield column, f"how many there are: {describe(count.demand)}"
    for (duration, sign), column in reads.shifts.items():
        yield column, f"{duration} {'later' if sign > 0 else 'before'}"


def _said(read: FieldRead) -> str:
    return read if isinstance(read, str) else show_value(read)
