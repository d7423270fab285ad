"""YAML text → a tree that keeps what data does not hold: comments, blank lines, anchors, styles.

The text must have been read without mistakes before (`yaml12.parse`). Every comment goes to an
entry of a mapping or list: before it, after it on its line, or behind the last of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, Literal

from playgate.documents.yaml12 import parser_events, parser_tokens

__all__ = ["Comment", "Entry", "Node", "comment_texts", "read_tree"]


class Node:
    """A scalar, an alias, a mapping or a list, as it is written."""

    def __init__(self, kind: Literal["scalar", "alias", "map", "list"], event: Any) -> None:
        self.kind = kind
        self.start: int = event.start_mark.index
        self.end: int = event.end_mark.index
        self.value: str = getattr(event, "value", "") or ""
        self.style: str = getattr(event, "style", None) or ""
        self.is_flow = bool(getattr(event, "flow_style", False))
        self.anchor: str = getattr(event, "anchor", None) or ""
        self.tag: str = getattr(event, "tag", None) or ""
        self.raw = ""
        """How it is written; of a scalar, without anchor and tag."""
        self.column = 0
        self.entries: list[Entry] = []
        self.head: list[str] = []
        """Comments and blank lines that stay on top, whichever entry is first (of the root)."""
        self.tail: list[str] = []
        """Comments and blank lines behind the last entry."""


class Entry:
    """A key with its value, or an item of a list."""

    def __init__(self, key: Node | None, start: int, parent: Node, owner: Entry | None) -> None:
        self.key = key
        self.value: Node
        self.start = start
        self.parent = parent
        self.owner = owner
        """The entry whose value the parent is."""
        self.gap = 1
        """How many blanks stand between the colon and the value."""
        self.before: list[str] = []
        """Comments, and empty texts for blank lines."""
        self.after: Comment | None = None


class Comment:
    """A comment or (without text) a blank line, and where it stands."""

    def __init__(self, index: int, column: int, text: str, *, alone: bool) -> None:
        self.index = index
        self.column = column
        self.text = text
        self.alone = alone
        """Whether nothing stands before it on its line."""


def comment_texts(text: str) -> list[str]:
    """Returns all comments in a text, sorted."""
    found = [each.text for each in _between(text, _spans(text)) if each.text]
    return sorted(found + [each.text for each in _headers(text)])


def read_tree(text: str) -> tuple[str, Node]:
    """Returns what stands above the document (directives, `---`), and the tree of the rest."""
    begin = next(
        (
            e.end_mark.index
            for e in parser_events(text)
            if type(e).__name__ == "DocumentStartEvent" and e.explicit
        ),
        0,
    )
    reader = _TreeReader(text)
    comments = [each for each in _between(text, _spans(text)) if each.index >= begin]
    _attach(reader, comments)
    for header in _headers(text):
        _put_after(reader, header)
    root = reader.root
    if root.entries:
        root.head += root.entries[0].before
        root.entries[0].before = []
    return text[:begin], root


class _TreeReader:
    """Builds the tree from the parser's events."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.order: list[Entry] = []
        """All entries, as they begin."""
        self._dashes = [
            token.start_mark.index
            for token in parser_tokens(text)
            if type(token).__name__ == "BlockEntryToken"
        ]
        self._events = parser_events(text)
        event = next(e for e in self._events if type(e).__name__ not in _AROUND)
        self.root = self._node(event, None)
        self.order.sort(key=lambda entry: entry.start)

    def _node(self, event: Any, owner: Entry | None) -> Node:
        match type(event).__name__:
            case "MappingStartEvent":
                node = Node("map", event)
                for key in self._until("MappingEndEvent", node):
                    entry = self._entry(Node("scalar", key), key.start_mark.index, node, owner)
                    self._strip(entry.key)
                    entry.value = self._node(next(self._events), entry)
                    between = self.text[entry.key.end : entry.value.start] if entry.key else ""
                    if found := _GAP.fullmatch(between):
                        entry.gap = len(found[1])
            case "SequenceStartEvent":
                node = Node("list", event)
                for item in self._until("SequenceEndEvent", node):
                    start = item.start_mark.index
                    if not node.is_flow:
                        start = self._dashes[bisect_right(self._dashes, start) - 1]
                        if item.start_mark.index == item.end_mark.index:  # nothing behind the dash
                            start = self._dashes[
                                bisect_left(self._dashes, item.start_mark.index) - 1
                            ]
                    entry = self._entry(None, start, node, owner)
                    entry.value = self._node(item, entry)
            case "AliasEvent":
                node = Node("alias", event)
            case _:
                node = Node("scalar", event)
                self._strip(node)
        return node

    def _until(self, end: str, node: Node) -> Iterator[Any]:
        for event in self._events:
            if type(event).__name__ == end:
                node.end = event.end_mark.index
                node.raw = self.text[node.start : node.end]
                return
            yield event

    def _entry(self, key: Node | None, start: int, parent: Node, owner: Entry | None) -> Entry:
        entry = Entry(key, start, parent, owner)
        if not parent.entries:
            parent.column = start - (self.text.rfind("\n", 0, start) + 1)
        parent.entries.append(entry)
        self.order.append(entry)
        return entry

    def _strip(self, node: Node | None) -> None:
        if node is None:
            return
        node.raw = self.text[node.start : node.end]
        while (node.anchor or node.tag) and (found := _PROPERTY.match(node.raw)):
            node.raw = node.raw[found.end() :]
            node.start += found.end()


