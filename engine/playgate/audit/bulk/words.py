"""What each step of an audit holds, in words: for those who read its SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from playgate.audit.bulk.dues import AT_MOMENTS
from playgate.audit.bulk.setting import Setting
from playgate.conditions.describe import describe_activity, describe_patterns

__all__ = ["ABOUT", "legend"]

ABOUT: Mapping[str, str] = MappingProxyType(
    {
        "rulebook": "The rules of the playbook, by their number, which steps and columns name them"
        " by.",
        "read": "The rows of the table, read: instants are microseconds since 1970 in UTC from"
        " here on. A row is odd where SQL is not sure what it says.",
        "read_0": "The rows of the table, read for the fields that are known from a deal's start.",
        "read_1": "The rows of the table, read for the events that the mapping makes of them.",
        "unread": "Rows that were left out: what they say is no event, or only `playgate audit`"
        " can read it and say what is wrong. Should be empty.",
        "given": "The events. Those of one instant stand in the order of their columns (part),"
        " kind and name first.",
        "as_of": "The instant as of which deals are judged.",
        "settled": "Each event once: of two with one id, or without ids and alike, the first."
        " Fields known from the start stand at their deal's first event.",
        "numbered": "The deals with a number (d) and what their history spans.",
        "events": "The events by deal in order (pos), with when they take effect, and whether the"
        " playbook knows their name.",
        "moves": "Each move of a deal into another stage (n: the first is 0), its place on the"
        " track, and until when and up to which move facts are seen from it (facts, seen).",
        "activities": "The activities that the playbook knows; a column says whether one matches a"
        " pattern.",
        "fields": "The values of fields by type, each with the span of time in which it stands.",
        "waivers": "The waivers that have an effect; gI is 1 where one is for rule I.",
        "moved": "By deal: when it first entered each stage, and first went beyond each.",
        "deals": "One row for each deal, with all the instants that decide a rule.",
        "applying": "The moments at which it is asked whether the playbook governs a deal.",
        "fitting": "The deals that the playbook governs (applies_to).",
        "governed_moves": "The moves of these deals.",
        "governed": "These deals.",
        "marks": "The events that sequences speak of: mJ is 1 where one is a match of sequence J;"
        " anyoneJ, sameJ, otherJ where it answers one, done by whom.",
        "asked": "The matches that are asked about: every one, or the first.",
        "matches": "The matches with when each was answered (tJ).",
        "due": "All moments at which something is due: a move, a match, or the audit's instant.",
        "lifts": "The moments at which waivers have an effect: wI is 1 where one lifts rule I.",
        "mattering": "The moments beside what says whether a rule is due at them.",
        "asking": "The moments at which what stands as of them is asked.",
        "once": "The deals beside all that is read of them by rules that are due once: where a"
        " deal passes a stage, or as of the audit.",
        "moments": "The moments beside all that the rules read of them.",
        "packed": "By deal and rule the verdict: its class (0 unmet, 1 waived, 2 met) times 2^60,"
        " plus the number of its moment. The least is the first unmet, else the first waived.",
        "rules": "The rules that are asked at moments.",
        "starting": "The moments at which deadlines start.",
        "whens": "Whether the stage or sequence of a deadline applies then: tI for rule I.",
        "gaps": "From each activity or move to the next.",
        "deadlines": "The rules with a deadline: when each start was due, and whether it was met.",
        "verdicts": "The verdict (0 unmet, 1 waived, 2 met) of every deal and rule that was due.",
        "owned": "Whose deal it was when a rule was due, where no event says who is charged.",
        "instead": "The same, or who acted last before.",
        "charged": "The verdicts with who is charged.",
        "again": "The unmet ones, to be asked again as of now.",
        "by_now": "These beside all that the rules read.",
        "answers": "Whether they are made good by now, and why they were missed (1 logged-late, 2"
        " late, 3 missing).",
        "findings": "RESULT: one row for each deal and rule that is unmet or waived.",
        "counts": "RESULT: one row for each rule, with the deals that keep it and those that do"
        " not.",
    }
)
"""Steps by name."""

_WIDE = ("applying", "moments", "starting", "by_now")


def legend(step: str, setting: Setting) -> Iterator[tuple[str, str]]:
    """The numbered columns of a step, and what they stand for."""
    if step in ("packed", "deadlines"):
        sign = "v" if step == "packed" else ""
        for index, rule in enumerate(setting.rules):
            if (rule.family in AT_MOMENTS) == (step == "packed"):
                yield f"{sign}{index}", f"{rule.info.id} ({rule.info.level}): {rule.info.title}"
    elif step == "marks":
        names = [rule.info.id for rule in setting.rules if rule.sequence is not None]
        yield from ((f"m{place}", name) for place, name in enumerate(names))
    elif step == "activities":
        for pattern, column in setting.reads.patterns.items():
            yield column, describe_patterns((pattern,))
    elif step in ("moved", "deals"):
        yield from _of_deals(setting)
    elif step in _WIDE:
        yield from _of_moments(setting)
    elif step == "once":
        for field, column in setting.reads.fields.items():
            for place, stage in enumerate(setting.open):
                yield f"{column}_{place}", f"{field} as of passing {stage}"
            yield f"{column}_end", f"{field} as of the audit"


def _of_deals(setting: Setting) -> Iterator[tuple[str, str]]:
    for stage, number in setting.numbers.items():
        yield f"ea{number}", f"the instant of the first move into {stage}; en{number}: its number"
    for place, stage in enumerate(setting.open):
        yield f"ga{place}", f"the instant of the first move beyond {stage}; gn{place}: its number"
    for nth, column in setting.reads.nths.items():
        since = "".join(each.words for each in nth.spans)
        often = f" {nth.times} times" if nth.times > 1 else ""
        yield column, f"when it was done{often}: {describe_patterns((nth.pattern,))}{since}"


def _of_moments(setting: Setting) -> Iterator[tuple[str, str]]:
    reads = setting.reads
    for field, column in reads.fields.items():
        yield column, field
    for count, column in reads.counts.items():
        yield column, f"how many there are: {describe_activity(count.demand)}"
    for (duration, sign), column in reads.shifts.items():
        yield column, f"{duration} {'later' if sign > 0 else 'before'}"
