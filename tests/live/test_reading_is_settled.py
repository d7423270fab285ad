"""How the text of a playbook reads is settled: ledgers keep what was read, and verify by the text.

Where this test fails, `ledger verify` would call playbooks damaged that were published before: then
what is read must say by which reading, and verify by that.
"""

from __future__ import annotations

from pathlib import Path

from playgate.documents.stored import dump
from playgate.documents.yaml12 import parse

ON_BOTH = True

TEXT = """\
playbook: 'it''s'   # a comment
plain: {t: true, f: False, n: ~, e: , yes: yes, no: No, on: on}
numbers: [0, -7, 010, 0o17, 0x1F, 1_000, 1e3, 1.50, .5, -.inf, .nan, 12:30, 1:30:00, +4]
dates: [2026-03-01, 2026-03-01T10:00:00Z, "2026-03-01"]
texts:
  folded: >-
    one
    two

    three
  kept: |+
    as it
      stands

  double: "tab\\t \\u00e9 e\u0301 \\x41"
  plain: a
    b
"""
READ = Path(__file__).parent / "golden" / "reading.json"


def test_a_text_reads_as_it_did() -> None:
    document, mistakes = parse(TEXT.encode(), "playbook.yaml")
    assert document is not None, mistakes
    assert dump(document) == READ.read_text(encoding="utf-8").rstrip("\n")
