"""Values and tests in bulk are those of the judge: every text, every operator, in one query."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

pytest.importorskip("ibis")

from playgate.bulk.errors import CannotExpressError
from playgate.bulk.values.instants import instant
from playgate.bulk.values.regular_expressions import misread, plain
from playgate.bulk.values.typed_values import is_blank, passes, typed
from playgate.conditions import tree
from playgate.conditions.comparisons import compile_test
from playgate.conditions.durations import Calendar, Duration
from playgate.conditions.facts import FieldValues, Moment
from playgate.conditions.instants import load_zone, read_instant
from playgate.conditions.regex import compile_re2
from playgate.conditions.values import FieldType, Reading, is_absent, value_reader
from support.engines import DIALECTS, ask, sql_of

pytestmark = pytest.mark.thorough

ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
PLACEHOLDERS = frozenset(
    each.strip().casefold()
    for each in ("n/a", "tbd", "-", "x", "Straße", "ß", "[?]", "a.b", "0", "no", "2026-01-01", "Ω")
)
SPACES = ["", " ", "\t", "\n", "\r\n", "\x0b", "\x1c", "\x1f", "\x85", "\xa0", "\u2003", "\u3000"]
KINDS = {
    "text": FieldType("text"),
    "choice": FieldType("choice", ("price", "Timing", "a b", "É", "tbd")),
    "number": FieldType("number"),
    "integer": FieldType("integer"),
    "boolean": FieldType("boolean"),
    "date": FieldType("date"),
    "datetime": FieldType("datetime"),
}


def _texts() -> list[str | None]:
    words = [
        "",
        "n/a",
        "N/A",
        "n/a.",
        "TBD",
        "tbd",
        "-",
        "--",
        "x",
        "X",
        "STRASSE",
        "straße",
        "STRAẞE",
        "ß",
        "ss",
        "ſs",
        "ẞ",
        "[?]",
        "?",
        "a.b",
        "axb",
        "Ω",
        "ω",
        "\u2126",
        "K",
        "\u212a",
        "price",
        "Price",
        "Timing",
        "a b",
        "a  b",
        "É",
        "é",
        "E\u0301",
        "true",
        "TRUE",
        "Yes",
        "yes",
        "no",
        "NO",
        "1",
        "0",
        "10",
        "falſe",
        "false",
        "\u200b",
        "\ufeff",
        "a\nb",
        "|",
        "'",
        '"',
        "\\",
        "%",
        "_",
        "\U0001f600",
        "true\x00",
    ]
    words.remove("true\x00")  # no engine's text holds a zero byte
    padded = [
        f"{left}{word}{right}"
        for word in words
        for left, right in product(SPACES[::3], SPACES[1::4])
    ]
    spaces = [f"{left}{word}{left}" for word in ("x", "12", "2026-03-29", "yes") for left in SPACES]
    return [None, *words, *padded, *spaces, *SPACES, *_numbers(), *_stamps()]


def _numbers() -> list[str]:
    random = Random(4)
    found = [
        "12",
        "-12",
        "+12",
        "012",
        "-0",
        "-0.0",
        "0.0",
        "00",
        "1.",
        ".5",
        "1.50",
        "1e3",
        "1E3",
        "1e+3",
        "1e-3",
        "1e",
        "1e3.5",
        "1_000",
        "1,000",
        "0x1F",
        "inf",
        "nan",
        "Infinity",
        "NaN",
        "1 000",
        "١٢",
        "12\n",
        "1e400",
        "-1e400",
        "1e-400",
        "1e307",
        "1e308",
        "9e307",
        "123e200",
        "12345678e299",
        "1e00000000000000000005",
        "0e999999",
        "3.0",
        "3.00e0",
        "35e-1",
        "30e-1",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740993.0",
        "-9007199254740993",
        "123456789012345678901234567890",
        "1e22",
        "1e23",
        "1.5e300",
        "0.1",
        "0.30000000000000004",
        "2.2250738585072011e-300",
        "1" * 199,
        "0." + "3" * 190,
        "1" * 201,
    ]
    for _ in range(400):
        whole = str(random.randrange(10 ** random.randrange(1, 25)))
        part = "".join(random.choices("0123456789", k=random.randrange(25)))
        power = random.choice(["", "", f"e{random.randrange(-99, 99)}", f"E+{random.randrange(9)}"])
        found.append(f"{random.choice(['', '-'])}{whole}{'.' + part if part else ''}{power}")
    return found


def _stamps() -> list[str]:
    days = [
        "2026-03-29",
        "2026-10-25",
        "2026-03-08",
        "2026-11-01",
        "2026-04-05",
        "2026-10-04",
        "2026-02-29",
        "2024-02-29",
        "1900-02-29",
        "2000-02-29",
        "2026-04-31",
        "2026-12-31",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "2026-01-32",
        "0000-01-01",
        "0000-02-29",
        "0001-01-01",
        "0004-02-29",
        "9999-12-31",
        "1969-12-31",
        "1970-01-01",
        "1945-04-02",
        "1911-03-10",
        "1854-06-28",
        "1941-10-01",
        "1883-11-18",
        "2100-03-28",
        "2400-02-29",
        "20260329",
        "2026-3-29",
        "2026-03-29x",
    ]
    times = [
        "",
        "T",
        "T00:00:00",
        "t02:30:00",
        " 01:59:59",
        "T03:00:00.5",
        "T02:15:07.123456789",
        "T24:00:00",
        "T23:60:00",
        "T23:59:60",
        "T23:59:59.9999999",
        "  12:00:00",
        "T1:00:00",
        "T12:00",
        "T12:00:00.",
        "T12:00:00,5",
    ]
    offsets = [
        "",
        "Z",
        "z",
        "+01:00",
        "-03:30",
        "+23:59",
        "-23:59",
        "+24:00",
        "+1:00",
        "+0100",
        "Z\n",
        " Z",
    ]
    random = Random(2)
    every = ["".join(each) for each in product(days, times, offsets)]
    return sorted({*random.sample(every, 1500), *days, *(f"{day}T02:30:00" for day in days)})


TEXTS = _texts()


@pytest.mark.parametrize("zone", ZONES)
def test_every_text_reads_as_it_does_to_the_judge(zone):
    reading = Reading(PLACEHOLDERS, load_zone(zone))
    found = ask(
        {"text": ("string", TEXTS)},
        lambda table, keep: {
            "blank": is_blank(table.text, reading),
            "stamp": instant(table.text, reading.zone, keep),
            **{name: typed(table.text, kind, reading, keep) for name, kind in KINDS.items()},
        },
        layered=True,
    )
    assert found["blank"] == [text is None or is_absent(text, reading) for text in TEXTS]
    stamps = [None if text is None else read_instant(text, reading.zone) for text in TEXTS]
    assert dict(zip(TEXTS, found["stamp"], strict=True)) == dict(zip(TEXTS, stamps, strict=True))
    for name, kind in KINDS.items():
        assert dict(zip(TEXTS, found[name], strict=True)) == _read(kind, reading), name


def _read(kind: FieldType, reading: Reading) -> dict[str | None, object]:
    read = value_reader(kind, reading)
    too_much = ("1e308", "1e-400", "1" * 201)  # see `typed`: engines differ on them
    return {
        text: None
        if text is None or (kind.kind in ("number", "integer") and text in too_much)
        else read(text)
        for text in TEXTS
    }


@pytest.mark.parametrize("kind", ["number", "integer", "date"])
def test_written_out_in_one_expression_it_is_the_same(kind):
    reading = Reading(frozenset(("n/a",)), load_zone("Europe/Paris"))
    short = TEXTS[::5]
    found = ask(
        {"text": ("string", short)},
        lambda table, keep: {"value": typed(table.text, KINDS[kind], reading)},
    )["value"]
    wanted = _read(KINDS[kind], reading)
    assert dict(zip(short, found, strict=True)) == {text: wanted[text] for text in short}


def test_sqlite_reads_the_same_but_for_the_last_bit_of_numbers():
    reading = Reading(PLACEHOLDERS, load_zone("America/New_York"))
    texts = TEXTS[::25]  # it computes what is shared again and again
    found = ask(
        {"text": ("string", texts)},
        lambda table, keep: {
            "blank": is_blank(table.text, reading),
            **{name: typed(table.text, kind, reading, keep) for name, kind in KINDS.items()},
        },
        layered=True,
        engine="sqlite",
    )
    for name, kind in KINDS.items():
        wanted = [_read(kind, reading)[text] for text in texts]
        if name in ("number", "integer"):
            wanted = [None if each is None else pytest.approx(each, rel=1e-14) for each in wanted]
        assert found[name] == wanted, name


_DAY = Duration(1, "day")
_WEEK = Duration(5, "business day")
_AT = read_instant("2026-03-30T10:00:00Z", load_zone("UTC")) or 0
_NEAR = [_AT + step * 43_200_000_000 for step in range(-16, 17)] + [None, _AT - 1, _AT + 1]
VALUES = {
    "text": ["a", "ab", "b", "A", "abc", "a%", "_b", "é", "a\nb", "zab", "ab\n", " ", None],
    "number": [0.0, -0.0, 1.0, 1.5, -3.0, 1e22, 0.1, 0.30000000000000004, None],
    "boolean": [True, False, None],
    "date": _NEAR,
}
TYPES = {"text": "string", "number": "float64", "boolean": "boolean", "date": "int64"}
G, H = tree.FieldRef("g"), tree.FieldRef("h")
TESTS = {
    "text": [
        *(
            tree.Test(operator, (right,))
            for operator in ("equals", "not_equals", "contains", "starts_with")
            for right in ("a", "ab", "%", "_", G)
        ),
        *(
            tree.Test(operator, right)
            for operator in ("one_of", "none_of")
            for right in (("a",), ("a", "b"), (G,), ("a", G), (G, H))
        ),
        *(
            tree.Test("matches", (pattern,))
            for pattern in (
                "^a",
                "b$",
                "(?i)^A",
                "a.b",
                "(?s)a.b",
                "a|b",
                "^(ab|b)$",
                r"\bab\b",
                r"[^a]",
                r"\d|é",
                "(?m)^b$",
                r"\pL",
                "(?i)É",
                "(?<name>(?s:.)+)+b",
                "a*?b",
                "",
                "x{0,3}a{1,2}",
                r"\x61\.?",
                "[^\\n]b",
                r"(?:a)(?P<n>b)",
                "[.%]",
            )
        ),
    ],
    "number": [
        *(
            tree.Test(operator, (right,))
            for operator in (
                "equals",
                "not_equals",
                "more_than",
                "at_least",
                "less_than",
                "at_most",
            )
            for right in (0.0, 1.5, 0.3, G)
        ),
        *(
            tree.Test("between", right)
            for right in ((0.0, 1.0), (1.0, 0.0), (G, 1.0), (0.0, G), (G, H))
        ),
        *(
            tree.Test(operator, right)
            for operator in ("one_of", "none_of")
            for right in ((1.0, G), (0.0,))
        ),
    ],
    "boolean": [
        tree.Test(operator, (right,))
        for operator in ("equals", "not_equals", "one_of")
        for right in (True, False, G)
    ],
    "date": [
        *(
            tree.Test(operator, (), duration)
            for operator in ("older_than", "newer_than", "in_next")
            for duration in (_DAY, _WEEK, Duration(0, "day"))
        ),
        *(
            tree.Test(operator, (right,))
            for operator in ("equals", "more_than", "at_most")
            for right in (_AT, G)
        ),
    ],
}
CALENDAR = Calendar(load_zone("Europe/Paris"), frozenset())


class _Deal:
    """A deal's fields, so far as tests read them."""

    def __init__(self, **fields: object) -> None:
        self.fields = {
            name: FieldValues([0], [value], [0])
            for name, value in fields.items()
            if value is not None
        }


