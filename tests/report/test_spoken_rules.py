"""What rules ask, what is missed and what is to be done about it: all of it is said by messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple, get_args
from unittest import mock

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from playgate.cli.group import playgate
from playgate.enforce.remedy import Remedies, Remedy, RemedyKind
from playgate.language import Language, say, using
from playgate.report.catalogue import catalogue, language_of
from playgate.rules.families import FAMILIES
from playgate.rules.list import list_rules
from support import messages
from support.constructs import CHOSEN
from support.parity import Example, drawn, judged

DEALS = 12
SEEDS = (*CHOSEN, 6, 136)
"""Of playbooks in which every construct stands, and of two that miss what the others do not."""
SAMPLES = Path(__file__).parents[2] / "playbooks"


class _Hidden(Language):
    """A language that shows nothing of its messages but what is filled in."""

    tag = "en-x-hidden"

    def wording(self, one: str, many: str, number: int | None, about: str) -> str:
        said = super().wording(one, many, number, about)
        return re.sub(r"{\w*}|[^\W\d_]", lambda found: found[0] if "{" in found[0] else "#", said)

    def spelt_day(self, day: object) -> str:
        return "#"


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text))


# The rules of generated playbooks


class _Told(NamedTuple):
    """What people are told of an example: titles, messages and remedies, with their kinds."""

    texts: list[str]
    families: set[str]
    kinds: set[str]


def _told(example: Example) -> _Told:
    rules = list_rules(example.playbook)
    found = [*example.audit().findings]
    remedied = [each for way in _remedies(example) for each in _each(way)]
    texts = [
        *(rule.info.title for rule in rules if not rule.is_titled),
        *(each.message for each in found),
        *(each.words for each in remedied),
    ]
    families = {each.rule.family for each in found}
    return _Told(texts, families, {each.kind for each in remedied})


def _remedies(example: Example) -> Iterator[Sequence[Remedy]]:
    """Yields what there is to do about each unmet rule."""
    remedies = Remedies(example.judge()[0])
    latest = max((each.happened_at for each in example.events), default=0)
    for deal, rule, verdict in judged(example, as_of=example.as_of or latest):
        if verdict is not None and verdict.verdict == "unmet":
            yield remedies.of(rule, deal, verdict)


def _each(way: Iterable[Remedy]) -> Iterator[Remedy]:
    for remedy in way:
        yield remedy
        for other in remedy.one_of:
            yield from _each(other)


def _texts(value: Any, *, keys: bool = False) -> Iterator[str]:
    """All texts that stand in a playbook, and the names under which its parts do."""
    if isinstance(value, dict):
        for key, each in value.items():
            if keys:
                yield key
            yield from _texts(
                each, keys=key in ("fields", "activities", "signals", "profiles", "where")
            )
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


_KEYWORDS = frozenset(
    (
        *("present", "absent", "entered", "stage", "same", "other", "actor", "first", "every"),
        *("later", "earlier", "higher", "lower", "ended", "won", "lost", "true", "false"),
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("second", "minute", "hour", "day", "week", "business", "calendar"),
        *("seconds", "minutes", "hours", "days", "weeks"),
    )
)
"""Words of the language of playbooks, which messages say in the language of the reader."""


def _known(example: Example) -> set[str]:
    """The words of a playbook and of a history."""
    own = " ".join(_texts(example.book))
    seen = " ".join(f"{e.deal} {e.name} {e.value} {e.actor} {e.attrs}" for e in example.events)
    return _words(own) - _KEYWORDS | _words(seen) | set(example.people or ()) | {"TZ"}


@cache
def _all_told() -> dict[int, _Told]:
    with using(_Hidden()):
        return {seed: _told(drawn(seed, deals=DEALS, small=True)) for seed in SEEDS}


def test_titles_messages_and_remedies_say_nothing_beside_messages_and_names() -> None:
    beside = {}
    for seed, told in _all_told().items():
        known = _known(drawn(seed, deals=DEALS, small=True))
        beside |= {text: left for text in told.texts if (left := _words(text) - known)}
    assert beside == {}


def test_every_family_is_missed_and_every_kind_of_remedy_is_told() -> None:
    told = _all_told().values()
    assert set().union(*(each.families for each in told)) == set(FAMILIES)
    assert set().union(*(each.kinds for each in told)) == set(get_args(RemedyKind))


# The screens of the samples


_ACTIVE = ("leads", "experiment")
"""The commands that are shown on the other sample, since it has what they need."""


def _given(command: str) -> list[str]:
    """What a command reads."""
    name = "active-sales" if command in _ACTIVE else "bank-sales"

    def of(file: str) -> str:
        return str(SAMPLES / name / file)

    people = ["--people", of("people.csv")]
    if command != "leads":
        return [of(f"{name}.yaml"), of("history.csv"), *people]
    lists = [of("prospects.csv"), "--clients", of("clients.csv"), "--history", of("history.csv")]
    return [of(f"{name}.yaml"), *lists, *people]


def _screen(command: str, *options: str, lang: str, file: Path | None = None) -> str:
    """What a command shows of its sample."""
    words = [command, *_given(command), "--lang", lang, *options]
    if file is not None:
        words += ["-o", str(file)]
    found = CliRunner().invoke(playgate, words, standalone_mode=False)
    assert found.exception is None, found.exception
    if file is None:
        return found.output
    return _workbook_text(file) if file.suffix == ".xlsx" else file.read_text("utf-8")


def _workbook_text(file: Path) -> str:
    """All texts of a workbook."""
    book = CalamineWorkbook.from_path(str(file))
    sheets = [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
    rows = [cell for _, sheet in sheets for row in sheet for cell in row if isinstance(cell, str)]
    return "\n".join([*book.sheet_names, *rows])


_SCREENS = {
    "audit": ("audit",),
    "audit-markdown": ("audit", "--format", "markdown"),
    "digest": ("digest", "--since", "2026-09-01"),
}
_COUNTED = {
    **{name: (name,) for name in ("kpi", "coach", "target", "segments", "quality", "alarms")},
    "forecast": ("forecast",),
    "practices": ("practices",),
    "experiment-planned": ("experiment", "--as-of", "2026-04-30"),
    "experiment-running": ("experiment", "--as-of", "2026-06-30"),
    "experiment-over": ("experiment",),
    "today": ("today", "--rep", "d.okafor"),
    "today-html": ("today", "--rep", "d.okafor", "--format", "html"),
    "pay": ("pay", "--period", "2026-06"),
    "pay-rep": ("pay", "--period", "2026-06", "--rep", "a.morel"),
    "pay-so-far": ("pay", "--rep", "a.morel"),
    "pay-what-if": ("pay", "--rep", "a.morel", "--what-if", "BK-1012=won"),
    "leads": ("leads",),
    "leads-rep": ("leads", "--rep", "r04"),
    "leads-markdown": ("leads", "--format", "markdown"),
    "digest-html": ("digest", "--since", "2026-09-01", "--format", "html"),
}
_CUT = ("leads", "leads-rep", "pay-what-if")
"""Those on which paths and ids are cut into pieces."""
_FILES = {
    "audit-workbook": ("audit", "xlsx"),
    "report": ("report", "html"),
    "report-workbook": ("report", "xlsx"),
    "forecast-workbook": ("forecast", "xlsx"),
    "practices-workbook": ("practices", "xlsx"),
    "pay-workbook": ("pay", "xlsx"),
    "leads-workbook": ("leads", "xlsx"),
}


def _phrases() -> Iterator[str]:
    """Yields the English of messages between their places, where it is no French as well."""
    said = {message for message, _ in messages.said()}
    french = " ".join(
        wording
        for forms in catalogue("fr")["messages"].values()
        for wording in ([forms] if isinstance(forms, str) else forms.values())
    ).casefold()
    for message in said:
        for part in re.split(r"{\w*}|<[^>]*>|\(\w+\)$", message):
            phrase = " ".join(part.split()).strip(" .:;,()?")
            is_long = len(re.findall(r"[A-Za-z]{2,}", phrase)) > 1
            if is_long and phrase.casefold() not in french:
                yield phrase


@cache
def _english() -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, {*_phrases()}), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(longest_first)})(?![\w-])")


@cache
def _own_text() -> str:
    """What stands in the playbooks of the samples, and in what is read beside them."""
    read = [
        file
        for folder in (SAMPLES / "bank-sales", SAMPLES / "active-sales")
        for file in (folder / f"{folder.name}.yaml", *folder.glob("*.csv"))
    ]
    return "".join(file.read_text("utf-8") for file in read)


def _english_in(text: str) -> set[str]:
    """The English phrases in a text that stand in none of the samples."""
    own = _own_text()
    flat = " ".join(re.sub(r"<style.*?</style>|<script.*?</script>|<[^>]+>", " ", text).split())
    return {each for each in _english().findall(flat) if each not in own}


def test_english_phrases_are_found_where_they_stand() -> None:
    found = _english_in(_screen("audit", lang="en"))
    assert {"is present", "of the steps were followed", "at the move"} <= found


@pytest.mark.parametrize("name", _SCREENS)
def test_a_screen_in_french_shows_no_english(name: str) -> None:
    assert _english_in(_screen(*_SCREENS[name], lang="fr")) == set()


@pytest.mark.thorough
@pytest.mark.parametrize("name", _COUNTED)
def test_a_counted_screen_in_french_shows_no_english(name: str) -> None:
    assert _english_in(_screen(*_COUNTED[name], lang="fr")) == set()


@pytest.mark.thorough
@pytest.mark.parametrize("name", _FILES)
def test_a_file_in_french_shows_no_english(name: str, tmp_path: Path) -> None:
    command, form = _FILES[name]
    options = ("--format", form) if form == "xlsx" else ()
    shown = _screen(command, *options, lang="fr", file=tmp_path / f"{name}.{form}")
    assert _english_in(shown) == set()


@cache
def _own_words() -> set[str]:
    """The words of the samples' own files."""
    files = [*(SAMPLES / "bank-sales").iterdir(), *(SAMPLES / "active-sales").iterdir()]
    return _words(" ".join(each.read_text("utf-8") for each in files).casefold())


