"""QR codes as SVG and PNG, drawn from the squares: black on white, with the quiet edge that readers need."""

from __future__ import annotations

import struct
import zlib
from typing import Final

import qrcode
from qrcode.constants import ERROR_CORRECT_M

_EDGE: Final = 4
# Pixels a square in a PNG: sharp on paper at five centimetres.
_PIXELS: Final = 16


def _squares(text: str) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=_EDGE)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(square) for square in row] for row in code.get_matrix()]


def qr_svg(text: str) -> str:
    """One path on a white ground; as large as where it is shown."""
    squares = _squares(text)
    size = len(squares)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(squares) for x, is_black in enumerate(row) if is_black)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    )


def qr_png(text: str) -> bytes:
    """A picture for posters and slides, in two colours."""
    rows = [_row(row) * _PIXELS for row in _squares(text)]
    size = len(rows) * _PIXELS
    header = struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(b"".join(rows), 9)), _chunk(b"IEND", b""))
    )


def _row(squares: list[bool]) -> bytes:
    """One line of pixels, one bit each: 1 is white. A square is two bytes."""
    return b"\x00" + b"".join((b"\x00" if is_black else b"\xff") * (_PIXELS // 8) for is_black in squares)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
