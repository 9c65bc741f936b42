"""Who a row is: by its number, by one the member had before, by what the officer says; never by a guess."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common.spreadsheet.sheets import Cell
from membership.actions.erasure import erase
from membership.enums import AddressProtection, MemberStatus
from membership.importing.applying import Applying
from membership.importing.asked import NEW, SKIP, UPDATE, Asked, Decision
from membership.importing.columns import Field
from membership.importing.handlers import cleaned_options
from membership.importing.places import Places
from membership.importing.preview import Preview, Tally, make_preview
from membership.importing.rows import Row, read_rows
from membership.models import Branch, ChangeBatch, ErasedNumber, FormerNumber, Member, MemberChange
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer
from tests.membership.rows_told import mapping_of, sheet_of

pytestmark = pytest.mark.django_db

FIELDS = (
    Field.MEMBER_NUMBER, Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL, Field.MOBILE, Field.BIRTH_DATE, Field.ADDRESS,
)  # fmt: skip


class Desk:
    """One officer's branch, and rows to let in."""

    def __init__(self) -> None:
        self.county = make_county()
        self.branch = make_branch(self.county, "Kåfjord")
        self.officer: User = make_officer(self.branch)

    def rows(self, lines: Sequence[Sequence[Cell]], fields: Sequence[Field] = FIELDS) -> list[Row]:
        """Lines as a file would give them; the first row of members is row 2."""
        head: list[Cell] = [str(field.label) for field in fields]
        return list(read_rows(sheet_of([head, *lines]), mapping_of(*fields), today=TODAY, year=2026))

    def preview(self, *lines: Sequence[Cell], asked: Asked | None = None, branch: Branch | None = None) -> Preview:
        """What the officer would see."""
        return make_preview(self.rows(lines), Places(branch or self.branch), today=TODAY, asked=asked)

    def run(
        self, *lines: Sequence[Cell], asked: Asked | None = None, fields: Sequence[Field] = FIELDS, **decisions: Any
    ) -> Tally:
        """Let the lines in; `row2=…` says what becomes of row 2."""
        said = {int(name.removeprefix("row")): decision for name, decision in decisions.items()}
        asked = asked or Asked(decisions=said)
        options = cleaned_options(self.branch, {}, TODAY)
        applying = Applying(Places(self.branch), options, by=self.officer, today=TODAY, asked=asked)
        return applying.run(self.rows(lines, fields))


@pytest.fixture
def desk() -> Desk:
    """An officer in Kåfjord."""
    return Desk()


def told(tally: Tally) -> list[tuple[int, str]]:
    return [(problem.row, str(problem.severity)) for problem in tally.problems]


LOOKALIKES: list[tuple[str, dict[str, Any], list[Cell]]] = [
    ("email", {"email": "Kari@example.no"}, ["9", "Helt", "Annen", "Kari@example.no"]),
    ("mobile", {"mobile": "+4700000142"}, ["9", "Helt", "Annen", None, "000 00 142"]),
    (
        "name and day of birth",
        {"birth_on": date(1980, 5, 1), "birth_year": 1980},
        ["9", "Ane", "Fjellvær", None, None, "01.05.1980"],
    ),
    ("name and year of birth", {"birth_year": 1980}, ["9", "Ane", "FJELLVÆR", None, None, "01.05.1980"]),
    ("name and address", {"street": "Sjøveien 14"}, ["9", "Ane", "Fjellvær", None, None, None, "sjøveien 14"]),
    ("a name and nothing else", {}, [None, "Ane", "Fjellvær"]),
]


