"""Our own export, imported again: nothing is made, nothing changes, nothing is complained of."""

from __future__ import annotations

import csv
import io
import json
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from common.spreadsheet.reading import read_sheets
from common.text import clean, clean_lines
from membership.enums import AddressProtection, Category, Gender, MemberSource, MemberStatus
from membership.exporting.columns import register_columns
from membership.importing import own
from membership.importing.columns import Field
from membership.importing.values import _PLAIN
from membership.models import Branch, Member, MemberChange, Tag
from membership.models.member import GONE
from membership.roles import Permission, Role
from tests.factories import make_branch, make_county, make_member, make_officer
from tests.membership.round_trip import assert_comes_back_unchanged, bring_back, export, fill
from tests.membership.rows_told import NAUGHTY

pytestmark = pytest.mark.django_db
KINDS = pytest.mark.parametrize("kind", ["xlsx", "csv"])

# What the file does not carry, and why.
NOT_CARRIED = {
    "id": "the database's own",
    "municipal": "follows from the branch",
    "county": "follows from the branch",
    "sort_key": "made of the name",
    "search_text": "made of name, number, email and phones",
    "household_key": "made of address and name",
    "address_protection": "which of the two kinds it is, is never shown; a file never lifts it",
    "email_bounced_on": "told by our own mail; a new address clears it",
    "number_is_local": "our own mark until the central register gives a number",
    "created_in": "our own history",
    "created_at": "our own history",
    "updated_at": "our own history",
}
# Carried under another name than that of a plain value.
CARRIED_OTHERWISE = {"member_number", "branch", "birth_on", "birth_year", "category", "recruited_by"}


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def secretary(county: Branch) -> User:
    return make_officer(county, Role.COUNTY_SECRETARY)


FULL: dict[str, Any] = {
    "member_number": "007",
    "birth_on": date(1961, 3, 1),
    "birth_year": 1961,
    "gender": Gender.OTHER,
    "care_of": "v/ O'Brien",
    "street": "Strandvegen 1",
    "postal_code": "0150",
    "city": "Oslo",
    "email": "Ane.F@example.no",
    "mobile": "+4790012345",
    "mobile_ok": True,
    "phone": "12 34",
    "phone_ok": False,
    "language": "fkv",
    "status": MemberStatus.EXPELLED,
    "category": Category.HOUSEHOLD,
    "joined_on": date(1999, 12, 31),
    "left_on": date(2026, 2, 1),
    "source": MemberSource.STAND,
    "recruited_by_text": "Bestemor",
    "skills": "Snekker\nKjører buss",
    "no_email": True,
    "no_sms": True,
    "no_phone": True,
    "no_post": True,
    "no_newsletter": True,
    "no_meetings": True,
    "no_surveys": True,
    "no_recruitment": True,
    "fundraising_consent_on": date(2025, 1, 2),
    "guardian_consent_on": date(2024, 1, 2),
    "guardian_name": "Mor Fjellvær",
    "checked_on": date(2026, 11, 1),
    "note": "Ring på dagtid.\n\nHar nøkkel.",
}


def test_every_column_of_a_member_is_carried_or_says_why_not() -> None:
    columns = {column.name for column in Member._meta.concrete_fields}
    carried = set(_PLAIN.values()) | CARRIED_OTHERWISE
    assert columns - carried == set(NOT_CARRIED)
    assert carried & set(NOT_CARRIED) == set()
    written = {name for column in register_columns(set(Permission)) for name in column.needs}
    needed = {"branch" if name == "branch_id" else name.removesuffix("_id") for name in written} | {"branch"}
    assert carried <= needed


def test_the_full_member_of_these_tests_has_every_carried_column_filled() -> None:
    columns = {column.name for column in Member._meta.concrete_fields}
    given_elsewhere = {"first_name", "last_name", "branch", "recruited_by"}
    assert columns - set(NOT_CARRIED) - given_elsewhere == set(FULL)


