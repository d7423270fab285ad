"""Of very many problems the first have their places, and the rest are counted."""

from __future__ import annotations

from playgate.history.event import how_many
from playgate.history.part import PartOfDeals
from playgate.history.problems import MOST
from playgate.history.read import read_history

HEADER = "deal,happened_at,kind,name\n"


def problems_of(*paths, **options):
    problems = []
    events = list(read_history(list(map(str, paths)), report=problems.append, **options))
    return events, problems


def test_the_rest_is_counted_file_by_file(tmp_path):
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text(HEADER + "D,x,stage,a\n" * (MOST + 5) + "D,2026-01-05,stage,a\n")
    two.write_text(HEADER + "D,x,stage,a\n" * 7)
    events, problems = problems_of(one, two)
    assert len(events) == 1
    assert how_many(problems) == MOST + 12
    assert [(each.file, each.line, each.often) for each in problems[MOST:]] == [
        (str(one), MOST + 2, 5),
        (str(two), 2, 7),
    ]
    assert {each.reason for each in problems[MOST:]} == {"from here on problems are only counted"}


def test_parts_of_a_history_tell_each_problem_once(tmp_path):
    file = tmp_path / "h.csv"
    rows = "".join(f"D{n},x,stage,a\n" for n in range(100)) + "D,2026-01-05,stage,a,more\n" * 100
    file.write_text(HEADER + rows)
    parts = [problems_of(file, part=PartOfDeals(number, 3))[1] for number in range(3)]
    assert sum(map(how_many, parts)) == 200


def test_rubbish_takes_no_memory(tmp_path):
    file = tmp_path / "h.csv"
    file.write_text(HEADER + "x\n" * 50_000)
    _, problems = problems_of(file)
    assert (len(problems), how_many(problems)) == (MOST + 1, 50_000)
