"""`playgate new`: what is written is clean and its cases pass, whatever is answered or seen."""

from __future__ import annotations

import csv
import json
import os
import pty
import shlex
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest
from running import HISTORY, MAPPING, ROOT, SHIPPED, Run, command

from playgate.documents import yaml12
from playgate.playbook.load import load_playbook
from support.parity import drawn
from support.thorough import but_first

SAMPLES = ("bank-sales", "active-sales", "loan-application")
WORDS = [
    *("Lead", "first call", "Démo", "2nd visit", "12", "true", "null", "Offer (final)", "no"),
    *("a: b", "#1", "- x", "Angebot & Preis", "order", "limit", "name\u0301", "Y", "契約", "y"),
    *("Closed won", "closed lost", "x" * 90, "ÄRGER", "e1", "1e5", "[x]", "{y}", '"z"', "won't"),
    *("lost_reason", "owner", "amount", "*a/b*", "!x", "%y", "@z", "a|b", "0x1F", "~0"),
]
SMALL = ("--name", "s")


def check(run: Run, folder: Path, name: str) -> dict[str, Any]:
    """What stands in a folder lints clean, is laid out, passes its cases; returns the playbook."""
    playbook = folder / f"{name}.playbook.yaml"
    done = run("lint", playbook, folder / f"{name}.cases.yaml")
    assert (done.status, done.err) == (0, "")
    assert done.out.count("no mistakes") == 2
    assert run("fmt", "--check", playbook, folder / f"{name}.cases.yaml").status == 0
    tried = json.loads(run("test", playbook, "--format", "json").out)
    (of_it,) = tried["playbooks"]
    assert (tried["good"], of_it["failed"]) == (True, 0)
    assert of_it["passed"] >= 2
    document, _ = yaml12.parse(playbook.read_bytes(), str(playbook))
    assert document is not None
    data: dict[str, Any] = document.data
    return data


def test_without_any_answer_the_usual_is_written(run: Run) -> None:
    done = run("new")
    assert (done.status, done.err) == (0, "")
    assert {path.name for path in Path("our-sales").iterdir()} == {
        "our-sales.playbook.yaml",
        "our-sales.cases.yaml",
        "README.md",
        "playbook.schema.json",
        "cases.schema.json",
    }
    commands = [shlex.split(line) for line in done.out.splitlines() if line.startswith("  ")]
    assert [words[1] for words in commands] == ["show", "lint", "test"]
    for words in commands:
        assert run(*words[1:]).status == 0
    check(run, Path("our-sales"), "our-sales")


def test_every_answer_is_an_option(run: Run) -> None:
    done = run(
        *("new", "--name", "cars", "--sells", "cars to firms", "--stages", "Talk, Test drive"),
        *("--do", "Talk: first call", "--do", "test-drive: Drive, first call"),
        *("--fields", "price: number EUR, size: small|very large, since: date, plate"),
        *("--lost-reasons", "price, colour", "--approves", "Head of sales, boss"),
        *("--idle", "2 weeks", "--timezone", "Europe/Paris", "--into", "play books/cars"),
    )
    assert done.status == 0
    assert "'play books/cars/cars.playbook.yaml'" in done.out
    book = check(run, Path("play books/cars"), "cars")
    assert book["title"] == "How we sell cars to firms"
    assert (book["timezone"], book["limits"]) == ("Europe/Paris", {"idle": "2 weeks"})
    assert book["roles"] == book["may_waive"] == ["head-of-sales", "boss"]
    assert book["fields"] == {
        "price": {"type": "number", "unit": "EUR"},
        "size": {"type": "choice", "options": ["small", "very large"]},
        "since": {"type": "date"},
        "plate": {"type": "text"},
        "lost_reason": {"type": "choice", "options": ["price", "colour"]},
    }
    assert [each["stage"] for each in book["stages"]] == ["talk", "test-drive", "won", "lost"]
    assert book["stages"][1] == {
        "stage": "test-drive",
        "title": "Test drive",
        "activities": ["drive", "first_call"],
    }


def test_ends_are_recognised_by_their_names(run: Run) -> None:
    stages = "Lost deal, Talk, Closed won, Offer"
    assert run("new", *SMALL, "--stages", stages).status == 0
    book = check(run, Path("s"), "s")
    ends = [(each["stage"], each.get("ends")) for each in book["stages"]]
    assert ends == [("talk", None), ("offer", None), ("closed-won", "won"), ("lost-deal", "lost")]


