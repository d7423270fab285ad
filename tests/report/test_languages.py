"""Languages: a catalogue says all that the code says, and a report says nothing beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from babel import Locale
from click.testing import CliRunner, Result

from playgate.cli.group import playgate
from playgate.errors import InputError
from playgate.history.people import read_people
from playgate.history.read import read_history
from playgate.history.spool import Spool
from playgate.language import ENGLISH, Language, say, speaking, using
from playgate.numbers.alarms import alarms
from playgate.numbers.coach import coach
from playgate.numbers.kpi import kpis
from playgate.numbers.review import Review, review
from playgate.numbers.segments import segments
from playgate.numbers.survey import Survey
from playgate.numbers.target import target
from playgate.pay.money import said_share
from playgate.playbook.load import load_playbook
from playgate.report import html_page
from playgate.report.catalogue import Forms, catalogue, language_of, tags
from playgate.report.digest import Section
from playgate.report.html_charts import reps_chart
from playgate.report.html_parts import Plain
from playgate.report.numbers_text import _sections
from playgate.report.words import more, plural
from support import counting, messages

BANK = Path(__file__).parents[2] / "playbooks" / "bank-sales"
OTHERS = [tag for tag in tags() if tag != ENGLISH.tag]
NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


PLAYBOOK = """\
playbook: sales
version: 1
activities: {call: {title: Call}}
stages:
  - {stage: approach, activities: [call]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
HISTORY = """\
deal,happened_at,kind,name,actor
D,2026-01-05T09:00:00Z,stage,approach,ann
D,2026-01-09T09:00:00Z,stage,won,ann
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A playbook, and a history that skips a step."""
    folder = tmp_path_factory.mktemp("sales")
    (folder / "sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    (folder / "history.csv").write_text(HISTORY, encoding="utf-8")
    return str(folder / "sales.yaml"), str(folder / "history.csv")


def _run(*words: str, env: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(playgate, words, standalone_mode=False, env=env)


@cache
def _messages(tag: str) -> Mapping[str, Forms]:
    found: Mapping[str, Forms] = catalogue(tag)["messages"]
    return found


def _wordings(tag: str) -> Iterator[tuple[str, str]]:
    """Each message, with each way in which a language says it."""
    for message, forms in _messages(tag).items():
        yield from (
            (message, each) for each in ([forms] if isinstance(forms, str) else forms.values())
        )


# Catalogues


@pytest.mark.parametrize("tag", OTHERS)
def test_a_catalogue_has_every_message_and_no_other(tag: str) -> None:
    said, known = {message for message, _ in messages.said()}, set(_messages(tag))
    assert sorted(said - known) == [], "not translated"
    assert sorted(known - said) == [], "nobody says it"


@pytest.mark.parametrize("tag", OTHERS)
def test_what_is_filled_in_is_the_same(tag: str) -> None:
    wrong = [
        (message, wording)
        for message, wording in _wordings(tag)
        if messages.places(message) != messages.places(wording)
    ]
    assert wrong == []


@pytest.mark.parametrize("tag", OTHERS)
def test_plurals_have_all_forms_and_stand_where_a_number_decides(tag: str) -> None:
    counted = {message for message, has_plural in messages.said() if has_plural}
    forms = {message: each for message, each in _messages(tag).items() if not isinstance(each, str)}
    assert set(forms) == counted
    known = {*Locale.parse(tag).plural_form.tags, "other"}
    for message, each in forms.items():
        assert {"other"} <= set(each) <= known, message
        # CLDR's "many" of French and its kin is for millions; "other" does for it.
        assert known - set(each) <= {"many"}, message


@pytest.mark.parametrize("tag", OTHERS)
def test_marks_are_those_of_the_message(tag: str) -> None:
    def marks(text: str) -> list[str]:
        return sorted(re.findall(r"<[^ ][^>]*>", text))

    for message, wording in _wordings(tag):
        assert marks(message) == marks(wording), message
        assert '"' not in wording, message  # it may stand in an attribute


def test_french_sets_its_signs_apart_as_printers_do() -> None:
    for message, wording in _wordings("fr"):
        assert not re.search(
            r"[^\N{NARROW NO-BREAK SPACE} ?(] ?[;?!](?!\w)|\w %| [:;?!%]", wording
        ), message
        assert "'" not in wording, message


def test_no_message_says_english_in_french() -> None:
    same = {message for message, wording in _wordings("fr") if message == wording}
    words = {each for each in same if re.search(r"[A-Za-z]{4}", re.sub(r"{\w+}", "", each))}
    # They are French words, too.
    assert words == {
        *("Cause", "Effort", "Playbook", "Playbooks", "Question", "Segment", "Segments", "Version"),
        *("segment", "Prospect", "Prospects", "prospect"),
        *("Clients", "client", "client {id}", "plus"),
        *("{n} client", "{n} date", "{n} prospect", "{amount} minute", "{n} point"),
    }


# What is said


def test_a_number_decides_the_plural_and_is_written_as_the_language_does() -> None:
    assert (plural(1, "deal"), plural(1234, "deal"), more(2, "rep")) == (
        "1 deal",
        "1,234 deals",
        "and 2 more reps",
    )
    with using(language_of("fr")):
        assert plural(0, "deal") == "0 affaire"  # French counts nothing as one
        assert plural(1234, "deal") == f"1{NARROW}234 affaires"
        assert (more(2, "rep"), more(0)) == ("et 2 autres commerciaux", "")
    assert plural(0, "deal") == "0 deals"


def test_numbers_money_percent_and_days_in_french() -> None:
    french = language_of("fr")
    assert french.number(-1234.56, 1) == f"-1{NARROW}234,6"
    assert french.percent(">99") == f">99{WIDE}%"
    assert french.amount(1234567, "EUR") == f"1{NARROW}234{NARROW}567{WIDE}€"
    assert french.amount(1234567, "points") == f"1{NARROW}234{NARROW}567{WIDE}points"
    assert french.amount(5, "") == "5"
    assert (french.day("2026-08-01"), french.day("–")) == ("1 août 2026", "–")


def test_charts_write_shares_as_the_language_does() -> None:
    rows = [{"name": "Ann", "value": 0.5, "low": 0.4, "high": 0.6, "colour": "red"}]
    assert ">50%<" in reps_chart(rows, None)
    with using(language_of("fr")):
        assert re.search(r">50\s%<", reps_chart(rows, None))


def test_a_rate_of_pay_is_written_as_the_language_does() -> None:
    rate = Decimal("0.0015")
    assert (said_share(rate, "0.15%"), said_share(rate, "0.0015")) == ("0.15 %", "0.0015")
    with using(language_of("fr")):
        assert said_share(rate, "0.15 %") == f"0,15{WIDE}%"


def test_a_language_is_spoken_as_long_as_its_context_lasts() -> None:
    with using(language_of("fr")):
        with using(ENGLISH):
            assert say("Rule") == "Rule"
        assert say("Rule") == "Règle"
    assert (say("Rule"), speaking()) == ("Rule", ENGLISH)


def test_what_a_catalogue_lacks_is_said_in_english() -> None:
    with using(language_of("fr")):
        assert say("{n} unheard-of thing", "{n} unheard-of things", n=2) == "2 unheard-of things"


# The command line


def test_an_unknown_language_is_wrong_input_with_those_that_there_are(
    files: tuple[str, str],
) -> None:
    found = _run("audit", *files, "--lang", "tlh").exception
    assert isinstance(found, InputError)
    assert (found.message, found.code) == ('no language "tlh"', "unknown-name")
    assert found.hint == f"known: {', '.join(tags())}"


def test_without_babel_english_is_what_there_is() -> None:
    with mock.patch.dict("sys.modules", {"babel": None}):
        assert language_of("en") is ENGLISH
        with pytest.raises(InputError, match="one more library") as refused:
            language_of("fr")
    assert refused.value.hint == "pip install 'playgate[languages]'"


def test_the_environment_says_the_language_and_the_command_line_beats_it(
    files: tuple[str, str],
) -> None:
    assert "Par phase" in _run("audit", *files, env={"PLAYGATE_LANG": "fr"}).output
    by_both = _run("audit", *files, "--lang", "en", env={"PLAYGATE_LANG": "fr"})
    assert "By stage" in by_both.output
    # What the machine speaks is nobody's wish.
    assert "By stage" in _run("audit", *files, env={"LANG": "fr_FR.UTF-8"}).output


def test_the_users_own_settings_say_the_language_and_no_file_beside_data(
    files: tuple[str, str], tmp_path: Path
) -> None:
    own = tmp_path / "playgate" / "playgate.toml"
    own.parent.mkdir()
    own.write_text('lang = "fr"\n', encoding="utf-8")
    with mock.patch.dict(os.environ, {"XDG_CONFIG_HOME": str(tmp_path)}):
        assert "Par phase" in _run("audit", *files).output
    (tmp_path / "playgate.toml").write_text('lang = "fr"\n', encoding="utf-8")
    (tmp_path / "sales.yaml").write_text(PLAYBOOK, encoding="utf-8")
    refused = _run("audit", str(tmp_path / "sales.yaml"), files[1]).exception
    assert isinstance(refused, InputError)
    assert "not for a file that lies beside data" in str(refused)


@pytest.mark.parametrize(
    ("command", "form"),
    [
        *(("audit", form) for form in ("json", "ndjson", "csv", "sarif", "junit")),
        *(("kpi", form) for form in ("json", "csv")),
    ],
)
def test_what_machines_read_is_the_same_in_every_language(
    command: str, form: str, files: tuple[str, str]
) -> None:
    outputs = {_run(command, *files, "--format", form, "--lang", tag).output for tag in tags()}
    assert len(outputs) == 1
    assert outputs.pop()


def test_errors_stay_english(files: tuple[str, str], tmp_path: Path) -> None:
    torn = tmp_path / "torn.csv"
    torn.write_text(HISTORY + "D,never,stage,won,ann\n", encoding="utf-8")
    for command in ("audit", "kpi"):
        found = _run(command, files[0], str(torn), "--strict", "--lang", "fr").exception
        assert isinstance(found, InputError)
        assert "1 problem, and --strict lets none pass" in found.message


# Whole results, in a language that marks all that it says


class _Marked(Language):
    """English, with brackets around each message."""

    tag = "en-x-marked"

    def wording(self, one: str, many: str, number: int | None, about: str) -> str:
        return f"⟦{super().wording(one, many, number, about)}⟧"


def _unmarked(text: str) -> str:
    """What of a text no message says."""
    while "⟦" in text:
        text, before = re.sub(r"⟦[^⟦⟧]*(⟧|…)", _close, text), text
        if text == before:
            break
    return text


def _close(found: re.Match[str]) -> str:
    """What stands for a message: where it was cut, the one around it is cut, too."""
    return " " if found[1] == "⟧" else "…"


def _strings(value: Any) -> Iterator[str]:
    """All texts within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _strings(key)
            yield from _strings(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _strings(each)
    elif hasattr(value, "__dict__"):
        yield from _strings(value.__dict__)


@cache
def _review() -> Review:
    """A report on some of the bank's deals, counted in the marked language."""
    with Spool() as spool:
        events = read_history([str(BANK / "history.csv")], report=lambda _: None)
        spool.extend(each for each in events if each.deal.endswith("0"))
        with using(_Marked()):
            return review(
                load_playbook(BANK / "bank-sales.yaml"),
                spool,
                people=read_people(str(BANK / "people.csv"), lambda _: None),
                as_of=None,
                period="",
                problems=[],
                most=60,
                is_live=False,
                step=lambda: None,
            )


class _Texts(HTMLParser):
    """The texts of a page that people see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code"):
            self._inside.append(tag)
        told = ("title", "aria-label", "data-h")
        self.found.update(value for name, value in attrs if name in told and value)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.found.add(data)


@pytest.mark.parametrize("file", messages.TEMPLATES, ids=lambda file: file.stem)
def test_a_template_has_no_words_of_its_own(file: Path) -> None:
    text = re.sub(r"{%.*?%}|{{.*?}}", " ", file.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"< +a (.*?)g ", r"<g \1", text)  # an element that is the one or the other
    texts = _Texts()
    texts.feed(text)
    words = {each.strip(" –") for each in texts.found if re.search(r"[^\W\d_]{2}", each)}
    assert words <= {"playgate"}


@pytest.mark.thorough
def test_a_page_says_nothing_beside_its_messages_and_the_data() -> None:
    found = _review()
    with using(_Marked()):
        page = "".join(html_page.render(found))
    texts = _Texts()
    texts.feed(_unmarked(page))  # a message may have marks within
    assert '<html lang="en-x-marked">' in page
    plain = Plain(found.playbook)
    known = _known(found)
    known |= {each.casefold() for each in map(plain, known)}
    beside = {each for text in texts.found for each in _beside(text, " ".join(known))}
    assert beside <= {"playgate", *_MONTHS}  # the axes of charts are drawn, and say months


_RESULTS = {
    "kpi": kpis,
    "coach": coach,
    "alarms": alarms,
    "target": lambda found: target(found, {}),
    "segments": segments,
}


@cache
def _survey() -> Survey:
    """The bank's sample, counted in the marked language and not shared with other tests."""
    with using(_Marked()):
        return counting.of_sample("bank-sales")


@pytest.mark.parametrize("command", _RESULTS)
def test_tables_say_nothing_beside_their_messages_and_the_data(command: str) -> None:
    with using(_Marked()):
        counted = _RESULTS[command](_survey())
        sections = list(_sections(counted))
    known = " ".join(_known(counted))
    beside = {
        each for section in sections for text in _texts(section) for each in _beside(text, known)
    }
    assert beside == set()


def _texts(section: Section) -> Iterator[str]:
    yield from (section.title, section.note, section.left_out)
    yield from (column.head for column in section.columns)
    yield from (line for row in section.rows for cell in row for line in _lines(cell))


def _known(value: Any) -> set[str]:
    """The texts within a value, without what messages say of them."""
    return {" ".join(_unmarked(each).casefold().split()) for each in _strings(value)}


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SIGNS = re.compile(r"[·→×:;,()|▲▼≠*?≥≤–%+…]|[-\d.,/]*\d[\d.,]*|\beur\b|\s{2,}")


def _beside(text: str, known: str) -> Iterator[str]:
    """Yields what words of a text are neither said by a message nor known from the data."""
    whole = " ".join(_unmarked(text).casefold().split())
    if whole in known:
        return
    for part in _SIGNS.split(_unmarked(text).casefold()):
        word = " ".join(part.strip(" .").split())
        if re.search(r"[^\W\d_]{2}", word) and word not in known:
            yield word


def _lines(cell: str | tuple[str, ...]) -> tuple[str, ...]:
    return (cell,) if isinstance(cell, str) else cell