@pytest.mark.parametrize(("known", "line"), [case[1:] for case in LOOKALIKES], ids=[case[0] for case in LOOKALIKES])
def test_who_looks_alike_is_asked_about_and_nothing_is_written(
    desk: Desk, known: dict[str, Any], line: list[Cell]
) -> None:
    member = make_member(desk.branch, "Ane", "Fjellvær", **known)
    preview = desk.preview(line, ["10", "Ola", "Nes"])
    assert [(row["row"], row["candidates"]) for row in preview.waiting] == [(2, [member.pk])]
    assert (preview.tally.waiting, preview.tally.created, preview.tally.refused) == (1, 1, 0)

    tally = desk.run(line, ["10", "Ola", "Nes"])
    assert (tally.waiting, tally.created) == (1, 1)
    assert told(tally) == [(2, "waits")]
    assert set(Member.objects.exclude(pk=member.pk).values_list("member_number", flat=True)) == {"10"}
    before = member.full_name
    member.refresh_from_db()
    assert member.full_name == before


def test_name_alone_is_no_likeness_where_the_row_tells_more(desk: Desk) -> None:
    make_member(desk.branch, "Ane", "Fjellvær", birth_on=date(1980, 5, 1), birth_year=1980)
    assert desk.run(["9", "Ane", "Fjellvær", "ane@example.no", None, "01.05.1981"]).created == 1


def test_a_protected_address_is_not_told_by_whom_it_fits(desk: Desk) -> None:
    make_member(desk.branch, "Ane", "Fjellvær", street="Sjøveien 14", address_protection=AddressProtection.CONFIDENTIAL)
    assert not desk.preview(["9", "Ane", "Fjellvær", None, None, None, "Sjøveien 14"]).waiting


def test_members_of_others_are_no_candidates(desk: Desk) -> None:
    make_member(make_branch(desk.county, "Tromsø"), email="kari@example.no")
    assert desk.run(["9", "Kari", "Ny", "kari@example.no"]).created == 1


@pytest.mark.parametrize("level", ["county", "municipal", "local"])
def test_candidates_are_found_from_every_level(desk: Desk, level: str) -> None:
    local = make_branch(desk.branch, "Manndalen")
    branch = {"county": desk.county, "municipal": desk.branch, "local": local}[level]
    member = make_member(local, email="Ane@example.no", mobile="+4700000142")
    make_member(make_branch(desk.county, "Tromsø") if level != "county" else branch, email="siri@example.no")
    preview = desk.preview(
        ["9", "Kari", "Ny", "ane@example.no"], ["10", "Ola", "Ny", None, "000 00 142"], branch=branch
    )
    assert [row["candidates"] for row in preview.waiting] == [[member.pk], [member.pk]]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite says in one line which index it goes by")
def test_candidates_are_looked_up_by_their_index(desk: Desk) -> None:
    make_member(desk.branch, email="ane@example.no")
    with CaptureQueriesContext(connection) as queries:
        desk.preview(["9", "Kari", "Ny", "ane@example.no", "000 00 142"])
    asked = [query["sql"] for query in queries if '"member_number"' in query["sql"] and " IN (" in query["sql"]]
    plans = []
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plans.append(" ".join(str(row[-1]) for row in cursor.fetchall()))
    for index in ("member_email", "member_mobile"):
        assert any(index in plan for plan in plans), plans


def test_who_has_a_row_of_their_own_is_nobody_elses_candidate(desk: Desk) -> None:
    make_member(desk.branch, "Ola", "Nes", member_number="8", email="familien@example.no")
    tally = desk.run(["9", "Kari", "Nes", "familien@example.no"], ["8", "Ola", "Nes", "familien@example.no"])
    assert (tally.created, tally.unchanged, tally.waiting) == (1, 1, 0)


def test_members_made_by_the_same_import_are_no_candidates(desk: Desk) -> None:
    asked = Asked(new_without_number=True)
    lines: list[list[Cell]] = [["9", "Ola", "Nes", "familien@example.no"]]
    # More than one chunk, so that the first are in the register when the second is read.
    lines += [[f"N{n}", "En", f"Til{n}", f"n{n}@example.no"] for n in range(1000)]
    lines.append(["10", "Kari", "Nes", "familien@example.no"])
    assert desk.run(*lines, asked=asked).created == 1002


