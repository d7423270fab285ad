"""Laws of matching: pairs compared one by one, with a likeness worked out by hand, say the same."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from playgate.leads.likeness import likeness
from playgate.leads.match import Matcher
from playgate.leads.model import Fuzzy, LeadsPlan
from playgate.leads.read import parse_leads
from playgate.leads.rows import Firm
from playgate.playbook.load import parse_playbook

_BOOK = (
    "playbook: t\nversion: 1\nstages: [{stage: o}, {stage: a, ends: won}, {stage: b, ends: lost}]\n"
)
_PLAN = (
    "leads: t\nmatch: [vat_id, [name, postcode], phone]\n"
    "fuzzy: {column: name, at_least: 75, same: [postcode]}\n"
)
_NAMES = st.sampled_from(
    ["Old Mill", "old  mill", "Old Mill Ltd", "Mill, Old", "Öld Mill", "Sea View", "Seaview", ""]
)
_FIRMS = st.lists(
    st.fixed_dictionaries(
        {
            "name": _NAMES,
            "vat_id": st.sampled_from(["", "LV 1", "lv1", "LV2"]),
            "postcode": st.sampled_from(["", "1001", "1002"]),
            "phone": st.sampled_from(["", "00371 5", "+371-5", "371 6"]),
        }
    ),
    max_size=6,
)


@cache
def _plan() -> LeadsPlan:
    playbook, _ = parse_playbook(_BOOK.encode(), "t.yaml")
    assert playbook is not None
    plan, mistakes = parse_leads(_PLAN.encode(), "t.leads.yaml", playbook)
    assert plan is not None, mistakes
    return plan


def _by_hand(one: str, other: str) -> float:
    """The longest common subsequence of the words in order, twice, of both lengths together."""
    first, second = (" ".join(sorted(text.split())) for text in (one, other))
    if not first and not second:
        return 100.0
    row = [0] * (len(second) + 1)
    for sign in first:
        before = row[:]
        for place, each in enumerate(second, 1):
            row[place] = (
                before[place - 1] + 1 if sign == each else max(row[place - 1], before[place])
            )
    return 200 * row[-1] / (len(first) + len(second))


@given(st.text("abc é", max_size=12), st.text("abc é", max_size=12))
@settings(max_examples=30)
def test_likeness_is_what_it_is_by_hand(one: str, other: str) -> None:
    assert abs(likeness()(one, other) - _by_hand(one, other)) < 1e-6 or not (
        one.strip() and other.strip()
    )


def _simple(text: str) -> str:
    letters = text.lower().replace("ö", "o")
    return " ".join("".join(s if s.isalnum() else " " for s in letters).split())


def _pairs(prospect: dict[str, str], client: dict[str, str]) -> str:
    """Says of two rows whether they are the same, perhaps the same, or neither."""

    def same(column: str) -> bool:
        one, other = _simple(prospect[column]), _simple(client[column])
        if column == "phone":
            one, other = (
                "".join(s for s in text if s.isdigit()).lstrip("0") for text in (one, other)
            )
        if column == "vat_id":
            one, other = one.replace(" ", ""), other.replace(" ", "")
        return bool(one) and one == other

    if same("vat_id") or (same("name") and same("postcode")) or same("phone"):
        return "same"
    names = prospect["name"], client["name"]
    fuzzy = _plan().fuzzy
    assert isinstance(fuzzy, Fuzzy)
    if same("postcode") and all(names) and _by_hand(*map(_simple, names)) >= fuzzy.at_least:
        return "perhaps"
    return "no"


@given(_FIRMS, _FIRMS)
@settings(max_examples=40)
def test_pairs_one_by_one_say_the_same(
    prospects: list[dict[str, str]], clients: list[dict[str, str]]
) -> None:
    rows = [
        Firm("clients.csv", line, {name: cell for name, cell in client.items() if cell})
        for line, client in enumerate(clients, 2)
    ]
    matcher = Matcher(_plan(), rows, [])
    for prospect in prospects:
        found = matcher.matches(Firm("p.csv", 2, {k: v for k, v in prospect.items() if v}))
        said = {match.of: "same" if match.likeness == 100 else "perhaps" for match in found}
        assert said == {
            f"clients.csv:{line}": answer
            for line, client in enumerate(clients, 2)
            if (answer := _pairs(prospect, client)) != "no"
        }