def _beside(*command: str) -> set[str]:
    """The words that a screen shows, and that are neither of a message nor of the samples."""
    with mock.patch("playgate.cli.language.language_of", return_value=_Hidden()):
        shown = _screen(*command, lang="hidden")
    shown = shown.replace(str(SAMPLES), "").replace("--format", " ")
    shown = unescape(re.sub(r"<style.*?</style>|<[^>]+>|\be-[0-9a-f]{16}\b", " ", shown))
    return _words(shown.casefold()) - _own_words()


@pytest.mark.parametrize("name", _SCREENS)
def test_a_screen_says_nothing_beside_messages_and_the_data(name: str) -> None:
    assert _beside(*_SCREENS[name]) == set()


@pytest.mark.thorough
@pytest.mark.parametrize("name", [each for each in _COUNTED if each not in _CUT])
def test_a_counted_screen_says_nothing_beside_messages_and_the_data(name: str) -> None:
    assert _beside(*_COUNTED[name]) == set()


def test_rules_of_a_loaded_playbook_speak_each_time_as_it_is_spoken() -> None:
    playbook = drawn(CHOSEN[0], small=True).playbook
    english = [rule.info.title for rule in list_rules(playbook)]
    with using(language_of("fr")):
        french = [rule.info.title for rule in list_rules(playbook)]
        assert say("is present") == "est renseigné"
    assert [rule.info.title for rule in list_rules(playbook)] == english
    assert french != english
