"""What an officer answers on the preview: who a row is, empty cells, no number; and columns read as last time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from membership.actions import imports
from membership.enums import AddressProtection, ImportState
from membership.importing.asked import asked_of
from membership.models import Branch, ColumnMemory, Member, RegisterImport
from membership.roles import Role
from tests.factories import make_branch, make_county, make_member, make_officer
from tests.membership.test_import_views import UPLOAD, form_of

# Jobs start when the upload's transaction commits.
pytestmark = pytest.mark.django_db(transaction=True)

ClientFor = Callable[[User], Client]


@pytest.fixture
def officer() -> User:
    """An officer in Kåfjord."""
    return make_officer(make_branch(make_county(), "Kåfjord"))


def branch_of(user: User) -> Branch:
    return user.grants.get().branch


def county_of(user: User) -> Branch:
    return Branch.objects.get(pk=branch_of(user).root_id)


def upload(client: Client, content: str) -> RegisterImport:
    """Send a file; the import it became. The clock stands still, so the newest is not told by its time."""
    before = set(RegisterImport.objects.values_list("pk", flat=True))
    client.post(UPLOAD, {"file": SimpleUploadedFile("medlemmer.csv", content.encode())})
    return RegisterImport.objects.exclude(pk__in=before).get()


def at(made: RegisterImport) -> str:
    return f"{UPLOAD}{made.pk}/"


def send(client: Client, made: RegisterImport, handling: str = "importer", **answers: str) -> Any:
    form = form_of(client.get(at(made))) | answers
    response = client.post(at(made), form | {"handling": handling})
    made.refresh_from_db()
    return response


MATCHES = "Medlemsnr;Fornavn;Etternavn;E-post\n1001;Anne;Ny;ane@example.no\n1002;Ola;Nes;\n"


def test_the_files_row_stands_beside_who_it_may_be_and_never_a_protected_town(
    client_for: ClientFor, officer: User
) -> None:
    hidden = AddressProtection.CONFIDENTIAL
    one = make_member(branch_of(officer), email="ane@example.no", city="Hemmelig", address_protection=hidden)
    other = make_member(branch_of(officer), "Anna", email="ane@example.no", city="Olderdalen", birth_year=1980)
    client = client_for(officer)
    made = upload(client, MATCHES)
    page = client.get(at(made))
    html = page.content.decode()
    [waits] = page.context["waiting"]
    assert (waits.row["name"], [candidate.pk for candidate in waits.candidates]) == ("Anne Ny", [one.pk, other.pk])
    assert "Olderdalen" in html
    assert "Hemmelig" not in html
    assert "født 1980" in html
    for value in (str(one.pk), str(other.pk), "new", "skip"):
        assert f'name="rad_2" value="{value}"' in html
    assert "1 rad venter" in html

    # Nobody answers: the others go in, and the result says so.
    send(client, made)
    assert made.state == ImportState.APPLIED
    assert set(Member.objects.exclude(pk__in=[one.pk, other.pk]).values_list("member_number", flat=True)) == {"1002"}
    assert "1 rad venter" in client.get(at(made)).content.decode()


def test_an_answer_is_kept_shown_again_and_carried_out(client_for: ClientFor, officer: User) -> None:
    member = make_member(branch_of(officer), email="ane@example.no")
    client = client_for(officer)
    made = upload(client, MATCHES)
    send(client, made, "kolonner", rad_2=str(member.pk))
    assert made.decisions == {"2": {"do": "update", "member": member.pk}}
    page = client.get(at(made))
    assert page.context["waiting"][0].candidates[0].chosen
    assert (page.context["tally"]["waiting"], page.context["tally"]["updated"]) == (0, 1)
    send(client, made, rad_2=str(member.pk))
    member.refresh_from_db()
    assert (member.last_name, made.result["updated"], Member.objects.count()) == ("Ny", 1, 2)


def test_an_answer_given_with_the_last_press_counts(client_for: ClientFor, officer: User) -> None:
    make_member(branch_of(officer), email="ane@example.no")
    client = client_for(officer)
    made = upload(client, MATCHES)
    send(client, made, rad_2="new")
    assert (made.state, made.result["created"]) == (ImportState.APPLIED, 2)


def test_only_who_was_offered_may_be_chosen(client_for: ClientFor, officer: User) -> None:
    make_member(branch_of(officer), email="ane@example.no")
    another = make_member(branch_of(officer), "Eva", "Urørt")
    stranger = make_member(make_branch(county_of(officer), "Tromsø"), "Siri", "Fremmed", email="ane@example.no")
    client = client_for(officer)
    for told in (another, stranger):
        made = upload(client, MATCHES)
        send(client, made, "kolonner", rad_2=str(told.pk), rad_3=str(told.pk))
        assert made.decisions == {}
    assert set(Member.objects.filter(pk__in=[another.pk, stranger.pk]).values_list("last_name", flat=True)) == {
        "Urørt",
        "Fremmed",
    }


def test_who_has_left_the_branch_since_is_not_shown(client_for: ClientFor, officer: User) -> None:
    branch = branch_of(officer)
    gone = [
        make_member(branch, "Siri", "Bortflyttet", email="ane@example.no"),
        make_member(branch, "Ola", "Bortreist", member_number="1002"),
    ]
    client = client_for(officer)
    made = upload(client, MATCHES)
    html = client.get(at(made)).content.decode()
    assert "Bortflyttet" in html
    assert "Bortreist" in html
    elsewhere = make_branch(county_of(officer), "Tromsø")
    Member.objects.filter(pk__in=[one.pk for one in gone]).update(branch=elsewhere, municipal=elsewhere)
    html = client.get(at(made)).content.decode()
    assert "Bortflyttet" not in html
    assert "Bortreist" not in html


def test_ticks_empty_fields_and_let_in_rows_without_a_number(client_for: ClientFor, officer: User) -> None:
    member = make_member(branch_of(officer), member_number="8", email="ane@example.no")
    client = client_for(officer)
    file = "Medlemsnr;Fornavn;Etternavn;E-post\n8;Ane;Fjellvær;\n;Ola;Nes;ola@example.no\n"
    made = upload(client, file)
    html = client.get(at(made)).content.decode()
    assert 'name="tom_celle"' in html
    assert "1 utfylt felt" in html
    assert 'name="uten_nummer"' in html
    send(client, made, "kolonner", tom_celle="1", uten_nummer="1")
    assert (made.empties_wipe, asked_of(made).new_without_number) == (True, True)
    page = client.get(at(made))
    assert (page.context["tally"]["created"], page.context["tally"]["updated"]) == (1, 1)
    assert page.context["wipes"]
    assert page.context["without_number"]
    send(client, made, tom_celle="1", uten_nummer="1")
    member.refresh_from_db()
    assert (member.email, Member.objects.get(last_name="Nes").member_number) == ("", "L10001")


def test_without_the_ticks_nothing_is_emptied_and_nobody_gets_a_number(client_for: ClientFor, officer: User) -> None:
    member = make_member(branch_of(officer), member_number="8", email="ane@example.no")
    client = client_for(officer)
    made = upload(client, "Medlemsnr;Fornavn;Etternavn;E-post\n8;Ane;Fjellvær;\n;Ola;Nes;ola@example.no\n")
    send(client, made)
    member.refresh_from_db()
    assert (member.email, Member.objects.count(), made.result["refused"]) == ("ane@example.no", 1, 1)


ODD = "Medlemsnr;Fornavn;Etternavn;Løpende\n1001;Ane;Berg;Olderdalen\n"


def test_columns_are_read_as_the_branch_read_them_last(client_for: ClientFor, officer: User) -> None:
    client = client_for(officer)
    made = upload(client, ODD)
    send(client, made, "kolonner", column_3="city")
    send(client, made)
    assert made.state == ImportState.APPLIED
    assert ColumnMemory.objects.get(branch=branch_of(officer)).fields["lopende"] == "city"

    # A colleague of the same branch has it too; it counts as sure, and says why.
    colleague = client_for(make_officer(branch_of(officer)))
    again = upload(colleague, ODD.replace("Olderdalen", "Birtavarre"))
    page = colleague.get(at(again))
    column = page.context["columns"][3]
    assert (column["field"], column["sure"], column["remembered"]) == ("city", True, True)
    assert "som sist" in page.content.decode()
    send(colleague, again)
    assert Member.objects.get().city == "Birtavarre"

    # The officer's change goes before it, and is what is remembered from now on.
    third = upload(client, ODD)
    send(client, third, "kolonner", column_3="")
    assert client.get(at(third)).context["columns"][3]["field"] == ""
    send(client, third)
    assert ColumnMemory.objects.get(branch=branch_of(officer)).fields["lopende"] == ""


def test_another_branchs_memory_is_never_used(client_for: ClientFor, officer: User) -> None:
    other = make_branch(county_of(officer), "Lyngen")
    ColumnMemory.objects.create(branch=other, fields={"lopende": "city"}, updated_at="2026-01-01T00:00:00Z")
    client = client_for(officer)
    made = upload(client, ODD)
    assert client.get(at(made)).context["columns"][3]["field"] == ""


def test_what_is_remembered_gives_way_where_two_columns_would_be_one(client_for: ClientFor, officer: User) -> None:
    fields = {"lopende": "last_name", "fornavn": "nonsense"}
    ColumnMemory.objects.create(branch=branch_of(officer), fields=fields, updated_at="2026-01-01T00:00:00Z")
    client = client_for(officer)
    page = client.get(at(upload(client, ODD)))
    assert [column["field"] for column in page.context["columns"]] == ["member_number", "first_name", "last_name", ""]
    assert not page.context["p"]["complaints"]


def test_a_paid_column_of_another_year_is_asked_about_again(client_for: ClientFor, officer: User) -> None:
    ColumnMemory.objects.create(branch=branch_of(officer), fields={"betalt": "paid"}, updated_at="2026-01-01T00:00:00Z")
    client = client_for(officer)
    made = upload(client, "Medlemsnr;Fornavn;Etternavn;Betalt 2024\n1001;Ane;Berg;ja\n")
    column = client.get(at(made)).context["columns"][3]
    assert (column["field"], column["remembered"]) == ("", False)


def test_while_another_is_importing_the_preview_is_kept_and_whose_it_is_is_told_within_ones_own_branch(
    client_for: ClientFor, officer: User
) -> None:
    branch = branch_of(officer)
    colleague = make_officer(branch, name="Nils Kollega")
    stranger = make_officer(make_branch(county_of(officer), "Lyngen"), name="Siri Fremmed")
    client = client_for(officer)
    for user, known in ((colleague, True), (stranger, False)):
        made = upload(client, ODD)
        holder = RegisterImport.objects.create(branch=user.grants.get().branch, started_by=user, state="read")
        imports.hold(holder)
        response = send(client, made)
        html = response.content.decode()
        assert response.status_code == 422
        assert "En annen import pågår" in html
        assert (user.name in html) == known
        assert "Lyngen" not in html
        assert (made.state, Member.objects.count()) == (ImportState.READ, 0)
        imports.break_off(holder.pk)


def test_what_is_sure_is_folded_and_still_sent(client_for: ClientFor, officer: User) -> None:
    client = client_for(officer)
    made = upload(client, ODD)
    page = client.get(at(made))
    assert [column["header"] for column in page.context["doubtful"]] == ["Løpende"]
    html = page.content.decode()
    assert "3 kolonner vi er sikre på" in html
    for index in range(4):
        assert html.count(f'name="column_{index}"') == 1


def test_the_help_page_says_how_and_what_becomes_of_the_file(client_for: ClientFor, officer: User) -> None:
    html = client_for(officer).get(f"{UPLOAD}hjelp/").content.decode()
    for text in ("Slik laster du ned fila", "Fødselsnummer", "24 timer", "Rettelser går tilbake"):
        assert text in html
    leader = make_officer(branch_of(officer), Role.BRANCH_LEADER)
    assert client_for(leader).get(f"{UPLOAD}hjelp/").status_code == 404
