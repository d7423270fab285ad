"""A page for each rep: their own deals alone, nobody else's name, and files that are safe."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pages_made
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from playgate.cli.report_folder import refuse_others
from playgate.errors import InputError
from playgate.report.html_each import INDEX, MARK, file_names

PLAYBOOK = """\
playbook: sales
version: 1
roles: [rep, manager]
fields: {amount: {type: number, unit: EUR}, note: {type: text}}
activities: {call: {}}
stages:
  - {stage: approach, activities: [call]}
  - {stage: offer, entry: [{field: amount, more_than: 0}], by: [manager]}
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
coaching: {minimum: 1, roles: [rep]}
"""
PEOPLE = """\
actor,name,role,team,manager
ann,Ann Abel,rep,North,mia
bo,Bo Brandt,rep,North,mia
../e,Eve <b>Il</b>,rep,South,mia
mia,Mia Mann,manager,,
"""
REPS = {"ann": "Ann Abel", "bo": "Bo Brandt", "../e": "Eve <b>Il</b>"}


def _rows() -> list[str]:
    rows = ["deal,happened_at,kind,name,value,actor"]
    reps = list(REPS)
    for number in range(9):
        rep, other = reps[number % 3], reps[(number + 1) % 3]
        deal, day = f"{rep.strip('./')}-deal-{number}", f"2026-03-{number + 1:02}T"
        rows += [
            f"{deal},{day}08:00:00Z,field,owner,{other},{other}",
            f"{deal},{day}09:00:00Z,stage,approach,,{other}",
            f"{deal},{day}10:00:00Z,field,owner,{rep},mia",
            f"{deal},{day}11:00:00Z,field,amount,{1000 * number},{rep}",
            f"{deal},{day}12:00:00Z,activity,call,,{other}",
            f'{deal},{day}13:00:00Z,field,note,"taken over from {REPS[other]}, ask {other}",{rep}',
            f"{deal},{day}14:00:00Z,stage,offer,,{other}",
        ]
    return rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("each")
    (made / "sales.yaml").write_text(PLAYBOOK)
    (made / "history.csv").write_text("\n".join(_rows()) + "\n")
    (made / "people.csv").write_text(PEOPLE)
    found = pages_made.run(*_words(made), "-o", str(made / "reps"))
    assert found.exception is None, found.exception
    return made


def _words(folder: Path) -> list[str]:
    files = [str(folder / name) for name in ("sales.yaml", "history.csv")]
    return ["report", *files, "--people", str(folder / "people.csv"), "--each", "rep"]


def _page(folder: Path, rep: str) -> str:
    return unescape((folder / "reps" / file_names([rep])[rep]).read_text(encoding="utf-8"))


@pytest.mark.parametrize("rep", REPS)
def test_a_page_names_no_other_rep_and_shows_no_other_deal(folder: Path, rep: str) -> None:
    page = _page(folder, rep)
    shown = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    for other in REPS:
        if other != rep:
            assert re.search(rf"(?<![\w.]){re.escape(other)}(?!\w)", shown) is None
            assert REPS[other] not in shown
            assert f"{other.strip('./')}-deal" not in shown
    own = re.findall(r"<bdi>(.*?)</bdi>", page)
    assert len(own) == 3
    assert all(deal.startswith(rep.strip("./")) for deal in own)
    assert "a colleague" in shown


def test_a_page_opens_at_its_rep_and_keeps_the_totals(folder: Path) -> None:
    page = _page(folder, "ann")
    assert '<body data-start="rep=ann">' in page
    assert re.search(r'<div data-of="r\d+">\s*<p>.*of 3 open deals', page)
    company = page[page.index('<tr class="company">') :].partition("</tr>")[0]
    assert 'data-h="Open deals" data-v="9"' in company
    team = page[page.index('<tr class="team"') :].partition("</tr>")[0]
    assert 'data-h="Open deals" data-v="6"' in team
    assert page.count('<tr class="team"') == page.count('<tr class="rep"') == 1


def test_the_list_leads_to_every_page(folder: Path) -> None:
    page = (folder / "reps" / INDEX).read_text(encoding="utf-8")
    files = re.findall(r'<a href="([^"]+)">', page)
    assert sorted(files) == sorted(file_names(list(REPS)).values())
    assert {each.name for each in (folder / "reps").iterdir()} == {*files, INDEX}
    assert "Eve &lt;b&gt;Il&lt;/b&gt;" in page
    assert "<b>Il" not in page


def test_what_playgate_did_not_write_stays(folder: Path) -> None:
    theirs, ours = folder / "reps" / "bo.html", folder / "reps" / "ann.html"
    before = theirs.read_text(encoding="utf-8"), ours.stat().st_mtime_ns
    theirs.write_text("mine")
    found = pages_made.run(*_words(folder), "-o", str(folder / "reps"))
    assert isinstance(found.exception, InputError)
    assert found.exception.code == "cannot-write"
    assert (theirs.read_text(), ours.stat().st_mtime_ns) == ("mine", before[1])
    assert pages_made.run(*_words(folder), "--force", "-o", str(folder / "reps")).exception is None
    assert theirs.read_text(encoding="utf-8") == before[0]
    refuse_others([theirs.name, INDEX, "new.html"], str(folder / "reps"), mark=MARK)


def test_a_file_is_no_folder(folder: Path) -> None:
    for output in (str(folder / "sales.yaml"), "-"):
        found = pages_made.run(*_words(folder), "-o", output)
        assert isinstance(found.exception, InputError), output
        assert found.exception.code == "cannot-write"


@given(st.lists(st.text(max_size=90), max_size=12, unique=True))
@example(["INDEX.0", "Index"])
@example(["con.1", "LPT9"])
def test_every_name_is_one_that_any_system_takes(actors: list[str]) -> None:
    files = file_names(actors)
    lowered = [name.casefold() for name in files.values()]
    assert len(set(lowered)) == len(actors)
    for name in lowered:
        assert re.fullmatch(r"[a-z0-9_-][a-z0-9._-]{0,80}\.html", name)
        assert name.partition(".")[0] not in ("con", "nul", "aux", "prn", "com1", "lpt9")
        assert name != "index.html"


def test_a_plain_id_is_the_name_and_look_alikes_are_told_apart() -> None:
    files = file_names(["ann", "Ann", "a/n/n", "con", "index", "..", ""])
    assert files["ann"] == "ann.html"
    assert len(set(files.values())) == 7
    assert all("/" not in name and not name.startswith(".") for name in files.values())
