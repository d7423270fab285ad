from __future__ import annotations

import pytest

from playgate.errors import InputError
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
    assert [row for _, rows in batches for row in rows] == [
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
    "no xml": (b"deal,kind", "line 1: not well-formed XML: syntax error"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(content, reason):
    with pytest.raises(InputError) as error:
        list(read_xes("l.xes", iter([content]), COLUMNS))
    assert error.value.message == f"l.xes, {reason}" or error.value.message.startswith(
        f"l.xes, {reason}"
    )
