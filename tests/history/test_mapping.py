from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from playgate.errors import InputError
from playgate.history.mapping import find_mapping, load_mapping, parse_mapping, shipped_mappings
from playgate.history.order import settle
from playgate.history.read import read_history
from playgate.history.spool import Spool

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", ["wrong", "wrong-shapes", "wrong-keys", "wrong-types"])
def test_all_mistakes_at_once(golden, name):
    content = (HERE / "mappings" / f"{name}.yaml").read_bytes()
    mapping, mistakes = parse_mapping(content, f"{name}.yaml")
    assert mapping is None
    lines = [f"{each}" + (f"\n    {each.hint}" if each.hint else "") for each in mistakes]
    golden(f"{name}-mapping.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("content", [b"", b"[]", b"- a", b"tables: 5", b"mapping: [", b"\xff"])
def test_what_is_no_mapping_at_all(content):
    mapping, mistakes = parse_mapping(content, "m.yaml")
    assert mapping is None
    assert mistakes


@pytest.mark.parametrize("path", shipped_mappings(), ids=lambda path: path.name)
def test_shipped_mappings_load_and_are_named_as_their_file(path):
    name = path.name.removesuffix(".mapping.yaml")
    assert load_mapping(path).name == name
    assert find_mapping(name) == path


def test_a_name_that_ships_not():
    with pytest.raises(InputError, match="pipedriv") as error:
        find_mapping("pipedriv")
    assert error.value.hint == 'did you mean "pipedrive"?'


def test_mistakes_stop_the_load(tmp_path):
    file = tmp_path / "m.yaml"
    file.write_text("mapping: a\nversion: 1\ntables: []\n")
    with pytest.raises(InputError) as error:
        load_mapping(file)
    assert [each.rule for each in error.value.mistakes] == ["empty"]


def settled(paths: list[Path], name: str) -> list[tuple[object, ...]]:
    """All events of all deals without their places, and without ids made of whole rows."""
    problems: list[object] = []
    events = read_history(
        list(map(str, paths)), mapping=load_mapping(find_mapping(name)), report=problems.append
    )
    found = []
    with Spool() as spool:
        spool.extend(events)
        for _, group in spool.deals():
            kept = settle(group).events
            found += [(*each[:7], each.attrs) for each in kept]
    assert problems == []
    return found


@pytest.mark.thorough
@pytest.mark.external
def test_the_banks_log_reads_alike_as_csv_and_as_xes(real_data):
    folder = real_data / "loan-applications"
    from_csv = settled([folder / "events.csv.gz"], "bpic2012")
    from_xes = settled([folder / "bpic2012.xes.gz"], "bpic2012")
    assert from_csv == from_xes
    counts = Counter((event[2], event[3]) for event in from_csv)
    assert len({event[0] for event in from_csv}) == 13_087
    assert counts["stage", "submitted"] == counts["field", "amount"] == 13_087
    assert counts["stage", "offer-sent"] == counts["activity", "offer_sent"] == 7_030
    assert counts["activity", "complete_application"] == 23_967 + 23_512
    assert counts["stage", "declined"] == 7_635
    assert len(from_csv) == 230_747


@pytest.mark.external
def test_pipedrive(real_data):
    folder = real_data / "pipedrive-deals"
    files = [folder / name for name in ("deal_changes.csv", "activity.csv", "stages.csv")]
    events = settled(files, "pipedrive-changes")
    counts = Counter((event[2], event[3]) for event in events)
    assert counts["field", "owner"] == 2_500
    assert counts["field", "lost_reason"] == 2_000
    assert counts["stage", "lost"] == 1_995  # who is lost is not lost again
    assert sum(n for (kind, _), n in counts.items() if kind == "activity") == 2_290
    assert not [name for kind, name in counts if kind == "stage" and name.isdigit()]
