"""The import beside a bare `bulk_create` of the same rows into the same table; both are rolled back."""

from __future__ import annotations

import tempfile
from datetime import date
from functools import lru_cache
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from django.db import transaction

_HEADER = [
    "Medlemsnummer",
    "Fornavn",
    "Etternavn",
    "Fødselsdato",
    "Kjønn",
    "Adresse",
    "Postnr",
    "Poststed",
    "Mobil",
    "E-post",
    "Innmeldt",
    "Betalt",
]


@lru_cache
def _file(rows: int) -> Path:
    """A register of so many new members, with ordinary dirt, as xlsx."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Medlemmer")
    sheet.append(["Medlemsliste"])
    sheet.append(_HEADER)
    for n in range(rows):
        sheet.append(
            [
                f"B{n:07d}",
                ("Áile", "Ola", "Kari Anne", "Ragnhild")[n % 4],
                ("Somby", "Nordvik", "Å", "Bergersen")[n % 4] + f"{n % 97}",
                date(1950 + n % 50, 1 + n % 12, 1 + n % 28) if n % 3 else f"{1 + n % 28:02d}.{1 + n % 12:02d}.1970",
                "KM"[n % 2],
                f"Sjøveien {n % 300}",
                9144 if n % 2 else "9144",
                "Samuelsberg",
                f"+47 000 {n % 100000:05d}" if n % 5 else float(f"9{n % 10000000:07d}"),
                f"medlem{n}@example.no",
                date(2015 + n % 10, 1 + n % 12, 1),
                "ja" if n % 7 else "",
            ]
        )
    path = Path(tempfile.mkdtemp(prefix="medlemsboka-bench-")) / "register.xlsx"
    book.save(path)
    return path


class _Undo(Exception):
    """Ends the transaction."""


def import_rows(rows: int) -> dict[str, Any]:
    """Read, preview (the dry run) and apply; figures of those three together."""
    from accounts.models import User
    from common import clock
    from membership.extensions import registry
    from membership.importing.applying import Applying
    from membership.importing.asked import Asked
    from membership.importing.handlers import cleaned_options
    from membership.importing.places import Places
    from membership.importing.preview import make_preview
    from membership.importing.source import open_source
    from membership.models import Branch

    path, today = _file(rows), clock.today()
    branch = Branch.objects.counties().get()
    user = User.objects.get(email="fylkessekretaer@demo.example")
    options = cleaned_options(branch, {e.name: {"year": str(today.year)} for e in registry.imports}, today)
    cpu, wall = process_time(), perf_counter()
    tally = None
    try:
        with transaction.atomic():
            source = open_source(path, path.name, year=today.year)
            places = Places(branch)
            # Some share a number with somebody in the demo; here they are new all the same.
            asked = Asked(undecided_are_new=True)
            make_preview(source.rows(today=today, year=today.year), places, today=today, asked=asked)
            applying = Applying(places, options, by=user, today=today, asked=asked)
            tally = applying.run(source.rows(today=today, year=today.year))
            figures = {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
            raise _Undo
    except _Undo:
        pass
    if tally is None or tally.created != rows:
        raise ValueError(f"imported {tally and tally.created} of {rows} rows")
    return figures


def import_changed(rows: int, every: int = 10) -> dict[str, Any]:
    """Read, preview and apply a file of members who are all in the register, of whom each tenth has another name.

    No dues are asked for: it is the register's own part that is measured.
    """
    from accounts.models import User
    from common import clock
    from membership.extensions import registry
    from membership.importing.applying import Applying
    from membership.importing.handlers import cleaned_options
    from membership.importing.places import Places
    from membership.importing.preview import make_preview
    from membership.importing.source import open_source
    from membership.models import Branch

    path, today = _file(rows), clock.today()
    branch = Branch.objects.counties().get()
    user = User.objects.get(email="fylkessekretaer@demo.example")
    chosen = {extension.name: {"year": str(today.year), "rate": "", "due_on": ""} for extension in registry.imports}
    options = cleaned_options(branch, chosen, today)
    figures, tally = {}, None
    try:
        with transaction.atomic():
            _put_in(path, branch, every)
            cpu, wall = process_time(), perf_counter()
            source = open_source(path, path.name, year=today.year)
            places = Places(branch)
            make_preview(source.rows(today=today, year=today.year), places, today=today)
            tally = Applying(places, options, by=user, today=today).run(source.rows(today=today, year=today.year))
            figures = {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
            raise _Undo
    except _Undo:
        pass
    told = tally and (tally.updated, tally.unchanged)
    if told != (rows // every, rows - rows // every):
        raise ValueError(f"changed and left alone: {told} of {rows} rows")
    return figures


def bulk_update_rows(rows: int, every: int = 10) -> dict[str, Any]:
    """The yardstick: reading as many members, and a bare `bulk_update` of each tenth in the columns that change."""
    from membership.actions.members import derive
    from membership.models import Branch, Member

    path, branch = _file(rows), Branch.objects.counties().get()
    figures: dict[str, Any] = {}
    try:
        with transaction.atomic():
            _put_in(path, branch, every)
            cpu, wall = process_time(), perf_counter()
            members = list(Member.objects.filter(member_number__startswith="B").order_by("pk").iterator(1000))
            changed = members[::every]
            for member in changed:
                member.last_name = member.last_name.removeprefix("Gammel ")
                derive(member)
            Member.objects.bulk_update(changed, ["last_name", "sort_key", "search_text"], batch_size=100)
            figures = {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
            raise _Undo
    except _Undo:
        return figures


def _put_in(path: Path, branch: Any, every: int) -> None:
    """The file's members into the register, each tenth under a former name."""
    from common import clock
    from membership.actions.members import derive
    from membership.importing.source import open_source
    from membership.importing.values import attributes
    from membership.models import Member, Placement

    today = clock.today()
    members = []
    for place, row in enumerate(open_source(path, path.name, year=today.year).rows(today=today, year=today.year)):
        member = Member(member_number=row.values["member_number"], **attributes(row.values))
        if place % every == 0:
            member.last_name = f"Gammel {member.last_name}"
        derive(member, branch)
        members.append(member)
    made = Member.objects.bulk_create(members, batch_size=1000)
    Placement.objects.bulk_create(
        (Placement(member=member, branch=branch, from_on=member.joined_on) for member in made), batch_size=1000
    )


def bulk_create_rows(rows: int) -> dict[str, Any]:
    """The yardstick: `Member.objects.bulk_create`, with the table's indexes and triggers."""
    from membership.actions.members import derive
    from membership.models import Branch, Member

    branch = Branch.objects.counties().get()
    members = []
    for n in range(rows):
        member = Member(
            member_number=f"B{n:07d}",
            first_name="Áile",
            last_name=f"Somby{n % 97}",
            street=f"Sjøveien {n % 300}",
            postal_code="9144",
            city="Samuelsberg",
            mobile=f"+47000{n % 100000:05d}",
            email=f"medlem{n}@example.no",
            joined_on=date(2015, 1, 1),
        )
        derive(member, branch)
        members.append(member)
    cpu, wall = process_time(), perf_counter()
    try:
        with transaction.atomic():
            Member.objects.bulk_create(members, batch_size=1000)
            figures = {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
            raise _Undo
    except _Undo:
        return figures