@KINDS
def test_every_field_comes_back(county: Branch, kafjord: Branch, secretary: User, tmp_path: Path, kind: str) -> None:
    recruiter = make_member(kafjord, "Bo", "Berg")
    member = make_member(kafjord, "Ane", "Fjellvær", recruited_by=recruiter, **FULL)
    member.tags.set([Tag.objects.create(county=county, name=name) for name in ("Kvinner", "Ungdom; og mer")])
    path = tmp_path / f"ut.{kind}"
    assert assert_comes_back_unchanged(county, secretary, path) == 2

    # And a register that has forgotten everything gets it back, but for the consent that it does not have.
    blank = {name: getattr(Member(), name) for name in FULL if name != "member_number"}
    Member.objects.filter(pk=member.pk).update(recruited_by=None, first_name="", **blank)
    member.tags.clear()
    done = bring_back(county, secretary, path)
    assert (done["updated"], done["problems"]) == (1, [])
    found = Member.objects.get(pk=member.pk)
    wanted = FULL | {"fundraising_consent_on": None}
    assert {name: getattr(found, name) for name in FULL} == wanted
    assert (found.full_name, found.recruited_by_id) == ("Ane Fjellvær", recruiter.pk)
    assert sorted(found.tags.values_list("name", flat=True)) == ["Kvinner", "Ungdom; og mer"]


@KINDS
def test_all_who_have_not_left_come_back_from_all_branches(
    county: Branch, kafjord: Branch, secretary: User, tmp_path: Path, kind: str
) -> None:
    local = make_branch(kafjord, "Kåfjord", slug="kafjord-lokallag")
    for branch in (county, kafjord, local):
        for status in MemberStatus:
            make_member(branch, status=status)
    assert assert_comes_back_unchanged(county, secretary, tmp_path / f"ut.{kind}") == 9
    assert assert_comes_back_unchanged(kafjord, make_officer(kafjord), tmp_path / f"kafjord.{kind}") == 6


@KINDS
def test_names_that_are_all_in_capitals_stay_so(kafjord: Branch, tmp_path: Path, kind: str) -> None:
    for number in range(8):
        make_member(kafjord, "KARI ANNE", f"HANSEN {'ABCDEFGH'[number]}")
    assert_comes_back_unchanged(kafjord, make_officer(kafjord), tmp_path / f"ut.{kind}")


@KINDS
@pytest.mark.parametrize(
    "fields",
    [
        {"mobile": "+4777712345", "mobile_ok": True},
        {"mobile": "90012345 / 90012346", "mobile_ok": False},
        {"mobile": "ukjent", "mobile_ok": False, "phone": "-", "phone_ok": False},
        {"mobile": "=1+1", "mobile_ok": False},
        {"mobile": "", "mobile_ok": False, "phone": "+46701234567", "phone_ok": True},
        {"birth_year": 1950},
        {"birth_on": date(1900, 1, 1), "birth_year": 1900},
        {"birth_on": date(1899, 12, 31), "birth_year": 1899},
        {"postal_code": "984 92", "city": "Pajala"},
        {"postal_code": "SW1A 1AA", "city": "London"},
        {"postal_code": "99", "street": "Ingen", "city": "-"},
        {"street": "Storgata 1, 9146 Olderdalen", "postal_code": "", "city": ""},
        {"email": "test@ukjent.no"},
        {"email": "o'hara+liste@EXAMPLE.no"},
        {"member_number": "000123"},
        {"member_number": "1E5"},
        {"member_number": "12 345"},
        {"member_number": "=HYPERLINK()"},
        {"first_name": "Sum", "last_name": ""},
        {"first_name": "", "last_name": ""},
        {"first_name": "Nil", "last_name": "Null"},
        {"first_name": "'s-Gravenhage", "last_name": "@SUM(1)"},
        {"first_name": "'=1", "last_name": "''=1"},
        {"last_name": "Utmeldt"},
        {"first_name": "Ola, Kari", "last_name": "a;b"},
        {"joined_on": date(2027, 1, 1)},
        {"note": "\\n er ikke linjeskift"},
        {"note": "_x000D_"},
        {"note": "x" * 5000},
        {"note": '"'},
        {"care_of": '"; "'},
        {"language": "smj"},
        {"recruited_by_text": "12345"},
    ],
    ids=str,
)
def test_what_a_reader_of_foreign_files_would_correct_comes_back(
    kafjord: Branch, tmp_path: Path, kind: str, fields: dict[str, Any]
) -> None:
    make_member(kafjord, **fields)
    assert_comes_back_unchanged(kafjord, make_officer(kafjord), tmp_path / f"ut.{kind}")


@KINDS
def test_two_who_may_be_one_person_are_no_matter_for_our_own_file(kafjord: Branch, tmp_path: Path, kind: str) -> None:
    for _number in range(2):
        make_member(kafjord, birth_on=date(1980, 1, 1), birth_year=1980, email="begge@example.no")
    assert_comes_back_unchanged(kafjord, make_officer(kafjord), tmp_path / f"ut.{kind}")


