"""`import --sniff` proposes a mapping."""

from __future__ import annotations

CALLS = "deal;call;when;what\n" + "".join(
    f"D{n % 2};{n};0{n % 9 + 1}.03.2026;x\n" for n in range(9)
)


def test_a_draft_lints_clean_and_imports(run, quiet_environment):
    (quiet_environment / "calls.csv").write_text(CALLS)
    drafted = run("import", "calls.csv", "--sniff")
    assert (drafted.status, drafted.err) == (0, "")
    (quiet_environment / "draft.mapping.yaml").write_text(drafted.out)
    assert run("lint", "draft.mapping.yaml", "--strict").status == 0
    imported = run("import", "calls.csv", "--map", "draft.mapping.yaml", "--strict")
    assert imported.status == 0
    assert "27 events of 2 deals written; 0 repeated rows" in imported.err
    assert run("import", "calls.csv", "--sniff", "-o", "second.yaml").status == 0
    assert (quiet_environment / "second.yaml").read_text() == drafted.out


def test_standard_input(run):
    drafted = run("import", "-", "--sniff", given=CALLS.encode())
    assert drafted.status == 0
    assert 'format: "%d.%m.%Y"' in drafted.out


def test_what_cannot_be_proposed(run, quiet_environment):
    (quiet_environment / "x.csv").write_text("a,b\n1,2\n")
    refused = run("import", "x.csv", "--sniff")
    assert refused.status == 2
    assert "x.csv: no column tells which deal a row is of" in refused.err
    assert run("import", "x.csv", "--sniff", "--map", "m.yaml").status == 2
