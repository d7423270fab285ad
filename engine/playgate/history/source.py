"""A history's file as bytes or as lines of text, in bounded memory.

What is gzipped is unpacked as it streams. What is no text (or the wrong kind of file) is said in
plain words; `-` is standard input.
"""

from __future__ import annotations

import codecs
import gzip
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO

from playgate.errors import InputError

__all__ = [
    "LONGEST_LINE",
    "PARQUET",
    "STDIN",
    "ZIP",
    "Source",
    "is_parquet",
    "starts",
    "unreadable",
]

STDIN = "-"
LONGEST_LINE = 4 * 1024 * 1024
"""In characters; a longer line is no table."""

PARQUET = b"PAR1"
ZIP = b"PK\x03\x04"

_CHUNK = 1 << 18
_LARGEST_TEXT = 1 << 29
"""In bytes, of what is held in memory as a whole."""
_ANYHOW = 1 << 28
_RATIO = 250
"""What is packed may unpack to so many bytes, and beyond these to so many times its own size."""
_SHEETS = (".xlsx", ".xlsm")
_ESCAPED = "surrogateescape"
_BYTES = re.compile("[\udc80-\udcff]")
"""What stands for bytes that are not UTF-8."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FOREIGN = (
    (PARQUET, "a Parquet file", "Parquet comes with the bulk extra; until then convert it to CSV"),
    (
        ZIP,
        "a zip archive or a spreadsheet",
        "sheets of .xlsx come with the extra sheets; others save as CSV",
    ),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet", "save the sheet as CSV"),
    (b"SQLite format 3", "an SQLite database", "export its table as CSV"),
)


def is_parquet(path: str) -> bool:
    """Returns whether the file is Parquet, by its name or its first bytes."""
    return path.lower().endswith(".parquet") or starts(path) == PARQUET


def is_sheet(path: str) -> bool:
    """Returns whether a file is a spreadsheet that can be read here."""
    return path.lower().endswith(_SHEETS) and starts(path) == ZIP and _reads_sheets()


def _reads_sheets() -> bool:
    return find_spec("python_calamine") is not None


def starts(path: str) -> bytes:
    """Returns the first four bytes of a file, or none where it cannot be read, which `Source` will
    report."""
    try:
        with Path(path).open("rb") as file:
            return file.read(4)
    except (OSError, ValueError):
        return b""


class Source:
    """One file of a history, open for reading once; a context manager."""

    def __init__(self, path: str, *, progress: Callable[[int], None] | None = None) -> None:
        self.name = path
        self._progress = progress or (lambda _: None)
        self._stack = ExitStack()
        self._packed: _Counted | None = None
        self._told = self._size = 0

    def __enter__(self) -> Source:
        try:
            self._raw = self._open()
            self._unpacked: IO[bytes] = self._raw
            if self._raw.peek(2)[:2] == b"\x1f\x8b":  # type: ignore[attr-defined]
                self._packed = _Counted(self._raw)
                self._unpacked = gzip.GzipFile(fileobj=self._packed)  # type: ignore[call-overload]
            self.head = self._read()
            self._refuse_foreign()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _open(self) -> IO[bytes]:
        if self.name == STDIN:
            return sys.stdin.buffer
        try:
            return self._stack.enter_context(Path(self.name).open("rb"))
        except FileNotFoundError:
            raise InputError(f"{self.name} does not exist", code="no-such-file") from None
        except IsADirectoryError:
            raise InputError(
                f"{self.name} is a folder", hint="name the files in it", code="wrong-file"
            ) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(f"cannot read {self.name}: {reason}", code="cannot-read") from None

    def _refuse_foreign(self) -> None:
        if is_sheet(self.name):
            return
        name = self.name.lower()
        for magic, what, hint in _FOREIGN:
            if self.head.startswith(magic) or (magic == PARQUET and name.endswith(".parquet")):
                raise InputError(
                    f"{self.name} is {what}, which cannot be read here",
                    hint=hint,
                    code="wrong-file",
                )

    def _read(self) -> bytes:
        try:
            chunk = self._unpacked.read(_CHUNK)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise InputError(
                f"{self.name} is broken: {error}", hint="fetch it again", code="wrong-file"
            ) from None
        except OSError as error:
            raise InputError(
                f"cannot read {self.name}: {error.strerror or error}", code="cannot-read"
            ) from None
        self._size += len(chunk)
        if self._packed and self._size > max(_ANYHOW, self._packed.size * _RATIO):
            raise InputError(
                f"{self.name} unpacks to more than {_RATIO} times its size",
                hint="is it what it should be? if so, unpack it first (gunzip), and name that file",
                code="wrong-file",
            )
        self._tell()
        return chunk

    def _tell(self) -> None:
        if self.name == STDIN:
            return
        position = self._raw.tell()
        if position > self._told:
            self._progress(position - self._told)
            self._told = position

    def chunks(self) -> Iterator[bytes]:
        """Yields the file's bytes, unpacked."""
        chunk = self.head
        while chunk:
            yield chunk
            chunk = self._read()

    def blocks(self) -> Iterator[str]:
        """Yields the file's text in blocks of whole lines; each but the last ends with a line end.

        What is no text is in it, with a NUL: see `unreadable`.
        """
        bom, encoding = self._form()
        decoder = codecs.getincrementaldecoder(encoding)()
        lines, rest, skip = 0, "", len(bom)
        for chunk in self.chunks():
            text = self._decode(decoder, encoding, chunk[skip:], lines, rest)
            skip = 0
            end = text.rfind("\n") + 1 or text.rfind("\r", 0, -1) + 1
            if end:
                block, rest = rest + text[:end], text[end:]
                lines += block.count("\n")
                yield block
            else:
                rest += text
            if len(rest) > LONGEST_LINE:
                raise InputError(
                    f"{self.name}, line {lines + 1}: a line of more than {LONGEST_LINE} characters",
                    hint="a history is a table of short lines; is this the right file?",
                    code="wrong-file",
                )
        rest += self._decode(decoder, encoding, b"", lines, rest, final=True)
        if rest:
            yield rest

    def text(self) -> str:
        """Returns the file's text as a whole."""
        bom, encoding = self._form()
        content = bytearray()
        for chunk in self.chunks():
            content += chunk
            if len(content) > _LARGEST_TEXT:
                raise InputError(
                    f"{self.name} is one text of more than {_LARGEST_TEXT >> 20} MB",
                    hint="write one object on each line (NDJSON), which is read piece by piece",
                    code="wrong-file",
                )
        del content[: len(bom)]
        decoder = codecs.getincrementaldecoder(encoding)()
        return self._decode(decoder, encoding, bytes(content), 0, "", final=True)

    def _form(self) -> tuple[bytes, str]:
        """Returns the byte order mark and the encoding."""
        return next((each for each in _BOMS if self.head.startswith(each[0])), (b"", "utf-8"))

    def _decode(
        self,
        decoder: codecs.IncrementalDecoder,
        encoding: str,
        chunk: bytes,
        lines: int,
        rest: str,
        *,
        final: bool = False,
    ) -> str:
        try:
            return _marked(decoder.decode(chunk, final), decoder)
        except UnicodeDecodeError as error:
            if encoding == "utf-8":
                decoder.errors = _ESCAPED
                return _marked(decoder.decode(chunk, final), decoder)
            line = lines + rest.count("\n") + error.object[: error.start].count(b"\n") + 1
            raise InputError(
                f"{self.name}, line {line}: what stands there is not {encoding.upper()}",
                hint="save the file as UTF-8",
                code="wrong-file",
            ) from None


class _Counted:
    """Packed bytes, and how many of them were taken."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Returns the next bytes."""
        found = self._raw.read(size)
        self.size += len(found)
        return found


def _marked(text: str, decoder: codecs.IncrementalDecoder) -> str:
    """Puts a NUL before each byte that is no text, so that what is unreadable always holds one."""
    return _BYTES.sub(r"\0\g<0>", text) if decoder.errors == _ESCAPED else text


def unreadable(text: str) -> tuple[str, str]:
    """Returns the reason and the hint for a text with a NUL in it."""
    byte = _BYTES.search(text)
    if byte is None:
        return "a NUL byte, which is no text", "take it out"
    return f"byte 0x{ord(byte.group()) & 0xFF:02x} is not UTF-8", "save the file as UTF-8"
