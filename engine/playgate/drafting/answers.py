"""What people answer → a draft; each mistake says which answer, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import get_args

from playgate.conditions.durations import read_duration
from playgate.conditions.instants import load_zone
from playgate.conditions.values import Kind
from playgate.documents.document import nearest
from playgate.drafting.draft import (
    Asked,
    Draft,
    DraftActivity,
    DraftField,
    DraftStage,
    end_of,
    id_of,
)
from playgate.errors import InputError
from playgate.records import Record, replace

__all__ = [
    "QUESTIONS",
    "Answers",
    "Question",
    "draft_of",
    "read_activities",
    "read_roles",
    "read_stages",
    "read_zone",
]

_TYPES = tuple(kind for kind in get_args(Kind) if kind not in ("choice", "choices"))
_MOST = 60


class Question(Record):
    """A question, the usual answer, and what reads an answer and refuses a wrong one."""

    words: str
    usual: str
    read: Callable[[str], object]


class Answers(Record, kw_only=True):
    """What was answered, as it was written; the names are those of the questions."""

    name: str
    sells: str
    stages: str
    fields: str
    lost_reasons: str
    approves: str
    idle: str
    timezone: str
    do: tuple[tuple[str, str], ...] = ()
    """Stages by id or title, each with the activities that it asks for."""


def named(text: str, what: str) -> Iterator[str]:
    """Yields the names in a text, which commas part, tidied; raises `InputError` on too many."""
    found = [" ".join(each.split()) for each in text.split(",")]
    kept = [each for each in found if each]
    if len(kept) > _MOST:
        hint = f"name at most {_MOST}, with commas between"
        raise _wrong(f"{len(kept)} {what} are too many to begin with", hint)
    for each in kept:
        if not each.isprintable() or not id_of(each):
            raise _wrong(f'"{each[:60]}" names none of the {what}', "use letters and digits")
        yield each


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]


def _wrong(message: str, hint: str) -> InputError:
    return InputError(message, hint=hint, code="wrong-value")


def read_stages(text: str) -> tuple[DraftStage, ...]:
    """Returns the stages, in order, with a won and a lost end added where none is named."""
    found: dict[str, DraftStage] = {}
    for title in named(text, "stages"):
        stage = id_of(title, taken=found)
        found[stage] = DraftStage(id=stage, title=_capital(title), ends=end_of(title))
    for end in ("won", "lost"):
        if not any(stage.ends == end for stage in found.values()):
            stage = id_of(end, taken=found)
            found[stage] = DraftStage(id=stage, title=end.title(), ends=end)
    order = ("", "won", "lost")
    stages = tuple(sorted(found.values(), key=lambda stage: order.index(stage.ends)))
    if stages[0].ends:
        raise _wrong("there is no stage before the end", "for example: Lead, Needs, Proposal")
    return stages


def read_fields(text: str) -> tuple[DraftField, ...]:
    """Returns the fields: `amount: number EUR`, `size: small|large`, `decision maker`."""
    found: dict[str, DraftField] = {}
    for said in named(text, "fields"):
        title, _, kind = (each.strip() for each in said.partition(":"))
        if not id_of(title):
            raise _wrong(f'"{said}" names no field', "for example: amount: number EUR")
        name = id_of(title, joint="_", taken=(*found, "owner"))
        found[name] = _typed(DraftField(id=name), kind)
    return tuple(found.values())


def _typed(field: DraftField, said: str) -> DraftField:
    if "|" in said:
        options = tuple(dict.fromkeys(filter(None, map(str.strip, said.split("|")))))
        if options:
            return replace(field, kind="choice", options=options)
    kind, _, unit = said.partition(" ")
    if not kind:
        return field
    if kind not in _TYPES:
        known = nearest(kind, _TYPES)
        hint = known or f"one of {', '.join(_TYPES)}, or options: small|large"
        raise _wrong(f'"{kind}" is no type of field {field.id}', hint)
    if unit and kind not in ("number", "integer"):
        raise _wrong(f"field {field.id} is {kind}, and has no unit", "leave it out")
    return replace(field, kind=kind, unit=unit.strip())


def read_idle(text: str) -> str:
    """Returns a duration, or `""` for none."""
    said = " ".join(text.split())
    if said.casefold() in ("", "none", "never"):
        return ""
    if re.fullmatch(r"[0-9]{1,9}", said):
        said = f"{said} days"
    length = read_duration(said) if _DURATION.fullmatch(said) else None
    if length is None or length.is_nothing:
        raise _wrong(f'"{said[:60]}" is no length of time', "for example: 21 days, 3 weeks, none")
    return said


_DURATION = re.compile(r"[0-9]{1,9} (hour|day|week|calendar day|business day)s?")


def read_zone(text: str) -> str:
    """Returns the name of a time zone."""
    if load_zone(text) is None:
        raise _wrong(f'there is no time zone "{text[:60]}"', "for example: Europe/Paris, UTC")
    return text


def draft_of(answers: Answers) -> Draft:
    """Returns the draft that the answers ask for."""
    stages = read_stages(answers.stages)
    fields = read_fields(answers.fields)
    asked, activities = _activities(stages, answers.do)
    reasons = read_reasons(answers.lost_reasons)
    if reasons:
        reason = id_of("lost_reason", joint="_", taken=[each.id for each in fields])
        fields = (*fields, DraftField(id=reason, kind="choice", options=reasons))
    return Draft(
        name=answers.name,
        title=read_title(answers.sells),
        timezone=read_zone(answers.timezone),
        stages=tuple(
            replace(stage, do=asked.get(stage.id, ()), known=_known(stage, fields, bool(reasons)))
            for stage in stages
        ),
        fields=fields,
        activities=activities,
        approvers=read_roles(answers.approves),
        idle=read_idle(answers.idle),
    )


def read_title(text: str) -> str:
    """Returns the title for what is sold."""
    sells = " ".join(text.split())
    if not sells.isprintable():
        raise _wrong("what is sold holds signs that nobody sees", "type it again")
    return f"How we sell {sells}" if sells else "Our way to sell"


def read_roles(text: str) -> tuple[str, ...]:
    """Returns roles by their ids."""
    return tuple(dict.fromkeys(id_of(each) for each in named(text, "roles")))


def _known(stage: DraftStage, fields: Sequence[DraftField], has_reasons: bool) -> tuple[Asked, ...]:
    """Returns what must be known to come into an end: the reason of a loss, all else of a sale."""
    of_sale = fields[:-1] if has_reasons else fields
    if stage.ends == "won":
        return tuple(_as_asked(each) for each in of_sale)
    return tuple(_as_asked(each) for each in fields[-1:] if stage.ends and has_reasons)


def _as_asked(field: DraftField) -> Asked:
    return Asked(name=field.id, more_than_zero=field.kind == "number")


def _activities(
    stages: Iterable[DraftStage], do: Iterable[tuple[str, str]]
) -> tuple[dict[str, tuple[Asked, ...]], tuple[DraftActivity, ...]]:
    """Returns what each stage asks to do, and all activities."""
    known = {name: each for each in stages if not each.ends for name in (each.id, each.title)}
    asked: dict[str, dict[str, Asked]] = {}
    found: dict[str, DraftActivity] = {}
    for name, text in do:
        stage = known.get(name) or known.get(id_of(name))
        if stage is None:
            raise _wrong(
                f'there is no stage "{name[:60]}" to do something in', nearest(name, known)
            )
        for title in named(text, "activities"):
            activity = id_of(title, joint="_")
            found.setdefault(activity, DraftActivity(id=activity, title=_capital(title)))
            asked.setdefault(stage.id, {})[activity] = Asked(name=activity)
    return {stage: tuple(each.values()) for stage, each in asked.items()}, tuple(found.values())


def read_activities(text: str) -> list[str]:
    """Returns the activities in a text."""
    return list(named(text, "activities"))


def read_reasons(text: str) -> tuple[str, ...]:
    """Returns the reasons why deals are lost, each once."""
    return tuple(dict.fromkeys(named(text, "reasons")))


QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "sells": Question("What do you sell, and to whom?", "", read_title),
        "stages": Question(
            "Which stages does a deal pass, in order?",
            "Lead, Needs, Proposal, Negotiation",
            read_stages,
        ),
        "fields": Question(
            "What must be known before a deal is won?", "amount: number", read_fields
        ),
        "lost_reasons": Question(
            "Why are deals lost?", "price, timing, competitor, no-decision", read_reasons
        ),
        "approves": Question("Which roles may make exceptions?", "manager", read_roles),
        "idle": Question("How long may a deal be silent?", "21 days", read_idle),
        "timezone": Question("In which time zone do you count days?", "UTC", read_zone),
    }
)
"""All that is asked, but for the name and what is done in each stage."""