def naughty() -> list[str]:
    """Each naughty string as a form would store it."""
    if not NAUGHTY.exists():
        pytest.skip("the shared corpora are not here")
    corpora = NAUGHTY.parents[1]
    strings = list(json.loads(NAUGHTY.read_text(encoding="utf-8")))
    for path in sorted((corpora / "payloadbox-csv").rglob("*.txt")):
        strings += path.read_text(encoding="utf-8").splitlines()
    for path in sorted((corpora / "csv-spectrum").rglob("*.csv")):
        strings += [cell for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))) for cell in row]
    return [text for text in dict.fromkeys(strings) if clean(text)]


TEXTS = ("first_name", "last_name", "care_of", "street", "city", "recruited_by_text", "guardian_name")


@KINDS
def test_naughty_strings_come_back_in_every_text(county: Branch, tmp_path: Path, kind: str) -> None:
    branch = make_branch(county)
    people: list[dict[str, Any]] = []
    for number, text in enumerate(naughty()):
        texts = {name: clean(text)[:80].rstrip() for name in TEXTS}
        phones = {"mobile": clean(text)[:40].rstrip(), "mobile_ok": False, "phone": clean(text)[:40].rstrip()}
        lines = {"note": clean_lines(f"{text}\n{text}"), "skills": clean_lines(text)}
        numbers = {"member_number": f"{number}{clean(text)}"[:32].rstrip(), "postal_code": clean(text)[:12].rstrip()}
        people.append(texts | phones | lines | numbers)
    through, made = Member.tags.through, fill(branch, people)
    names = {clean(text)[:60].rstrip() for text in naughty()}
    tags = Tag.objects.bulk_create(Tag(county=county, name=name) for name in sorted(names))
    through.objects.bulk_create(through(member_id=made[place].pk, tag_id=tag.pk) for place, tag in enumerate(tags))
    assert assert_comes_back_unchanged(branch, make_officer(branch), tmp_path / f"ut.{kind}") > 400


