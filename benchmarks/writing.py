"""The Excel export beside a bare openpyxl write-only loop of the same values."""

from __future__ import annotations

import tempfile
from datetime import date
from typing import Any


def write_bare(rows: int) -> dict[str, Any]:
    """The yardstick: fourteen plain values a row, no styles, no checks."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Alle")
    for n in range(rows):
        sheet.append(
            [
                f"{100000 + n}",
                "Nordvik",
                "Kari",
                "Kåfjord",
                "000 00 142",
                "",
                f"medlem{n}@example.no",
                450,
                450,
                date(2026, 3, 15),
                "",
                "",
                "",
                "",
            ]
        )
    with tempfile.TemporaryFile() as file:
        book.save(file)
    return {}
