"""What is too much for a playbook is refused, and what is merely much is read to its end."""

from __future__ import annotations

import pytest

from playgate.documents.yaml12 import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from playgate.playbook.load import parse_playbook

HEAD = """\
playbook: p
version: 1
stages:
  - stage: a
  - {stage: won, ends: won}
  - {stage: lost, ends: lost}
"""
PRESENT = "{field: owner, is: present}"


def first_rule(text: str) -> str:
    _, mistakes = parse_playbook(text.encode(), "p.yaml")
    return mistakes[0].rule if mistakes else ""


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("# x\n" * (MAX_BYTES // 4 + 1), "file-too-large"),
        ("# x\n" * (MAX_BYTES // 4), "empty-file"),
        (HEAD + "roles: [" + "r, " * MAX_VALUES + "]", "too-many-values"),
        ("[" * 1_000_000, "too-deep"),
        ("- " * 1_000_000, "too-deep"),
        ("{\n" * 1_000_000, "yaml-key"),
        ("? " * 1_000_000, "yaml-key"),
        ("[" + "a: " * 300_000, "yaml-syntax"),
        ("&a " * 600_000, "yaml-syntax"),
        (HEAD + "title: '" + "x" * 2_000_000, "yaml-syntax"),
        ("\n".join(" " * depth + "a:" for depth in range(1900)), "too-deep"),
        (HEAD + "roles:\n  - &a " + "x" * 1_000_000 + "\n  - *a" * 40_000, "too-many-values"),
        (HEAD + "applies_to: " + "{not: " * 36 + PRESENT + "}" * 36, ""),
        (HEAD + "applies_to: " + "{not: " * MAX_DEPTH + PRESENT + "}" * MAX_DEPTH, "too-deep"),
        (HEAD + "\n".join(f"key{n}: 1" for n in range(4_000)), "unknown-key"),
        (HEAD + "roles: [" + ", ".join(f"{n}, r{n}" for n in range(3_000)) + "]", "wrong-form"),
        (HEAD + "roles: [" + "r, " * 3_000 + "]", "duplicate-item"),
        (
            HEAD
            + f"signals: {{s0: {PRESENT}"
            + "".join(f", s{n}: s{n - 1}" for n in range(1, 3_000))
            + "}",
            "too-many-values",
        ),
        (
            HEAD
            + "signals: {"
            + ", ".join(f"s{n}: s{n + 1}" for n in range(3_000))
            + ", s3000: s0}",
            "signal-cycle",
        ),
        (
            HEAD
            + f"signals: {{s0: {PRESENT}"
            + "".join(f", s{n}: [{', '.join([f's{n - 1}'] * 9)}]" for n in range(1, 30))
            + "}",
            "too-many-values",
        ),
        (
            HEAD + "rules: {" + ", ".join(f"'*{n}': {{level: warn}}" for n in range(501)) + "}",
            "too-many-values",
        ),
        (
            HEAD
            + "fields: {"
            + ", ".join(f"field{n}: {{type: text}}" for n in range(499))
            + "}\napplies_to: ["
            + ", ".join(f"{{field: filed{n}x, is: present}}" for n in range(500))
            + "]",
            "unknown-field",
        ),
        (HEAD + "applies_to: [" + f"{PRESENT}, " * 3_000 + "]", ""),
        (
            HEAD
            + f"applies_to: {{field: {'x' * 90}, is: present}}\nfields: {{"
            + "y" * 1_000_000
            + ": {type: text}}",
            "yaml-syntax",
        ),
    ],
    ids=range(24),
)
def test_a_bomb_does_not_go_off(text: str, rule: str) -> None:
    assert first_rule(text) == rule
