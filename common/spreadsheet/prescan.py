"""A look at a file before any parser does: what it is by its content, and whether it is safe to unpack.

Knows no Django. `kind_of` reads the first bytes only; `prescan` unpacks every part a parser would, within the limits.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from common.spreadsheet.refusals import Limits, Refusal, Refused

HEAD_BYTES: Final = 4096
_CHUNK: Final = 1024 * 1024
# The longest thing looked for across the border of two chunks.
_OVERLAP: Final = 64
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_SIGNATURES: Final[tuple[tuple[bytes, Refusal], ...]] = (
    (b"%PDF", Refusal.PDF),
    (b"{\\rtf", Refusal.DOCUMENT),
    (b"\x1f\x8b", Refusal.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Refusal.ARCHIVE),
    (b"Rar!", Refusal.ARCHIVE),
    (b"BZh", Refusal.ARCHIVE),
    (b"\xfd7zXZ", Refusal.ARCHIVE),
    (b"MZ", Refusal.OTHER_KIND),
    (b"\x7fELF", Refusal.OTHER_KIND),
    (b"\x89PNG", Refusal.OTHER_KIND),
    (b"\xff\xd8\xff", Refusal.OTHER_KIND),
    (b"GIF8", Refusal.OTHER_KIND),
    (b"SQLite format 3", Refusal.OTHER_KIND),
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
# HTML under any name, and the XML that Excel 2003 saved.
_MARKUP: Final = re.compile(
    rb"""<!doctype\s+html | <(?:html|head|body|table|meta)\b
    | <\?xml[^>]{0,200}\?>\s* (?:<\?mso[^>]{0,200}\?>\s*)? (?:<!doctype\s+html | <(?:\w+:)?(?:html|workbook)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_BIFF: Final = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")

_BIFF8_GLOBALS: Final = b"\x09\x08\x10\x00\x00\x06\x05\x00"
_FILEPASS: Final = 0x2F

_UNPACKED: Final = (".xml", ".rels", ".bin")
_MERGE: Final = b"mergeCell "
_DIMENSION: Final = re.compile(rb'<(?:\w+:)?dimension ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_VALUE_CELL: Final = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})([0-9]{1,7})"[^>]{0,200}[^/]>')
_CELL_REF: Final = re.compile(rb"([A-Z]{1,3})([0-9]{1,7})")


def kind_of(head: bytes) -> str:
    """Tell what a file is from its first bytes: "zip", "ole", "biff" or "text". Raises Refused for anything else."""
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise Refused(Refusal.EMPTY)
    for signature, refusal in _SIGNATURES:
        if head.startswith(signature):
            raise Refused(refusal)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head.startswith(_OLE):
        return "ole"
    return "biff" if head.startswith(_BIFF) else _kind_of_text(head)


def _kind_of_text(head: bytes) -> str:
    """Text, or a page of markup that somebody named .xls, or bytes that are neither."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(_UTF16):
        text = head[2:].replace(b"\x00", b"")
        return _not_markup(text)
    if b"\x00" in head:
        # Two bytes a letter without a mark in front: every other byte of plain text is zero.
        if head.count(0) * 5 < len(head) * 2:
            raise Refused(Refusal.OTHER_KIND)
        text = head.replace(b"\x00", b"")
    return _not_markup(text)


def _not_markup(text: bytes) -> str:
    if _MARKUP.match(text.lstrip()):
        raise Refused(Refusal.WEB_PAGE)
    return "text"


def prescan(file: BinaryIO, kind: str, limits: Limits) -> tuple[str, bool]:
    """Check a "zip", "ole" or "biff" file. Raises Refused.

    Returns what it is (xlsx, xlsb, ods, xls), and whether it counts days from 1904.
    """
    if kind != "zip":
        return _prescan_ole(file), False
    try:
        with zipfile.ZipFile(file) as archive:
            return _prescan_zip(archive, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, KeyError) as error:
        raise Refused(Refusal.DAMAGED) from error
    except RuntimeError as error:
        # zipfile's word for a part that needs a password.
        raise Refused(Refusal.ENCRYPTED) from error


def _prescan_ole(file: BinaryIO) -> str:
    file.seek(0)
    content = file.read()
    file.seek(0)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Refused(Refusal.ENCRYPTED)
    if "WordDocument".encode("utf-16-le") in content:
        raise Refused(Refusal.DOCUMENT)
    if _needs_password(content):
        raise Refused(Refusal.ENCRYPTED)
    return "xls"


def _needs_password(content: bytes) -> bool:
    """Whether the first records of the workbook, right after its beginning, say that the rest is scrambled."""
    position = content.find(_BIFF8_GLOBALS)
    for _record in range(12 if position >= 0 else 0):
        kind, length = int.from_bytes(content[position : position + 2], "little"), content[position + 2 : position + 4]
        if kind == _FILEPASS:
            return True
        position += 4 + int.from_bytes(length, "little")
    return False


def _prescan_zip(archive: zipfile.ZipFile, limits: Limits) -> tuple[str, bool]:
    entries = archive.infolist()
    if len(entries) > limits.zip_entries:
        raise Refused(Refusal.HOSTILE)
    kind = _kind_of_zip({entry.filename for entry in entries})
    parts = [entry for entry in entries if entry.filename.lower().endswith(_UNPACKED)]
    if sum(entry.file_size for entry in parts) > limits.inflated_bytes:
        raise Refused(Refusal.TOO_LARGE)
    left = limits.inflated_bytes
    epoch_1904 = False
    for entry in parts:
        part = _Part(archive, entry, limits, left)
        part.scan()
        left -= part.size
        epoch_1904 = epoch_1904 or part.epoch_1904
    return kind, epoch_1904


def _kind_of_zip(names: set[str]) -> str:
    """What a zip file holds. Names are compared without regard to case and slashes, as the parser does."""
    plain = {name.lower().replace("\\", "/").lstrip("/") for name in names}
    if "content.xml" in plain:
        return "ods"
    if any(name.startswith("word/") for name in plain):
        raise Refused(Refusal.DOCUMENT)
    if any(name.startswith("ppt/") for name in plain):
        raise Refused(Refusal.OTHER_KIND)
    if any(name.endswith("workbook.bin") for name in plain):
        return "xlsb"
    if "[content_types].xml" in plain or any(name.endswith("workbook.xml") for name in plain):
        return "xlsx"
    raise Refused(Refusal.ARCHIVE if plain else Refusal.EMPTY)


class _Part:
    """One part of the zip file, unpacked piece by piece and forgotten."""

    def __init__(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits, allowed: int) -> None:
        self._archive = archive
        self._entry = entry
        self._limits = limits
        self._allowed = allowed
        self._merges = 0
        self.size = 0
        self.epoch_1904 = False

    def scan(self) -> None:
        """Unpack it all. Raises Refused at the first thing that is out of bounds."""
        entry = self._entry
        if entry.flag_bits & 0x1:
            raise Refused(Refusal.ENCRYPTED)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(Refusal.HOSTILE)
        xml = not entry.filename.lower().endswith(".bin")
        for chunk in self._chunks():
            if xml:
                self._look_at(chunk)

    def _chunks(self) -> Iterator[bytes]:
        """The part in pieces, each beginning with the end of the one before."""
        tail = b""
        with self._archive.open(self._entry) as stream:
            while piece := stream.read(_CHUNK):
                self._grow(len(piece))
                yield tail + piece
                tail = piece[-_OVERLAP:]

    def _grow(self, more: int) -> None:
        self.size += more
        if self.size > self._allowed:
            raise Refused(Refusal.TOO_LARGE)
        packed = max(self._entry.compress_size, 1)
        if self.size > 16 * _CHUNK and self.size > packed * self._limits.inflation_ratio:
            raise Refused(Refusal.HOSTILE)

    def _look_at(self, chunk: bytes) -> None:
        if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
            raise Refused(Refusal.HOSTILE)
        self._merges += chunk.count(_MERGE)
        if self._merges > self._limits.merged_ranges:
            raise Refused(Refusal.TOO_MANY_MERGES)
        if b":encryption-data" in chunk and self._entry.filename == "META-INF/manifest.xml":
            raise Refused(Refusal.ENCRYPTED)
        if self._entry.filename.lower().endswith("workbook.xml") and re.search(rb'date1904="(?:1|true)"', chunk):
            self.epoch_1904 = True
        # Excel writes the dimension before the cells, so it is in the first piece; believed only when small.
        if self.size <= _CHUNK and (found := _DIMENSION.search(chunk)) and _box(found[1]) > self._limits.box_cells:
            self._measure()

    def _measure(self) -> None:
        """The box around the cells that hold a value: a formatted empty sheet claims a million rows and has none."""
        last_row = last_column = 0
        with self._archive.open(self._entry) as stream:
            tail = b""
            while piece := stream.read(_CHUNK):
                for found in _VALUE_CELL.finditer(tail + piece):
                    last_row = max(last_row, int(found[2]))
                    last_column = max(last_column, _column(found[1]))
                tail = piece[-_OVERLAP:]
        if last_row * last_column > self._limits.box_cells:
            raise Refused(Refusal.TOO_SPREAD)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _box(ref: bytes) -> int:
    """How many cells a range such as A1:C20 spans."""
    (first, top), (last, bottom) = _CELL_REF.findall(ref)
    return max(0, _column(last) - _column(first) + 1) * max(0, int(bottom) - int(top) + 1)