def drawn_answers(rng: Random) -> list[str]:
    def some(most: int) -> str:
        return ", ".join(rng.sample(WORDS, rng.randint(0, most)))

    kinds = ["", ": number EUR", ": integer", ": boolean", ": date", ": datetime", ": a|b c|true"]
    words = ["--stages", ", ".join(["Talk", *rng.sample(WORDS, rng.randint(0, 8))])]
    for stage in ("Talk", "talk"):
        words += ["--do", f"{stage}: {some(4)}"]
    names = [each for each in rng.sample(WORDS, rng.randint(0, 6)) if ":" not in each]
    words += ["--fields", ", ".join(each + rng.choice(kinds) for each in names)]
    words += ["--lost-reasons", some(4), "--approves", some(2), "--sells", rng.choice(WORDS)]
    return [*words, "--idle", rng.choice(["", "none", "3 weeks", "5 business days", "14"])]


@pytest.mark.parametrize("seed", but_first(8, range(40)))
def test_whatever_is_answered_it_is_clean(seed: int, run: Run) -> None:
    words = drawn_answers(Random(seed))
    done = run("new", *SMALL, *words)
    if done.status == 2:  # a sign alone names nothing, and that is said
        assert "names none of the" in done.err or "names no field" in done.err
        assert not Path("s").exists()
        return
    assert (done.status, done.err) == (0, "")
    check(run, Path("s"), "s")


