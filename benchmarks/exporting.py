"""The Excel export, through its own queries, rows and workbook: the unpaid go round until there are enough."""

from __future__ import annotations

import tempfile
from itertools import chain, islice, repeat
from typing import Any


def export_rows(rows: int) -> dict[str, Any]:
    """Write so many rows as `export_unpaid` does."""
    from common import clock
    from common.spreadsheet.writing import Book
    from dues import export
    from dues.call_lists import unpaid_claims
    from membership.models import Branch

    branch, year = Branch.objects.counties().get(), clock.today().year
    made = export._Rows(branch, [], on=clock.today())
    values = chain.from_iterable(chain.from_iterable(export._chunks(unpaid_claims(branch, year))) for _ in repeat(None))
    with Book(title="Benchmark", footer="Benchmark") as book, tempfile.TemporaryFile() as file:
        sheet = book.sheet("Alle", export.columns(), above=["Benchmark"])
        for one in islice(values, rows):
            sheet.add(made.row(one))
        book.save(file)
    return {"rows": sheet.rows}