def test_nothing_in_the_text_file_runs_as_a_formula(kafjord: Branch, tmp_path: Path) -> None:
    fill(kafjord, ({"first_name": clean(text)[:120].rstrip(), "note": clean_lines(text)} for text in naughty()))
    path = tmp_path / "ut.csv"
    export(kafjord, make_officer(kafjord), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert len(rows) > 400
    assert [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []


def test_a_protected_address_is_neither_written_nor_wiped(kafjord: Branch, tmp_path: Path) -> None:
    fields = {"street": "Hemmelig vei 1", "care_of": "v/ Skjult", "postal_code": "9991", "city": "Gjemt"}
    member = make_member(kafjord, "Ane", address_protection=AddressProtection.CONFIDENTIAL, **fields)
    strict = make_member(kafjord, "Usynlig", "Person", address_protection=AddressProtection.STRICT, **fields)
    officer, path = make_officer(kafjord), tmp_path / "ut.csv"
    assert_comes_back_unchanged(kafjord, officer, path)
    text = path.read_text(encoding="utf-8-sig")
    assert "Ane" in text
    assert not any(word in text for word in (*fields.values(), "Usynlig", strict.member_number, "confidential"))
    assert export(kafjord, officer, tmp_path / "ut.xlsx") == {"rows": 1, "left_out": 1}
    member.refresh_from_db()
    assert (member.street, member.address_hidden) == ("Hemmelig vei 1", True)
    assert not MemberChange.objects.exists()


def test_the_note_goes_out_with_its_own_right_only(kafjord: Branch, tmp_path: Path) -> None:
    make_member(kafjord, note="Bare for medlemsansvarlig")
    treasurer = make_officer(kafjord, Role.TREASURER)
    path = tmp_path / "ut.csv"
    export(kafjord, treasurer, path)
    assert "Bare for" not in path.read_text(encoding="utf-8-sig")
    assert own.HEADINGS[Field.NOTE] not in path.read_text(encoding="utf-8-sig")
    assert bring_back(kafjord, make_officer(kafjord), path)["unchanged"] == 1


def test_a_recruiter_elsewhere_is_not_named(county: Branch, kafjord: Branch, tmp_path: Path) -> None:
    recruiter = make_member(make_branch(county, "Lyngen"), "Annet", "Sted")
    make_member(kafjord, recruited_by=recruiter)
    path = tmp_path / "ut.csv"
    assert_comes_back_unchanged(kafjord, make_officer(kafjord), path)
    text = path.read_text(encoding="utf-8-sig")
    assert recruiter.member_number not in text
    assert "Annet" not in text


def test_the_file_says_who_made_it_and_only_its_owner_may_read_it(kafjord: Branch, tmp_path: Path) -> None:
    make_member(kafjord)
    officer, path = make_officer(kafjord, name="Kari Nordvik"), tmp_path / "ut.xlsx"
    export(kafjord, officer, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (sheet,) = read_sheets(path, "ut.xlsx").sheets
    above = [str(row.cells[0]) for row in sheet.rows[:6]]
    assert kafjord.name in above[0]
    assert "Kari Nordvik" in above[1]
    assert own.MARKER in above
    event = AuditEvent.objects.get(verb=Verb.MEMBERS_EXPORTED)
    assert (event.actor_id, event.branch_id, event.count) == (officer.pk, kafjord.pk, 1)


def test_a_file_that_is_there_is_not_written_over(kafjord: Branch, tmp_path: Path) -> None:
    path = tmp_path / "ut.csv"
    path.write_text("mitt eget", encoding="utf-8")
    with pytest.raises(CommandError, match="there already"):
        export(kafjord, make_officer(kafjord), path)
    assert path.read_text(encoding="utf-8") == "mitt eget"
    assert not AuditEvent.objects.filter(verb=Verb.MEMBERS_EXPORTED).exists()


@pytest.mark.parametrize("role", [Role.CALLER, Role.BRANCH_LEADER, Role.COMMITTEE_READER])
def test_one_without_the_right_gets_nothing(kafjord: Branch, tmp_path: Path, role: Role) -> None:
    with pytest.raises(CommandError, match="no right"):
        export(kafjord, make_officer(kafjord, role), tmp_path / "ut.csv")
    assert not (tmp_path / "ut.csv").exists()


def test_another_branchs_officer_gets_nothing(county: Branch, kafjord: Branch, tmp_path: Path) -> None:
    officer = make_officer(make_branch(county, "Lyngen"))
    for branch in (county, kafjord):
        with pytest.raises(CommandError, match="no right"):
            export(branch, officer, tmp_path / "ut.csv")


def test_a_name_without_a_known_ending_and_a_folder_that_is_not_there_are_told_so(
    kafjord: Branch, tmp_path: Path
) -> None:
    officer = make_officer(kafjord)
    with pytest.raises(CommandError, match=r"\.xlsx or \.csv"):
        export(kafjord, officer, tmp_path / "ut.pdf")
    with pytest.raises(CommandError, match=r"ut\.csv"):
        export(kafjord, officer, tmp_path / "mangler" / "ut.csv")
    assert export(kafjord, officer, tmp_path / "ut", format="csv")["rows"] == 0


# --- Any member ------------------------------------------------------------------------------------------------------

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
LINE = ANY.map(clean)
DAY = st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31))
PHONE = st.sampled_from([("", False), ("+4790012345", True), ("+46701234567", True)]) | LINE.map(
    lambda text: (text[:40].rstrip(), False)
)


@st.composite
def members(draw: st.DrawFn) -> dict[str, Any]:
    born = draw(DAY)
    mobile, phone = draw(PHONE), draw(PHONE)
    return {
        **{name: draw(LINE) for name in (*TEXTS, "recruited_by_text")},
        **{name: draw(DAY) for name in ("joined_on", "left_on", "fundraising_consent_on", "guardian_consent_on")},
        **{name: draw(st.booleans()) for name in ("no_email", "no_sms", "no_phone", "no_post", "no_surveys")},
        **{name: draw(ANY.map(clean_lines)) for name in ("note", "skills")},
        "birth_on": born,
        "birth_year": born.year if born else draw(st.none() | st.integers(1900, 2026)),
        "mobile": mobile[0],
        "mobile_ok": mobile[1],
        "phone": phone[0],
        "phone_ok": phone[1],
        "postal_code": draw(LINE)[:12].rstrip(),
        "gender": draw(st.sampled_from(Gender)),
        "status": draw(st.sampled_from([status for status in MemberStatus if status not in GONE])),
        "category": draw(st.sampled_from(Category)),
        "source": draw(st.sampled_from([*MemberSource, ""])),
    }


@KINDS
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(several=st.lists(members(), min_size=1, max_size=6))
def test_any_member_comes_back(kafjord: Branch, tmp_path: Path, kind: str, several: list[dict[str, Any]]) -> None:
    Member.objects.all().delete()
    fill(kafjord, several)
    path = tmp_path / f"ut.{kind}"
    path.unlink(missing_ok=True)
    assert_comes_back_unchanged(kafjord, make_officer(kafjord), path)
