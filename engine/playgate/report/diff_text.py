"""What differs between two versions for people: at a terminal, and in a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playgate.report.markdown_text import code, escaped, row
from playgate.report.words import plural, visible
from playgate.versions.change import Change, Diff, Kind, Version

__all__ = ["headline", "render", "render_markdown", "version_words"]

_GREEN, _RED, _YELLOW, _DIM, _BOLD = "32", "31", "33", "2", "1"
_COLOURS: dict[Kind, str] = {
    "added": _GREEN,
    "removed": _RED,
    "tightened": _YELLOW,
    "loosened": _YELLOW,
    "wording": _DIM,
}
_SECTIONS = (
    ("Settings", ("setting",)),
    ("Roles, fields, activities", ("role", "field", "activity")),
    ("Stages", ("stage",)),
    ("Rules", ("rule",)),
)
_ASPECTS = {"when": "applies", "from": "in force from"}
_LONGEST = 400


def render(diff: Diff, *, colour: bool = False) -> Iterator[str]:
    """Yields the differences, each with what was and what is."""

    def paint(text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if colour and style else text

    yield f"{paint(visible(headline(diff)), _BOLD)}\n"
    for title, changes in _sections(diff):
        yield f"\n{paint(title, _BOLD)}\n"
        for change in changes:
            kind = paint(f"{change.kind:<9}", _COLOURS.get(change.kind, ""))
            yield f"  {kind}  {visible(_name(change))}\n"
            for word, text in (("was", change.old), ("now", change.new)):
                if text and not (change.kind == "renamed" and word == "now"):
                    yield f"      {word}  {visible(text, limit=_LONGEST)}\n"
            yield paint(f"      {_places(change)}", _DIM) + "\n"
    for line in _notes(diff):
        yield f"\n{visible(line)}\n"


def render_markdown(diff: Diff) -> Iterator[str]:
    """Yields the differences as Markdown tables, for a pull request."""
    yield f"# {escaped(headline(diff))}\n"
    for title, changes in _sections(diff):
        yield f"\n## {title}\n\n"
        yield row(["", "", "was", "now"])
        yield row(["---"] * 4)
        for change in changes:
            aspect = f" {escaped(_aspect(change))}" if change.aspect else ""
            # A bar ends a cell even within code.
            shown = code(change.id) if "|" not in change.id else escaped(change.id)
            yield row([change.kind, shown + aspect, escaped(change.old), escaped(change.new)])
    for line in _notes(diff):
        yield f"\n{escaped(line)}\n"


def headline(diff: Diff) -> str:
    """Returns a line that says which versions these are, and in how much they differ."""
    many = plural(len(diff.changes), "difference") if diff.changes else "no difference in meaning"
    return f"{version_words(diff.old, diff.new)}: {many}"


def version_words(old: Version, new: Version) -> str:
    """Returns `bank-sales version 3 → version 4`."""
    if old.name != new.name:
        return f"{old.name} version {old.version} → {new.name} version {new.version}"
    return f"{old.name} version {old.version} → version {new.version}"


def _sections(diff: Diff) -> Iterator[tuple[str, Sequence[Change]]]:
    for title, parts in _SECTIONS:
        changes = [change for change in diff.changes if change.part in parts]
        if changes:
            yield title, changes


def _name(change: Change) -> str:
    """Returns the thing, and what of it differs."""
    part = f"{change.part} " if change.part in ("role", "field", "activity") else ""
    return f"{part}{change.id}" + (f", {_aspect(change)}" if change.aspect else "")


def _aspect(change: Change) -> str:
    return _ASPECTS.get(change.aspect, change.aspect)


def _places(change: Change) -> str:
    new, old = change.new_place, change.old_place
    if new is not None and old is not None:
        return f"{visible(str(new))} (was {visible(str(old))})"
    return visible(str(new or old))


def _notes(diff: Diff) -> Iterator[str]:
    old, new = diff.old, diff.new
    same_version = (old.name, old.version) == (new.name, new.version)
    if diff.changes and same_version:
        yield f"Both are version {new.version}: give the newer one a version of its own."
