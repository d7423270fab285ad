"""A tree of YAML with its comments → text in one layout.

Two blanks for each level, one blank line at most, double quotes and those only where they are
needed. A list or mapping in brackets stays on its line where it fits, and is unfolded where it does
not. Columns that the author lined up stay lined up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from playgate.documents.commented import Entry, Node

__all__ = ["lay_out"]

_WIDTH = 120
"""How long a line with brackets may be."""
_JOINED = 100
"""How long a line may become where several are joined."""

_STEP = 2
_SAFE = re.compile(r"[^\W\d_](?:[\w .+()-]*[\w.+)-])?")
"""Text that needs no quotes, wherever it stands and whoever reads it."""
_RESERVED = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}

Order = Callable[[Node], Sequence[Entry]]


def lay_out(root: Node, order: Order) -> str:
    """Returns the text of a tree, with the entries of each mapping in the order that `order`
    gives."""
    printer = _Printer(order)
    while root.tail and not root.tail[-1]:
        del root.tail[-1]
    while root.head and not root.head[0]:
        del root.head[0]
    inline = printer.inline(root)
    if inline is not None and len(inline) <= _width(root):
        lines = [inline, *root.tail]
    else:
        lines = printer.block(root, 0)
    lines = root.head + lines
    return "".join(f"{line}\n" for line in lines)


class _Printer:
    def __init__(self, order: Order) -> None:
        self._order = order

    def inline(self, node: Node) -> str | None:
        """Returns the node on one line, or `None` where it takes several."""
        if node.kind == "alias":
            return f"*{node.anchor}"
        if node.kind == "scalar":
            if node.style in ("|", ">") or "\n" in node.raw:
                return None
            return _with_properties(node, _scalar(node))
        if not node.is_flow or node.tail:
            return None
        pieces = []
        for entry in self._order(node):
            value = self.inline(entry.value)
            if value is None or entry.before or entry.after:
                return None
            key = f"{_head(entry)} " if entry.key is not None else ""
            pieces.append(key + (value or "null"))
        opening, closing = "{}" if node.kind == "map" else "[]"
        return _with_properties(node, opening + ", ".join(pieces) + closing)

    def block(self, node: Node, indent: int) -> list[str]:
        """Returns the lines of a mapping or list, one entry below the other."""
        entries = self._order(node)
        texts = self._inlined(entries, indent)
        columns = _columns(entries, texts)
        lines: list[str] = []
        # A blank line set apart what came before in the old order.
        has_moved = indent > 0 and list(entries) != node.entries
        for number, entry in enumerate(entries):
            is_close = has_moved or number == 0
            lines += _close(entry, indent) if is_close else _indented(entry.before, indent)
            lines += self._entry(entry, indent, texts[number], columns[number])
        return lines + _indented(node.tail, indent)

    def _inlined(self, entries: Sequence[Entry], indent: int) -> list[str | None]:
        """Returns what each entry's value says on one line, or `None` where it is too long for
        that."""
        texts = [self.inline(entry.value) for entry in entries]
        widths = [len(_head(entry)) + 1 for entry in entries]
        columns = widths
        while True:
            long = [
                number
                for number, (entry, text) in enumerate(zip(entries, texts, strict=True))
                if text is not None
                and entry.value.entries
                and indent + columns[number] + len(text) > _width(entry.value)
            ]
            if not long and columns is not widths:
                return texts
            # Lined up, those with the longest key go first: then the others may fit.
            longest = max((widths[number] for number in long), default=0)
            for number in long:
                if columns is widths or widths[number] == longest:
                    texts[number] = None
            columns = _columns(entries, texts)

    def _entry(self, entry: Entry, indent: int, text: str | None, column: int) -> list[str]:
        head = " " * indent + _head(entry)
        value, deeper = entry.value, indent + _STEP
        if text is not None:
            line = f"{head:<{indent + column}}{text}" if text else head
            return [_commented(line, entry)]
        if value.kind == "scalar":
            first, *others = _several(entry, deeper)
            lines = [f"{head} {_with_properties(value, first)}", *others]
            at = 0 if value.style in ("|", ">") else -1
            lines[at] = _commented(lines[at], entry)
            return lines
        lines = self.block(value, deeper)
        properties = _with_properties(value, "")
        compact = entry.key is None and not properties and entry.after is None
        if compact and not _close(self._order(value)[0], deeper):
            return [f"{head} {lines[0].lstrip(' ')}", *lines[1:]]
        return [_commented(f"{head} {properties}".rstrip(), entry), *lines]


def _indented(lines: Sequence[str], indent: int) -> list[str]:
    return [" " * indent + line if line else "" for line in lines]


def _close(entry: Entry, indent: int) -> list[str]:
    """Returns what stands before an entry, without a blank line on top."""
    return _indented(entry.before[1:] if entry.before[:1] == [""] else entry.before, indent)


def _columns(entries: Sequence[Entry], texts: Sequence[str | None]) -> list[int]:
    """Returns how far behind the indentation each value stands: one blank, or where others stand.

    Values were lined up where one has more blanks before it; blank lines and comments end that.
    """
    columns = [len(_head(entry)) + 1 for entry in entries]
    group: list[int] = []
    for number, entry in enumerate([*entries, None]):
        if entry is None or entry.before:
            if any(entries[each].gap > 1 for each in group):
                widest = max(columns[each] for each in group)
                for each in group:
                    columns[each] = widest
            group = []
        if entry is not None and texts[number]:
            group.append(number)
    return columns


def _width(node: Node) -> int:
    return _JOINED if "\n" in node.raw else _WIDTH


def _commented(line: str, entry: Entry) -> str:
    """Returns the line with the comment behind it, in its old column where there is room."""
    if entry.after is None:
        return line
    return f"{line:<{max(entry.after.column, len(line) + 2)}}{entry.after.text}"


def _with_properties(node: Node, text: str) -> str:
    tag = {"": "", "!": "!"}.get(node.tag, "!!str")
    anchor = f"&{node.anchor}" if node.anchor else ""
    return " ".join(each for each in (anchor, tag, text) if each)


def _head(entry: Entry) -> str:
    """Returns what an entry begins with: its key with the colon, or a dash."""
    return f"{_with_properties(entry.key, _scalar(entry.key))}:" if entry.key is not None else "-"


def _scalar(node: Node) -> str:
    """Returns a text of one line with the quotes that it needs."""
    if node.style not in ("'", '"'):
        return node.raw if "\n" not in node.raw else node.value
    text = node.value
    if _SAFE.fullmatch(text) and text.lower() not in _RESERVED and not node.tag:
        return text
    if text.isprintable() and ("\\" in text or '"' in text):
        return "'" + text.replace("'", "''") + "'"
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(sign: str) -> str:
    if sign in _ESCAPES or sign.isprintable():
        return _ESCAPES.get(sign, sign)
    code = ord(sign)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    )


def _several(entry: Entry, indent: int) -> list[str]:
    """Returns the lines of a text that takes several; those behind the first with this
    indentation."""
    node = entry.value
    first, *others = node.raw.split("\n")
    if node.style in ("|", ">"):
        first, others = _text_block(first, others, entry.parent.column)
    else:
        # At the end of a line a backslash may stand before a blank that belongs to the text.
        others = [line.lstrip(" \t") if node.style == '"' else line.strip(" \t") for line in others]
    return [first, *(" " * indent + line if line else "" for line in others)]


def _text_block(header: str, lines: list[str], column: int) -> tuple[str, list[str]]:
    """Returns the signs of a text block (behind | or >), and its lines without their
    indentation."""
    signs = header.partition("#")[0].strip()
    given = next((int(sign) for sign in signs if sign.isdigit()), 0)
    first = next((line for line in lines if line.strip(" ")), "")
    depth = column + given if given else len(first) - len(first.lstrip(" "))
    body = [line[depth:] for line in lines[:-1]]
    while body and not body[-1] and "+" not in signs:
        del body[-1]
    starts_with_blank = next((line for line in body if line), "").startswith(" ")
    chomp = "".join(sign for sign in signs[1:] if sign in "+-")
    return signs[0] + (str(_STEP) if starts_with_blank else "") + chomp, body