@pytest.mark.parametrize("kind", TESTS)
@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_every_operator_answers_as_it_does_to_the_judge(kind, engine):
    tests = [tree.Test("is", ("present",)), tree.Test("is", ("absent",)), *TESTS[kind]]
    if engine == "sqlite":
        tests = [test for test in tests if not _misread(test, engine)]
    values = VALUES[kind]
    rows = (
        list(product(values, values, values))
        if len(values) < 10
        else [
            (value, *Random(place).choices(values, k=2)) for place in range(9) for value in values
        ]
    )
    columns = {
        name: (TYPES[kind], [row[place] for row in rows]) for place, name in enumerate("vgh")
    }
    found = ask(
        {**columns, "at": ("int64", [_AT] * len(rows))},
        lambda table, keep: {
            f"t{place}": passes(
                test, table.v, table["at"], CALENDAR, lambda g: table[g.field], keep
            )
            for place, test in enumerate(tests)
        },
        layered=True,
        engine=engine,
    )
    moment = Moment(_AT, _AT, 0, "")
    for place, test in enumerate(tests):
        judge = compile_test(test, CALENDAR)
        wanted = [judge(v, _Deal(g=g, h=h), moment) for v, g, h in rows]
        assert found[f"t{place}"] == wanted, test


def _misread(test: tree.Test, dialect: str) -> str:
    return misread(str(test.operands[0]), dialect) if test.operator == "matches" else ""