def test_update_takes_the_files_number_for_one_that_was_given_here(desk: Desk) -> None:
    member = make_member(desk.branch, member_number="L10001", number_is_local=True, email="ane@example.no")
    line: list[Cell] = ["1001", "Ane", "Nyvær", "ane@example.no"]
    tally = desk.run(line, row2=Decision(UPDATE, member.pk))
    member.refresh_from_db()
    assert (tally.updated, tally.waiting) == (1, 0)
    assert (member.member_number, member.number_is_local, member.last_name) == ("1001", False, "Nyvær")
    assert FormerNumber.objects.get().number == "L10001"
    assert "1001" in member.search_text
    # The older file means the same member.
    assert desk.run(["L10001", "Ane", "Nyvær", "ane@example.no"]).unchanged == 1


def test_update_keeps_a_number_of_the_central_registers_and_the_files_leads_to_it(desk: Desk) -> None:
    member = make_member(desk.branch, member_number="77", email="ane@example.no")
    line: list[Cell] = ["1001", "Ane", "Fjellvær", "ane@example.no"]
    desk.run(line, row2=Decision(UPDATE, member.pk))
    member.refresh_from_db()
    assert member.member_number == "77"
    assert desk.run(line).unchanged == 1
    assert Member.objects.count() == 1


def test_new_makes_a_member_and_skip_makes_none(desk: Desk) -> None:
    make_member(desk.branch, email="ane@example.no")
    lines: list[list[Cell]] = [
        ["1001", "Anne", "Dahl", "ane@example.no"],
        ["1002", "Anny", "Dahl", "ane@example.no"],
        [None, "Andrea", "Dahl", "ane@example.no"],
    ]
    tally = desk.run(*lines, row2=Decision(NEW), row3=Decision(SKIP), row4=Decision(NEW))
    assert (tally.created, tally.refused, tally.waiting) == (2, 1, 0)
    made = Member.objects.filter(last_name="Dahl").order_by("id").values_list("member_number", "number_is_local")
    assert list(made) == [("1001", False), ("L10001", True)]


def test_a_decision_about_somebody_who_has_left_the_branch_waits_again(desk: Desk) -> None:
    stranger = make_member(make_branch(desk.county, "Tromsø"), "Siri", "Fremmed", email="siri@example.no")
    here = make_member(desk.branch, email="ane@example.no")
    tally = desk.run(["1001", "Ane", "Ny", "ane@example.no"], row2=Decision(UPDATE, stranger.pk))
    stranger.refresh_from_db()
    here.refresh_from_db()
    assert tally.waiting == 1
    assert (stranger.last_name, here.last_name) == ("Fremmed", "Fjellvær")


def test_two_rows_cannot_both_be_one_member(desk: Desk) -> None:
    member = make_member(desk.branch, email="ane@example.no")
    lines: list[list[Cell]] = [["1001", "Ane", "En", "ane@example.no"], ["1002", "Ane", "To", "ane@example.no"]]
    tally = desk.run(*lines, row2=Decision(UPDATE, member.pk), row3=Decision(UPDATE, member.pk))
    member.refresh_from_db()
    assert (tally.updated, tally.waiting, member.last_name) == (1, 1, "En")


def test_a_former_number_means_the_member_it_points_to(desk: Desk) -> None:
    member = make_member(desk.branch, member_number="8")
    FormerNumber.objects.create(number="7", member=member)
    assert desk.run(["7", "Ane", "Dahl"]).updated == 1
    member.refresh_from_db()
    assert (member.member_number, member.last_name) == ("8", "Dahl")


