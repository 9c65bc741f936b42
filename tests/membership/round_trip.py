"""The way out and back: `export_register`, then `import_register`, then what the register holds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from accounts.models import User
from membership.actions.editing import Pen, create
from membership.actions.members import derive
from membership.enums import ChangeSource
from membership.models import Branch, Member
from tests.factories import NOW, TODAY


def fill(branch: Branch, people: Iterable[dict[str, Any]]) -> list[Member]:
    """Many members at once, numbered where they have no number."""
    members = [Member(**{"member_number": f"N{place}"} | fields) for place, fields in enumerate(people)]
    for member in members:
        derive(member, branch)
    return create(members, pen=Pen(None, ChangeSource.OFFICER, NOW, TODAY))


def export(branch: Branch, by: User, path: Path, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("export_register", branch=branch.slug, output=path, by=by.email, json=True, stdout=out, **options)
    return dict(json.loads(out.getvalue()))


def bring_back(branch: Branch, by: User, path: Path) -> dict[str, Any]:
    out = StringIO()
    call_command("import_register", str(path), branch=branch.slug, year=2026, by=by.email, json=True, stdout=out)
    return dict(json.loads(out.getvalue()))


def state() -> list[dict[str, Any]]:
    """Every column of every member, and their groups."""
    rows: list[dict[str, Any]] = [dict(row) for row in Member.objects.order_by("pk").values()]
    groups = Member.tags.through.objects.order_by("member_id", "tag_id").values_list("member_id", "tag_id")
    return [*rows, {"tags": list(groups)}]


def assert_comes_back_unchanged(branch: Branch, by: User, path: Path) -> int:
    """Out, back in, and nothing has changed or was complained of; how many rows."""
    before = state()
    rows = int(export(branch, by, path)["rows"])
    done = bring_back(branch, by, path)
    assert done["problems"] == []
    assert (done["created"], done["updated"], done["unchanged"], done["rows"]) == (0, 0, rows, rows)
    assert state() == before
    return rows
