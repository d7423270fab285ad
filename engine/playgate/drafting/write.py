"""A draft as files: the playbook, its cases, and a page that says what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from playgate.documents.tidy import tidy
from playgate.drafting.draft import Asked, Draft, DraftField, DraftStage

__all__ = ["cases_text", "playbook_text", "readme_text"]

_WIDTH = 92


def _text(words: str) -> str:
    """Returns a text in quotes; where they are not needed, the layout takes them off."""
    return json.dumps(words, ensure_ascii=not words.isprintable())


def _listed(words: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, words))}]"


def _map(pairs: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"


def _note(note: str) -> str:
    return f"  # {note}" if note else ""


def _comment(note: str, indent: int = 0) -> Iterator[str]:
    from textwrap import wrap

    start = f"{' ' * indent}# "
    yield from (start + line for line in wrap(note, _WIDTH - len(start), break_on_hyphens=False))


# The playbook


def playbook_text(draft: Draft) -> bytes:
    """Returns the playbook in the one layout."""
    file = f"{draft.name}.playbook.yaml"
    return tidy("\n".join([*_playbook(draft), ""]).encode(), file)


def _playbook(draft: Draft) -> Iterator[str]:
    yield "# yaml-language-server: $schema=playbook.schema.json"
    for note in draft.notes:
        yield "#"
        yield from _comment(note)
    yield ""
    yield f"playbook: {_text(draft.name)}"
    yield "version: 1"
    yield f"title: {_text(draft.title)}"
    yield f"timezone: {_text(draft.timezone)}"
    shown = "what is missing is shown, and refuses no move" if draft.level == "warn" else ""
    yield f"level: {draft.level}{_note(shown)}"
    if draft.approvers:
        yield f"roles: {_listed(draft.approvers)}"
        yield f"may_waive: {_listed(draft.approvers)}"
    if draft.placeholders:
        yield f"placeholders: {_listed(draft.placeholders)}"
    if draft.fields:
        yield from ("", "fields:", *map(_field, draft.fields))
    if draft.activities:
        yield from ("", "activities:")
        for each in draft.activities:
            pairs = {"title": _text(each.title)}
            if each.outcomes:
                pairs["outcomes"] = _listed(each.outcomes)
            yield f"  {_text(each.id)}: {_map(pairs)}{_note(each.note)}"
    yield from ("", "stages:")
    for stage in draft.stages:
        yield from _stage(stage)
    if draft.idle:
        yield from ("", "limits:", f"  idle: {draft.idle}{_note(draft.idle_note)}")


def _field(field: DraftField) -> str:
    pairs = {"type": field.kind}
    if field.unit:
        pairs["unit"] = _text(field.unit)
    if field.options:
        pairs["options"] = _listed(field.options)
    return f"  {_text(field.id)}: {_map(pairs)}{_note(field.note)}"


def _stage(stage: DraftStage) -> Iterator[str]:
    yield ""
    if stage.note:
        yield from _comment(stage.note, 2)
    yield f"  - stage: {_text(stage.id)}"
    if stage.title != stage.id:
        yield f"    title: {_text(stage.title)}"
    if stage.ends:
        yield f"    ends: {stage.ends}"
    if stage.optional:
        yield "    optional: true"
    if stage.do:
        yield "    activities:"
        for each in stage.do:
            said = _text(each.name)
            if each.level:
                said = _map({"do": said, "level": each.level})
            yield f"      - {said}{_note(each.note)}"
    if stage.known:
        yield f"    {'entry' if stage.ends else 'exit'}:"
        for each in stage.known:
            yield f"      - {_map(_known(each))}{_note(each.note)}"


def _known(asked: Asked) -> dict[str, str]:
    pairs = {"field": _text(asked.name)}
    pairs |= {"more_than": "0"} if asked.more_than_zero else {"is": "present"}
    return pairs | ({"level": asked.level} if asked.level else {})


# Its cases


def cases_text(draft: Draft) -> bytes:
    """Returns cases of what the playbook asks: what it lets through, refuses or warns of."""
    return tidy("\n".join([*_Cases(draft).lines(), ""]).encode(), f"{draft.name}.cases.yaml")


class _Cases:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._kinds = {each.id: each for each in draft.fields}
        self._stages = draft.open_stages

    def lines(self) -> Iterator[str]:
        yield "# yaml-language-server: $schema=cases.schema.json"
        yield "#"
        yield "# What the playbook must let through, refuse and find. `playgate test` tries it."
        yield ""
        yield f"playbook: {_text(self._draft.name)}"
        yield "start: 2026-01-05"
        yield "by: ann"
        yield ""
        yield "stories:"
        for number in range(len(self._stages)):
            yield f"  {self._story(number)}:"
            yield from (f"    {step}" for step in self._steps(number))
        yield ""
        yield "cases:"
        for won in self._draft.ending("won"):
            yield from self._won(won)
        for lost in self._draft.ending("lost"):
            yield from self._lost(lost)
        for number in range(len(self._stages)):
            yield from self._without(number)

    @staticmethod
    def _story(number: int) -> str:
        return f"through-{number + 1}"

    def _steps(self, number: int, *, without: Asked | None = None) -> Iterator[str]:
        """Yields how a deal comes into a stage and does on the next day all that it asks for."""
        stage = self._stages[number]
        if number:
            yield f"- {self._story(number - 1)}"
        yield f"- {{at: day {2 * number}, move: {_text(stage.id)}}}"
        first = "{at: +1 day, "
        for each in (*stage.do, *stage.known):
            if each is without:
                continue
            done = f"do: {_text(each.name)}" if each in stage.do else self._told(each)
            yield f"- {first}{done}}}"
            first = "{"

    def _told(self, asked: Asked) -> str:
        return f"set: {{{_text(asked.name)}: {self._value(asked.name)}}}"

    def _value(self, field: str) -> str:
        return example_of(self._kinds[field])

    def _set(self, stage: DraftStage) -> Iterator[str]:
        for each in stage.known:
            yield f"      - {self._told(each)}"

    def _won(self, won: DraftStage) -> Iterator[str]:
        last = len(self._stages) - 1
        yield f"  - case: {_text(f'A deal that does all that is asked comes into {won.id}')}"
        yield "    given:"
        yield f"      - {self._story(last)}"
        yield from self._set(won)
        yield f"    when: {_text(won.id)}"
        yield "    then: {warned: []}"
        yield ""
        for each in won.known:
            yield from self._unknown(won, each, last)

    def _lost(self, lost: DraftStage) -> Iterator[str]:
        yield f"  - case: {_text(f'A deal can be given up at any time: {lost.id}')}"
        yield "    given:"
        yield f"      - {{at: day 0, move: {_text(self._stages[0].id)}}}"
        yield from self._set(lost)
        yield f"    when: {_text(lost.id)}"
        yield "    then: {warned: []}"
        yield ""
        for each in lost.known:
            yield from self._unknown(lost, each, 0)

    def _unknown(self, end: DraftStage, asked: Asked, story: int) -> Iterator[str]:
        """Yields a case of a deal that comes to an end without a field that its entry asks for."""
        others = [each for each in end.known if each is not asked]
        yield f"  - case: {_text(f'Nothing comes into {end.id} without {asked.name}')}"
        yield "    given:"
        yield f"      - {self._story(story)}"
        yield from self._set(DraftStage(id=end.id, title=end.title, known=tuple(others)))
        yield f"    when: {_text(end.id)}"
        yield f"    then: {self._verdict(f'{end.id}/entry/{asked.name}', asked)}"
        yield ""

    def _without(self, number: int) -> Iterator[str]:
        """Yields for each thing that a stage asks for a case of a deal that leaves without it.

        What an earlier stage asked for, too, was done there already.
        """
        stage, is_last = self._stages[number], number == len(self._stages) - 1
        earlier = {each.name for before in self._stages[:number] for each in before.do}
        kinds = [("activity", each) for each in stage.do if each.name not in earlier]
        won = self._draft.ending("won")[0]
        into = won if is_last else self._stages[number + 1]
        for kind, asked in (*kinds, *(("exit", each) for each in stage.known)):
            yield f"  - case: {_text(f'Nothing leaves {stage.id} without {asked.name}')}"
            yield "    given:"
            yield from (f"      {step}" for step in self._steps(number, without=asked))
            if is_last:
                yield from self._set(won)
            yield f"    when: {_text(into.id)}"
            yield f"    then: {self._verdict(f'{stage.id}/{kind}/{asked.name}', asked)}"
            yield ""

    def _verdict(self, rule: str, asked: Asked) -> str:
        level = asked.level or self._draft.level
        key = {"block": "refused", "warn": "warned", "observe": "observed"}[level]
        return f"{{{key}: {_listed([rule])}}}"


_EXAMPLES = {
    "number": "1000",
    "integer": "10",
    "boolean": "true",
    "date": "2026-03-02",
    "datetime": '"2026-03-02T09:00:00Z"',
    "text": '"It is known"',
}


def example_of(field: DraftField) -> str:
    """Returns a value that reads as a field's type."""
    return _text(field.options[0]) if field.options else _EXAMPLES[field.kind]


# The page


def readme_text(draft: Draft, said: Iterable[str]) -> bytes:
    """Returns the page that stands beside the playbook; `said` are the commands that come next."""
    file = f"{draft.name}.playbook.yaml"
    lines = [
        f"# {draft.title}",
        "",
        f"`{file}` says how a sale goes: its stages, and what each asks for.",
        f"`{draft.name}.cases.yaml` says what it must let through and what it must refuse.",
        "",
        *(line for note in draft.notes for line in (note, "")),
        "Next:",
        "",
        "```console",
        *(f"$ {each}" for each in said),
        "```",
        "",
        f"Change `{file}`, look at it with `show`, check it with `lint`, try its cases with",
        "`test`. A case that fails shows what the change means: mend the playbook, or the case.",
    ]
    return ("\n".join(lines) + "\n").encode()
