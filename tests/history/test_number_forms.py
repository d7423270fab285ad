"""The forms in which a mapping says that numbers are written."""

from __future__ import annotations

import pytest

from history.conftest import mapping_of
from playgate.history.mapping import parse_mapping
from playgate.history.number_forms import NumberForm, currency_reader, number_reader

FRENCH = NumberForm(decimal=",", thousands=" ", currency=("€",))
GERMAN = NumberForm(decimal=",", thousands=".", currency=("€", "EUR"))
SWISS = NumberForm(thousands="'", currency=("CHF", "Fr."))
NUMBERS = [
    *(
        (FRENCH, f"1{space}234,56{end}", "1234.56")
        for space in " \u00a0\u202f"
        for end in ("", " €")
    ),
    (FRENCH, "1\u202f234\u2009567,5\u00a0€", "1234567.5"),
    (FRENCH, "\u00a01\u00a0234,56", "1234.56"),
    (FRENCH, "1 23,56", None),
    (GERMAN, "4.711,98\u00a0€", "4711.98"),
    (GERMAN, "€\u202f4.711,98", "4711.98"),
    (GERMAN, "\u22125\u00a0€", "-5"),
    (GERMAN, "-\u00a0€ 5", "-5"),
    (GERMAN, "-€ -5", None),
    (GERMAN, "5 $", None),
    (SWISS, "1'000'000.00", "1000000.00"),
    (SWISS, "CHF\u00a01’000.50", "1000.50"),
    (SWISS, "1’000'000", "1000000"),
    (SWISS, "Fr. 5", "5"),
    (NumberForm(thousands="’"), "1'000", "1000"),
    (NumberForm(), "1 000", None),
]


@pytest.mark.parametrize(("form", "text", "number"), NUMBERS)
def test_numbers(form, text, number):
    assert number_reader(form)(text) == number


CURRENCIES = [
    ("USD 1,000.00", "USD"),
    ("CAD\u00a01,000.00", "CAD"),
    ("1,000.00 USD", "USD"),
    ("-USD 5", "USD"),
    ("\u2212 5 CAD", "CAD"),
    ("USD 5 USD", "USD"),
    ("1,000.00", ""),
    ("USD 5 CAD", None),
    ("5 €", None),
    ("EUR 5", None),
    ("US$ 5", "US$"),
]


@pytest.mark.parametrize(("text", "mark"), CURRENCIES)
def test_the_currency_beside_a_number(text, mark):
    assert currency_reader(("USD", "CAD", "US$"))(text) == mark


MAPPING = """\
mapping: m
version: 1
tables:
  - deal: Id
    happened_at: When
    event_id: Id
    rows:
      - kind: field
        name: {text: amount}
        value: {column: A, number: {thousands: ",", currency: [USD, $, CAD]}}
      - kind: field
        name: {text: currency}
        value: {column: A, currency: [USD, $, CAD], names: {$: USD}}
"""


def test_a_currency_of_its_own(read):
    amounts = ["USD 1,000.00", "$5", "7 CAD", "8", "x"]
    rows = [f"{place};2026-03-02;{amount}" for place, amount in enumerate(amounts, 1)]
    events, problems = read("\n".join(["Id;When;A", *rows]), mapping=MAPPING)
    assert [(each.deal, each.name, each.value) for each in events] == [
        ("1", "amount", "1000.00"),
        ("1", "currency", "USD"),
        ("2", "amount", "5"),
        ("2", "currency", "USD"),
        ("3", "amount", "7"),
        ("3", "currency", "CAD"),
        ("4", "amount", "8"),
        ("4", "currency", ""),
    ]
    assert problems == [
        (6, 'amount: "x" is not a number of the form 1,234.50 USD'),
        (6, 'currency: "x" is not a number beside one of USD, $, CAD'),
    ]


MIXED = {"[USD, CAD]": True, "[€, USD]": True, "[€, EUR, Euro]": False, "[$, US$, USD]": False}


@pytest.mark.parametrize("marks", MIXED)
def test_lint_warns_of_two_currencies_that_become_one_number(marks):
    both = MAPPING.replace("[USD, $, CAD]", marks).replace(", names: {$: USD}", "")
    alone = "\n".join(both.splitlines()[:-3])
    assert mapping_of(both)
    assert parse_mapping(both.encode(), "m.yaml")[1] == []
    told = [(each.place.line, each.rule) for each in parse_mapping(alone.encode(), "m.yaml")[1]]
    assert told == ([(10, "mixed-currencies")] if MIXED[marks] else [])


ALONE = "\n".join(MAPPING.splitlines()[:-3])


def test_a_second_currency_is_told_once(read):
    amounts = ["USD 1", "$2", "CAD 3", "USD 4", "CAD 5"]
    rows = [f"{place};2026-03-02;{amount}" for place, amount in enumerate(amounts, 1)]
    events, problems = read("\n".join(["Id;When;A", *rows]), mapping=ALONE)
    assert [each.value for each in events] == ["1", "2", "3", "4", "5"]
    told = "an amount in CAD, after amounts in USD: their numbers do not say which"
    assert problems == [(4, told)]
    _, problems = read("\n".join(["Id;When;A", *rows[:2]]), mapping=ALONE)
    assert problems == []


def test_only_rows_that_fit_can_mix(read):
    mapping = ALONE.replace("- kind: field", "- kind: field\n        where: {K: x}")
    rows = "1;2026-03-02;USD 1;x\n2;2026-03-02;CAD 1;y\n"
    _, problems = read("Id;When;A;K\n" + rows, mapping=mapping)
    assert problems == []