def test_of_a_members_number_and_a_former_one_in_one_file_the_second_is_left_out(desk: Desk) -> None:
    member = make_member(desk.branch, member_number="8")
    for number in ("6", "7"):
        FormerNumber.objects.create(number=number, member=member)
    tally = desk.run(["7", "Ane", "Gammel"], ["8", "Ane", "Dahl"])
    assert (tally.updated, told(tally)) == (1, [(2, "refused")])
    # Two former numbers, and not its own.
    assert told(desk.run(["6", "Ane", "Dahl"], ["7", "Ane", "Gammel"])) == [(3, "refused")]
    member.refresh_from_db()
    assert member.last_name == "Dahl"


def test_a_former_number_of_anothers_member_tells_nothing(desk: Desk) -> None:
    stranger = make_member(make_branch(desk.county, "Tromsø"), "Siri", "Fremmed", member_number="8")
    FormerNumber.objects.create(number="7", member=stranger)
    tally = desk.run(["7", "Siri", "Dahl"], ["8", "Siri", "Dahl"])
    assert told(tally) == [(2, "refused"), (3, "refused")]
    assert len({problem.what for problem in tally.problems}) == 1


def test_rows_without_a_number_go_in_only_when_asked_for(desk: Desk) -> None:
    lines: list[list[Cell]] = [[None, "Ola", "Nes", "ola@example.no"], [None, "Eva", "Nes", "eva@example.no"]]
    assert (desk.run(*lines).refused, desk.preview(*lines).tally.numberless) == (2, 2)
    assert not Member.objects.exists()
    assert desk.run(*lines, asked=Asked(new_without_number=True)).created == 2
    assert set(Member.objects.values_list("member_number", flat=True)) == {"L10001", "L10002"}
    # The same file again asks, and doubles nobody.
    assert desk.run(*lines, asked=Asked(new_without_number=True)).waiting == 2


def test_the_candidates_cost_as_many_queries_for_one_row_as_for_many(desk: Desk) -> None:
    make_member(desk.branch, email="ane@example.no")
    counts = []
    for many in (1, 40):
        lines: list[list[Cell]] = [[f"{n}", "Ane", f"Ny{n}", "ane@example.no", f"000 01 {n:03d}"] for n in range(many)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            desk.preview(*lines)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_erased_member_does_not_come_back_with_an_older_file(desk: Desk) -> None:
    member = make_member(desk.branch, "Ane", "Borte", member_number="8")
    FormerNumber.objects.create(number="7", member=member)
    erase(member, by=desk.officer, now=NOW, today=TODAY)
    assert not Member.objects.exists()
    assert ErasedNumber.objects.count() == 2
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.JOINED)
    lines: list[list[Cell]] = [["8", "Ane Borte", "01.02.2020"], ["7", "Ane Borte", None]]
    tally = desk.run(*lines, fields=fields)
    assert (tally.created, told(tally)) == (0, [(2, "refused"), (3, "refused")])
    assert all("Borte" not in problem.reason for problem in tally.problems)
    # Who joined anew after that day is a member.
    assert desk.run(["8", "Ane Borte", date(2026, 12, 1)], fields=fields).created == 0
    ErasedNumber.objects.update(erased_on=date(2025, 1, 1))
    assert desk.run(["8", "Ane Borte", "01.02.2026"], fields=fields).created == 1


