"""What a branch's officers took each heading for: asked once, remembered for the next file."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from membership.importing.columns import Field
from membership.importing.variants import fold
from membership.models import Branch, ColumnMemory, RegisterImport

# More headings than any register has.
_MOST: Final = 300


def memory_of(branch: Branch) -> dict[str, str]:
    """Folded heading → field, or "" for a column that is not read; a branch's own alone."""
    found = ColumnMemory.objects.filter(branch=branch).values_list("fields", flat=True).first()
    return {heading: name for heading, name in (found or {}).items() if name == "" or name in Field.values}


def remember(made: RegisterImport, *, now: datetime) -> None:
    """Keep how the columns of an import that is let in were read."""
    told = {
        heading: str(column["field"])
        for column in made.preview.get("columns", [])
        if not column.get("identity") and (heading := fold(column["header"]))
    }
    if not told:
        return
    # The newest last: where there is no room, the oldest are forgotten.
    kept = {heading: name for heading, name in memory_of(made.branch).items() if heading not in told}
    fields = dict([*kept.items(), *told.items()][-_MOST:])
    ColumnMemory.objects.update_or_create(branch=made.branch, defaults={"fields": fields, "updated_at": now})