@pytest.mark.parametrize(
    ("pattern", "dialect", "reason"),
    [
        (r"\bab\b", "postgres", "the boundary of a word"),
        ("(?m)^a", "snowflake", "the start or end of a line"),
        ("a$", "spark", "the end of the text, where a line break stands there"),
        ("a$", "postgres", ""),
        (r"\$[$]", "spark", ""),
        ("a{300}", "postgres", "a count above 255"),
        (r"(?s)a.[\x00-\x1f]", "postgres", ""),
        (r"\bab\b", "duckdb", ""),
        (r"[\p{Greek}a]", "trino", "Unicode classes"),
        (r"\pN", "bigquery", ""),
        ("(?i)[à-ž]", "postgres", "letters beyond ASCII without case"),
        ("(a+b?)*$", "postgres", "a repeat without end in another"),
        ("(a+b?){2,}", "snowflake", "a repeat without end in another"),
        ("(a+b?){2}", "snowflake", ""),
        (r"\C", "sqlite", "a single byte"),
        ("^*a", "trino", "a place in the text that is repeated"),
        (r"(?i)\Qa.b\E[[:alpha:]-]", "postgres", ""),
    ],
)
def test_what_an_engine_reads_differently_is_known(pattern, dialect, reason):
    compile_re2(pattern)
    assert misread(pattern, dialect) == reason


def test_patterns_are_written_without_what_only_some_engines_know():
    assert plain(r"(?i)^(?:a|\d)*?\.$") == r"(^([Aa]|[0-9])*\.$)"


def test_a_placeholder_of_too_many_spellings_is_refused():
    with pytest.raises(CannotExpressError, match="too many ways"):
        is_blank(None, Reading(frozenset(("s" * 40,)), load_zone("UTC")))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_compiles_all_of_it(dialect):
    reading = Reading(PLACEHOLDERS, load_zone("America/New_York"))
    assert sql_of(
        {"text": "string"},
        lambda table, keep: {
            name: typed(table.text, kind, reading, keep) for name, kind in KINDS.items()
        },
        dialect,
    )
    for kind, tests in TESTS.items():
        columns = {"v": TYPES[kind], "g": TYPES[kind], "h": TYPES[kind], "at": "int64"}
        assert sql_of(
            columns,
            lambda table, keep, tests=tests: {
                f"t{place}": passes(
                    test, table.v, table["at"], Calendar(), lambda g: table[g.field], keep
                )
                for place, test in enumerate(tests)
            },
            dialect,
        ), kind