WRONG = [
    (("--stages", "Won, Lost"), "there is no stage before the end"),
    (("--stages", "%"), '"%" names none of the stages'),
    (("--stages", ",".join(f"s{n}" for n in range(61))), "61 stages are too many to begin with"),
    (("--do", "Lead"), '--do "Lead" names no stage'),
    (("--do", "Leed: call"), 'did you mean "Lead"?'),
    (("--fields", "a: string"), '"string" is no type of field a'),
    (("--fields", "a: text EUR"), "field a is text, and has no unit"),
    (("--fields", ": number"), "names no field"),
    (("--idle", "soon"), '"soon" is no length of time'),
    (("--idle", "0 days"), '"0 days" is no length of time'),
    (("--timezone", "Paris"), 'there is no time zone "Paris"'),
    (("--name", "a b"), '"a b" is no name for a playbook'),
    (("h.csv",), "a history is read with --from-history"),
    (("--map", "pipedrive"), "a history is read with --from-history"),
    (("--from-history", "h.csv", "--stages", "a"), "--from-history proposes stages"),
    (("--from-history", "none.csv"), "none.csv"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[" ".join(each[0])[:40] for each in WRONG])
def test_a_wrong_answer_is_told_and_nothing_written(
    words: tuple[str, ...], said: str, run: Run
) -> None:
    done = run("new", *words)
    assert done.status == 2
    assert said in done.err
    assert list(Path().iterdir()) == []


def test_writes_over_nothing(run: Run) -> None:
    Path("s").mkdir()
    Path("s/mine.txt").write_text("mine")
    done = run("new", *SMALL)
    assert done.status == 2
    assert "s is there already" in done.err
    assert [path.name for path in Path("s").iterdir()] == ["mine.txt"]
    Path("file").write_text("")
    assert "is a file" in run("new", "--into", "file").err
    assert "is a file" in run("new", "--into", "file/below").err
    Path("empty").mkdir()
    assert run("new", "--into", "empty").status == 0


# From a history


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_history_proposes_its_own_playbook(name: str, run: Run) -> None:
    history = SHIPPED / name / "history.csv"
    done = run("new", "--name", "seen", "--from-history", history)
    assert (done.status, done.err) == (0, "")
    book = check(run, Path("seen"), "seen")
    own = load_playbook(SHIPPED / name / f"{name}.yaml")
    proposed = {each["stage"]: each.get("ends") for each in book["stages"]}
    assert {stage.id: stage.ends for stage in own.stages}.items() <= proposed.items()
    track = [stage.id for stage in own.stages if stage.ends is None]
    assert [stage for stage in proposed if stage in track] == track
    with history.open() as file:
        used = {(row["kind"], row["name"]) for row in csv.DictReader(file)}
    assert {name for kind, name in used if kind == "activity"} == book["activities"].keys()
    assert {name for kind, name in used if kind == "field"} - {"owner"} == book["fields"].keys()
    text = Path("seen/seen.playbook.yaml").read_text()
    assert " deals came here; of " in text
    assert "# done in " in text
    commands = [line for line in done.out.splitlines() if line.startswith("  ")]
    audit = run(*shlex.split(commands[-1])[1:], "--format", "json")
    report = json.loads(audit.out)
    assert (report["unknown_names"], audit.status) == ([], 0)


def test_types_are_those_that_nearly_all_values_read_as(run: Run) -> None:
    run("new", "--name", "seen", "--from-history", SHIPPED / "bank-sales" / "history.csv")
    fields = check(run, Path("seen"), "seen")["fields"]
    kinds = {name: field["type"] for name, field in fields.items()}
    assert kinds["amount"] == "number"
    assert kinds["employees"] == "integer"
    assert kinds["budget_confirmed"] == "boolean"
    assert kinds["first_use"] == "date"
    assert kinds["decision_maker"] == kinds["need_summary"] == "text"
    assert set(fields["buying_motive"]["options"]) == {"continuity", "growth", "price", "security"}


@pytest.mark.parametrize("seed", but_first(8, range(25)))
def test_whatever_was_seen_it_is_clean(seed: int, run: Run) -> None:
    example = drawn(seed)
    with Path("h.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["deal", "happened_at", "kind", "name", "value", "actor", "attrs"])
        for each in example.events:
            at = f"2026-01-01T00:00:{each.line % 60:02}Z"
            rows.writerow([each.deal, at, each.kind, each.name, each.value, each.actor, each.attrs])
    done = run("new", "--name", "seen", "--from-history", "h.csv")
    if not any(each.kind == "stage" for each in example.events):
        assert "there is no stage in the history" in done.err
        return
    assert done.status == 0
    check(run, Path("seen"), "seen")


def test_what_the_page_shows_is_written(run: Run) -> None:
    page = (ROOT / "docs" / "playbooks.md").read_text()
    _, _, rest = page.partition("<!-- file: deals.csv -->\n```text\n")
    Path("deals.csv").write_text(rest.partition("```")[0])
    assert run("new", "--name", "seen", "--from-history", "deals.csv").status == 0
    shown = rest.partition("```yaml\n")[2].partition("```")[0].split("\n\n")
    text = Path("seen/seen.playbook.yaml").read_text()
    assert len(shown) == 2
    assert all(part.strip() in text for part in shown)


def test_files_and_a_mapping_may_follow(run: Run) -> None:
    Path("crm.mapping.yaml").write_text(MAPPING)
    Path("a.csv").write_text("id,at,who,what,to\n1,2026-01-01,ann,moved,Needs analysis\n")
    Path("b.csv").write_text("id,at,who,what,to\n1,2026-01-03,ann,moved,Won!\n")
    words = ("--from-history", "a.csv", "b.csv", "--map", "crm.mapping.yaml")
    done = run("new", "--name", "seen", *words)
    assert done.status == 0
    assert "a.csv b.csv --map crm.mapping.yaml" in done.out
    book = check(run, Path("seen"), "seen")
    assert [each["stage"] for each in book["stages"]] == ["needs-analysis", "Won!", "lost"]
    text = Path("seen/seen.playbook.yaml").read_text()
    assert 'translate them (names): "Needs analysis" → needs-analysis.' in " ".join(
        text.replace("#", " ").split()
    )


def test_a_history_without_stages_is_told(run: Run) -> None:
    Path("h.csv").write_text("deal,happened_at,kind,name\n1,2026-01-01,activity,call\n")
    done = run("new", "--name", "seen", "--from-history", "h.csv")
    assert done.status == 2
    assert "there is no stage in the history of 1 deal" in done.err
    assert not Path("seen").exists()


def test_rows_that_cannot_be_read_are_told(run: Run) -> None:
    Path("h.csv").write_text(HISTORY + "D-9,never,stage,assess,,ann,\n")
    done = run("new", "--name", "seen", "--from-history", "h.csv")
    assert done.status == 0
    assert done.err.startswith("h.csv:19: ")


# On a terminal


def on_terminal(*words: str, typed: str) -> tuple[int, str]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command(*words), stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, typed.encode())
    pieces = []
    try:
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    except OSError:  # the terminal's end is told so
        pass
    os.close(ours)
    return process.wait(), b"".join(pieces).decode().replace("\r\n", "\n")


def test_on_a_terminal_it_asks(run: Run) -> None:
    answers = [
        *("my sales", "mine", "cars", "Talk, Offer", "first call", ""),
        *("price: numbr", "price: number", "", "", "", ""),
    ]
    status, text = on_terminal("new", typed="\n".join(answers) + "\n")
    assert status == 0, text
    assert '"my sales" is no name for a playbook' in text
    assert "What must be done in Talk before a deal goes on?" in text
    assert '"numbr" is no type of field price; did you mean "number"?' in text
    book = check(run, Path("mine"), "mine")
    assert book["title"] == "How we sell cars"
    assert book["stages"][0]["activities"] == ["first_call"]


def test_what_an_option_says_is_not_asked(run: Run) -> None:
    words = ("--name", "mine", "--sells", "", "--stages", "Talk", "--do", "Talk: call")
    more = ("--fields", "", "--lost-reasons", "", "--approves", "", "--idle", "")
    status, text = on_terminal("new", *words, *more, "--timezone", "UTC", typed="")
    assert status == 0, text
    assert "?" not in text
    check(run, Path("mine"), "mine")


def test_who_stops_it_gets_nothing(run: Run) -> None:
    status, text = on_terminal("new", typed="mine\n\x04")
    assert (status, text.splitlines()[-1].endswith("stopped")) == (130, True), text
    assert not Path("mine").exists()
