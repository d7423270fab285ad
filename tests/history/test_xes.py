from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from playgate.errors import InputError
from playgate.history.row_ids import whole_event
from playgate.history.xes import read_xes

COLUMNS = ["case:concept:name", "concept:name", "case:late", "org:resource"]
LOG = b"""<?xml version="1.0"?>
<log xmlns="http://www.xes-standard.org/">
  <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
  <string key="concept:name" value="the log"/>
  <trace>
    <string key="concept:name" value="1234567890123456789"/>
    <event>
      <string key="concept:name" value="A &amp; B"><string key="org:resource" value="no"/></string>
      <list key="l"><values><string key="concept:name" value="no"/></values></list>
    </event>
    <event><int key="org:resource" value="007"/></event>
    <string key="late" value="x"/>
  </trace>
  <trace><event/></trace>
  <event><string key="concept:name" value="alone"/></event>
</log>"""


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_rows(size):
    chunks = (LOG[start : start + size] for start in range(0, len(LOG), size))
    batches = list(read_xes("l.xes", chunks, COLUMNS))
    assert [row[:-1] for _, rows in batches for row in rows] == [
        ["1234567890123456789", "A & B", "x", ""],
        ["1234567890123456789", "", "x", "007"],
        ["", "", "", ""],
        ["", "alone", "", ""],
    ]
    assert [line for lines, _ in batches for line in lines] == [1, 2, 3, 4]


REFUSED = {
    "doctype": (b'<?xml version="1.0"?>\n<!DOCTYPE log>\n<log/>', "line 2: a document type"),
    "entities": (
        b'<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><log>&b;</log>',
        "line 1: a document type",
    ),
    "other xml": (b"<html></html>", "line 1: <html> is not a log"),
    "deep": (b"<log>" + b"<a>" * 100_000, "line 1: elements nested more than 64 deep"),
    "cut off": (b"<log>\n<trace>", "line 2: not well-formed XML: no element found"),
    **{
        name: (
            b'<?xml version="1.0" encoding="%s"?><log><event/></log>' % name.encode(),
            f"line 1: the encoding {name.lower()[:40]}",
        )
        for name in ("UTF-7", "gb18030", "base64", "idna", "nosuch", "a" * 100, "undefined")
    },
    "no xml": (b"deal,kind", "line 1: not well-formed XML: syntax error"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(content, reason):
    with pytest.raises(InputError) as error:
        list(read_xes("l.xes", iter([content]), COLUMNS))
    assert error.value.message == f"l.xes, {reason}" or error.value.message.startswith(
        f"l.xes, {reason}"
    )


# Runs of plain events are read apart from the rest, once the log's first element was seen: a log
# that comes in one piece is parsed whole, one that comes in two has its plain events cut out.

PLAIN = (
    '<event>\n<string key="concept:name" value="A é"/>\n'
    '<date key="time" value="1"/><string key="org:resource" value="7" /></event>'
)
EVENTS = (
    PLAIN,
    "<event></event>",
    '<event><int key="org:resource" value="1"/><int key="org:resource" value="2"/></event>',
    '<event><string key="concept:name" value="A &amp; B"/></event>',
    '<event><string value="turned" key="concept:name"/></event>',
    "<event><string key='concept:name' value='single'/></event>",
    '<event><string key="concept:name" value="two\nlines"/></event>',
    '<event><string key="concept:name" value="open"></string></event>',
    '<event><list key="l"><event><string key="concept:name" value="deep"/></event></list></event>',
    f"<event>{PLAIN}</event>",
    "<event/>",
    '<run-of-events n="0"/>',
)
OTHERS = (
    f"<!-- {PLAIN} -->",
    '<string key="late" value="x"/>',
    f"<list>{PLAIN}</list>",
    f"<string key='t' value='v'><![CDATA[{PLAIN}]]></string>",
    "text",
)
anything = st.lists(st.sampled_from(EVENTS + OTHERS), max_size=6).map("".join)
logs = st.lists(
    st.one_of(anything, anything.map(lambda inside: f"<trace>\n{inside}</trace>")), max_size=4
).map("\n".join)


def rows(*chunks):
    found = [row for _, batch in read_xes("l.xes", iter(chunks), COLUMNS) for row in batch]
    return [[*row[:-1], dict(whole_event(row[-1]))] for row in found]


@given(logs)
@example(PLAIN)
@example(f"<trace>{PLAIN}{PLAIN}<string key='late' value='x'/></trace>")
def test_plain_events_read_alike_in_one_piece_and_in_two(inside):
    head, rest = b"<log>", f"{inside}</log>".encode()
    assert rows(head, rest) == rows(head + rest)


def test_other_encodings_are_left_to_the_parser():
    head = b'<?xml version="1.0" encoding="iso-8859-1"?><log>'
    rest = f"<trace>{PLAIN}</trace></log>".encode("iso-8859-1")
    assert rows(head, rest) == [
        ["", "A é", "", "7", {"concept:name": "A é", "time": "1", "org:resource": "7"}]
    ]
    as_utf8 = f"<trace>{PLAIN}</trace></log>".encode()
    assert [row[:4] for row in rows(head, as_utf8)] == [["", "A Ã©", "", "7"]]


def test_mistakes_after_plain_events_keep_their_line():
    with pytest.raises(InputError, match="line 5: not well-formed"):
        rows(b"<log>\n", f"<trace>{PLAIN}\n<wrong></trace>".encode())
    with pytest.raises(InputError, match="not well-formed"):
        rows(b"<log>", PLAIN.encode().replace(b"7", b"\xff"), b"</log>")
