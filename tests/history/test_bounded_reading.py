"""What is read takes time in proportion to its size, and no more memory than it must."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest

from playgate.errors import InputError
from playgate.history import delimited, source, xml_feed
from playgate.history.event import Event, Problem, how_many
from playgate.history.json_texts import read_texts
from playgate.history.ocel_xml import is_ocel_xml, read_ocel_xml
from playgate.history.problems import MOST, EarliestProblems
from playgate.history.read import read_history
from playgate.history.source import Source
from playgate.history.xes import read_xes

HEADER = "deal,happened_at,kind,name,value\n"
ROW = "D-1,2026-01-05T10:00:00Z,stage,a,\n"
OPEN = 'a","b\n'
"""Opens a quote where a row begins, and within one closes it and opens another."""


def read(file: Path) -> tuple[list[Event], list[Problem]]:
    problems: list[Problem] = []
    return list(read_history([str(file)], report=problems.append)), problems


def test_quotes_that_are_never_closed_are_not_read_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line reaches to the end of the file: read anew for each, it would take the square."""
    monkeypatch.setattr(delimited, "_AGAIN", 1 << 16)
    seconds = []
    for count in (2_000, 20_000):
        file = tmp_path / f"{count}.csv"
        file.write_text(HEADER + ROW + OPEN * count + ROW.replace("D-1", "D-2"))
        started = time.process_time()
        events, problems = read(file)
        seconds.append(time.process_time() - started)
        assert [each.deal for each in events] == ["D-1", "D-2"]
        assert how_many(problems) == count
        assert (problems[0].line, problems[1].line) == (3, 4)
    assert seconds[1] < 100 * max(seconds[0], 0.01)


def test_a_row_goes_on_over_lines_where_its_quote_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also behind as many broken rows as may be read again."""
    monkeypatch.setattr(delimited, "_AGAIN", 0)
    file = tmp_path / "h.csv"
    whole = 'D-3,2026-01-05T10:00:00Z,field,x,"in\ntwo lines"\n'
    file.write_text(HEADER + OPEN * 2_000 + whole + ROW)
    events, problems = read(file)
    assert how_many(problems) + len(events) <= 2_003
    assert events[-1].deal == "D-1"


def test_one_row_is_no_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_LONGEST_ROW", 1_000)
    file = tmp_path / "h.csv"
    file.write_text(HEADER + 'D-0,2026-01-05,field,x,"open\n' + ROW * 500)
    events, problems = read(file)
    assert len(events) == 500
    assert [(each.line, each.hint) for each in problems] == [
        (2, 'is a " that opens a cell never closed?')
    ]


def test_what_unpacks_to_far_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_ANYHOW", 1 << 20)
    file = tmp_path / "h.csv.gz"
    file.write_bytes(gzip.compress(HEADER.encode() + b"\n" * (8 << 20)))
    with pytest.raises(InputError, match="unpacks to more than 250 times its size") as raised:
        read(file)
    assert "gunzip" in raised.value.hint
    file.write_bytes(gzip.compress(HEADER.encode() + b"\n" * (1 << 19) + ROW.encode()))
    assert len(read(file)[0]) == 1


def test_one_text_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_LARGEST_TEXT", 1_000)
    file = tmp_path / "h.json"
    file.write_text("[" + " " * 1_000 + "]")
    with Source(str(file)) as opened, pytest.raises(InputError, match="one text of more than"):
        opened.text()


@pytest.mark.parametrize("piece", [b'<log><trace a="', b"<log><!-- "])
def test_a_tag_that_goes_on_and_on_is_refused(
    piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_feed, "_LONGEST", 1_000)
    chunks = [piece, *[b"x" * 500] * 4]
    with pytest.raises(InputError, match="a tag or comment of more than"):
        list(read_xes("h.xes", iter(chunks), ["a"]))
    with pytest.raises(InputError, match="a tag or comment of more than"):
        read_ocel_xml("h.xml", chunks)


def test_many_comments_before_a_log_take_no_time() -> None:
    started = time.process_time()
    assert not is_ocel_xml(b"<log>" + b"<!---->" * 1_000 + b"x")
    assert not is_ocel_xml(b"<log><!--" * 1_000)
    assert is_ocel_xml(b"<log> <!-- a --> <!-- b -->\n<events>")
    assert time.process_time() - started < 5


def test_a_doubled_key_among_very_many_is_found_at_once() -> None:
    text = ",".join(f'"k{n}":1' for n in range(60_000))
    started = time.process_time()
    with pytest.raises(ValueError, match='the key "k59999" stands twice'):
        read_texts(f'{{{text},"k59999":2}}')
    assert time.process_time() - started < 5


# Problems of a history


def problem(line: int, *, file: str = "h.csv", reason: str = "odd") -> Problem:
    return Problem(file, line, reason)


def test_the_first_by_place_are_kept_in_whatever_order_they_are_told() -> None:
    lines = [(n * 7919) % 5_000 for n in range(5_000)]
    told = EarliestProblems()
    told.take(map(problem, lines))
    kept = told.told()
    assert [(each.line, each.often) for each, _ in kept[:-1]] == [(n, 1) for n in range(MOST)]
    assert (kept[-1][0].line, kept[-1][0].often, kept[-1][1]) == (MOST, 4_000, 4_000)


def test_parts_together_tell_what_one_would() -> None:
    every = [problem(n, file=f"{n % 3}.csv") for n in range(4_000)]
    one, two, whole = EarliestProblems(), EarliestProblems(), EarliestProblems()
    one.take(every[::2])
    two.take(every[1::2])
    one.absorb(two)
    whole.take(every)
    assert one.told() == whole.told()
    assert how_many(each for each, _ in whole.told()) == 4_000


def test_what_was_only_counted_stays_counted() -> None:
    told = EarliestProblems()
    told.take([problem(1), Problem("h.csv", 9, "counted", "", 50)])
    assert how_many(each for each, _ in told.told()) == 51


def test_a_problem_that_is_not_kept_is_never_made() -> None:
    made = []
    told = EarliestProblems()
    for line in range(3 * MOST):
        told.add("h.csv", line, "odd", lambda line=line: made.append(line) or problem(line))
    assert len(told.told()) == MOST + 1
    assert made == list(range(MOST))