_AROUND = ("StreamStartEvent", "DocumentStartEvent")
_GAP = re.compile(r" *:( *)")
_PROPERTY = re.compile(r"[&!]\S*|\s+|#.*")


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yields where in the text there is something else than white space and comments."""
    for token in parser_tokens(text):
        start, end = token.start_mark.index, token.end_mark.index
        if getattr(token, "style", None) in ("|", ">"):
            end = start + len(_without_trailing_lines(text[start:end]))
        if start < end:
            yield start, end
    yield len(text), len(text)


def _without_trailing_lines(raw: str) -> str:
    """Returns a text block without the blank lines behind it, unless they belong to it."""
    header, _, body = raw.partition("\n")
    if "+" in header.partition("#")[0]:
        return raw
    lines = body.split("\n")
    while lines and not lines[-1].strip(" "):
        lines.pop()
    return "\n".join([header, *lines, ""])


def _between(text: str, spans: Iterator[tuple[int, int]]) -> Iterator[Comment]:
    """Yields the comments and blank lines in what lies between the spans."""
    done = 0
    for start, end in spans:
        position = done
        for line in text[done:start].splitlines(keepends=True):
            begin = text.rfind("\n", 0, position) + 1
            said = line.strip()
            if said:
                index = position + line.index("#")
                yield _comment(text, index, said)
            elif position == begin and line.endswith("\n"):
                yield Comment(position, -1, "", alone=True)
            position += len(line)
        done = max(done, end)


def _comment(text: str, index: int, said: str) -> Comment:
    begin = text.rfind("\n", 0, index) + 1
    alone = not text[begin:index].strip()
    # One or two blanks are no column that somebody chose.
    column = index - begin if alone or text[:index].endswith("   ") else 0
    return Comment(index, column, said, alone=alone)


def _headers(text: str) -> Iterator[Comment]:
    """Yields comments in the first line of a text block."""
    for token in parser_tokens(text):
        if getattr(token, "style", None) in ("|", ">"):
            start: int = token.start_mark.index
            header = text[start : token.end_mark.index].partition("\n")[0]
            if "#" in header:
                index = start + header.index("#")
                yield _comment(text, index, text[index:].partition("\n")[0].strip())


def _attach(reader: _TreeReader, comments: list[Comment]) -> None:
    """Gives each comment and blank line to an entry."""
    led = -1  # the entry, by number, that comments above belong to already
    for comment, shown in zip(comments, _shown(comments), strict=True):
        if not comment.alone:
            _put_after(reader, comment)
            continue
        place = bisect_left(reader.order, comment.index, key=lambda entry: entry.start)
        last = reader.order[place - 1] if place else None
        following = reader.order[place] if place < len(reader.order) else None
        flow = _flow_around(last, comment.index)
        if last is not None and not _is_block(last.value) and comment.index < last.value.start:
            _add(last.before, comment)
        elif flow is not None:
            _put_in_flow(flow, comment, last)
        elif led != place and (home := _home(shown, last, following)) is not None:
            _add(home.tail, comment)
        else:
            led = place
            _add(following.before if following is not None else reader.root.tail, comment)


def _shown(comments: list[Comment]) -> list[Comment | None]:
    """Returns for each comment the comment itself, and for a blank line the next comment below
    it."""
    found: list[Comment | None] = []
    below: Comment | None = None
    for comment in reversed(comments):
        below = comment if comment.text else below
        found.append(below)
    return found[::-1]


def _home(comment: Comment | None, last: Entry | None, following: Entry | None) -> Node | None:
    """Returns the collection that a comment (or the one below a blank line) stands at the end
    of."""
    if comment is None or (following is not None and comment.index > following.start):
        return None
    return _closing(last, following, comment.column)


def _flow_around(last: Entry | None, index: int) -> Node | None:
    """Returns the innermost brackets around a place; `last` is the entry that began last before
    it."""
    if last is not None and last.value.is_flow and last.value.start < index < last.value.end:
        return last.value
    while last is not None and last.parent.is_flow:
        if index < last.parent.end:
            return last.parent
        last = last.owner
    return None


def _put_in_flow(flow: Node, comment: Comment, last: Entry | None) -> None:
    if not comment.text:
        return
    for entry in flow.entries:
        if entry.start > comment.index:
            entry.before.append(comment.text)
            return
    if flow.entries or last is None:
        flow.tail.append(comment.text)
    else:
        last.before.append(comment.text)


def _closing(last: Entry | None, following: Entry | None, column: int) -> Node | None:
    """Returns the innermost collection that ends here and to whose column the comment is
    indented."""
    left = following.parent.column if following is not None else -1
    around = set()
    entry = following
    while entry is not None:
        around.add(id(entry.parent))
        entry = entry.owner
    entry = last
    while entry is not None:
        node = entry.parent
        if id(node) in around:
            return None
        owner = entry.owner
        # A list may stand right below its key: what is not indented there belongs to the key's.
        is_outdented = owner is not None and owner.parent.column == node.column
        if not node.is_flow and left < node.column <= column - is_outdented:
            return node
        entry = owner
    return None


def _put_after(reader: _TreeReader, comment: Comment) -> None:
    place = bisect_left(reader.order, comment.index, key=lambda entry: entry.start)
    entry = reader.order[place - 1] if place else None
    while entry is not None and entry.parent.is_flow and comment.index >= entry.parent.end:
        entry = entry.owner
    if entry is None:
        (reader.root.tail if place else reader.root.head).append(comment.text)
    elif entry.after is None:
        entry.after = comment
    else:
        entry.before.append(comment.text)


def _is_block(node: Node) -> bool:
    return node.kind in ("map", "list") and not node.is_flow


def _add(lines: list[str], comment: Comment) -> None:
    """Adds a comment, or a blank line where there is none yet."""
    if comment.text or (lines and lines[-1]) or not lines:
        lines.append(comment.text)