def test_empty_cells_empty_fields_only_when_asked_and_never_the_protected_ones(desk: Desk) -> None:
    fields = (
        Field.MEMBER_NUMBER, Field.FULL_NAME, Field.EMAIL, Field.MOBILE, Field.BIRTH_DATE, Field.ADDRESS,
        Field.NOTE, Field.NO_PHONE, Field.STATUS,
    )  # fmt: skip
    kept: dict[str, Any] = {"note": "Kan bake.", "no_phone": True, "street": "Sjøveien 14", "birth_year": 1980}
    open_one = make_member(desk.branch, member_number="8", **kept)
    hidden = make_member(
        desk.branch, member_number="9", address_protection=AddressProtection.STRICT, **kept, email="", mobile=""
    )
    lines: list[list[Cell]] = [["8", "Ane Fjellvær"], ["9", "Ane Fjellvær"]]
    rows = desk.rows(lines, fields)
    tally = make_preview(rows, Places(desk.branch), today=TODAY).tally
    # Email, mobile, birth and street of one; birth of the other.
    assert (tally.updated, tally.emptied) == (0, 5)
    assert desk.run(*lines, fields=fields).unchanged == 2
    tally = desk.run(*lines, fields=fields, asked=Asked(empties_wipe=True))
    assert tally.updated == 2
    for member in (open_one, hidden):
        member.refresh_from_db()
        assert (member.note, member.no_phone, member.status) == ("Kan bake.", True, MemberStatus.MEMBER)
        assert (member.email, member.mobile, member.mobile_ok, member.birth_year) == ("", "", member.mobile_ok, None)
        assert member.full_name == "Ane Fjellvær"
    assert (open_one.street, open_one.mobile_ok, hidden.street) == ("", False, "Sjøveien 14")
    assert hidden.address_protection == AddressProtection.STRICT


def test_protection_and_reservations_survive_an_import(desk: Desk) -> None:
    member = make_member(
        desk.branch,
        member_number="8",
        address_protection=AddressProtection.STRICT,
        no_email=True,
        no_newsletter=True,
        fundraising_consent_on=date(2024, 1, 1),
    )
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.NO_EMAIL, Field.ADDRESS, Field.CITY)
    desk.run(["8", "Ane Dahl", "nei", "Nyveien 1", "Olderdalen"], fields=fields)
    member.refresh_from_db()
    assert (member.address_protection, member.no_email, member.no_newsletter) == (AddressProtection.STRICT, True, True)
    assert (member.last_name, member.household_key) == ("Dahl", "")
    assert member.fundraising_consent_on == date(2024, 1, 1)


def test_under_15_comes_in_as_applied_and_who_is_in_stays(desk: Desk) -> None:
    fields = (Field.MEMBER_NUMBER, Field.FULL_NAME, Field.BIRTH_DATE, Field.STATUS)
    inside = make_member(desk.branch, member_number="8")
    applied = make_member(desk.branch, member_number="9", status=MemberStatus.APPLIED)
    consented = make_member(
        desk.branch, member_number="10", status=MemberStatus.APPLIED, guardian_consent_on=date(2026, 1, 1)
    )
    tally = desk.run(
        ["1", "Liten En", "21.11.2011", None],
        ["2", "Stor Nok", "20.11.2011", None],
        ["3", "Kan Være", "2011", None],
        ["4", "Bare År", "2012", None],
        ["8", "Ane Fjellvær", "01.01.2013", None],
        ["9", "Ane Fjellvær", "01.01.2013", "Medlem"],
        ["10", "Ane Fjellvær", "01.01.2013", "Medlem"],
        fields=fields,
    )
    status = dict(Member.objects.values_list("member_number", "status"))
    assert status == {
        "1": MemberStatus.APPLIED,
        "2": MemberStatus.MEMBER,
        "3": MemberStatus.APPLIED,
        "4": MemberStatus.APPLIED,
        inside.member_number: MemberStatus.MEMBER,
        applied.member_number: MemberStatus.APPLIED,
        consented.member_number: MemberStatus.MEMBER,
    }
    assert [row for row, severity in told(tally) if severity == "problem"] == [2, 4, 5, 7]


def test_an_import_is_one_piece_of_work_with_a_history(desk: Desk) -> None:
    member = make_member(desk.branch, member_number="8")
    desk.run(["8", "Ane", "Dahl"], ["9", "Ola", "Nes"])
    batch = ChangeBatch.objects.get()
    change = MemberChange.objects.get()
    assert (change.member, change.batch, change.field, change.before) == (member, batch, "last_name", "Fjellvær")
    assert batch.created_members.get().member_number == "9"
