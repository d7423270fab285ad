from __future__ import annotations

import pytest

from playgate.errors import InputError
from playgate.history.people import People, read_people


def test_people(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(
        "role;actor;started\nrep;007;2026-01-05\nmanager;007;\nrep; ada ;soon\n;bo;\nrep;;\n"
    )
    problems = []
    people = read_people(str(file), problems.append)
    assert people.roles("007") == {"rep", "manager"}
    assert people.roles("ada") == {"rep"}
    assert people.roles("bo") == people.roles("nobody") == frozenset()
    assert people.all_roles == {"rep", "manager"}
    found = people.person("007")
    assert found is not None
    assert (found.role, found.started, found.team) == ("rep", "2026-01-05", "")
    assert people.person("nobody") is None
    assert [(each.line, each.reason) for each in problems] == [
        (4, 'started "soon" is not a date'),
        (6, "the actor is empty"),
    ]


def test_no_people():
    assert People().all_roles == frozenset()


def test_without_actors(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("acter,role\n")
    with pytest.raises(InputError, match='no column "actor"') as error:
        read_people(str(file), print)
    assert error.value.hint == 'did you mean "acter"?'
