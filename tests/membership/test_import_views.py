"""The pages of an import, as an officer goes through them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from membership.enums import ImportState
from membership.models import Branch, Member, RegisterImport
from membership.roles import Role
from tests.factories import make_branch, make_county, make_member, make_officer

# Jobs start when the upload's transaction commits.
pytestmark = pytest.mark.django_db(transaction=True)

UPLOAD = "/lag/kafjord/medlemmer/importer/"
FILE = "Medlemsnr;Fornavn;Etternavn;Mobil\n1001;Ane;<b>Berg</b>;12\n1002;Ola;Nes;000 00 142\n"

ClientFor = Callable[[User], Client]


@pytest.fixture
def officer() -> User:
    """An officer in Kåfjord."""
    return make_officer(make_branch(make_county(), "Kåfjord"))


def upload(client: Client, content: str = FILE, name: str = "medlemmer.csv") -> RegisterImport:
    """Send a file; the import it became."""
    response = client.post(UPLOAD, {"file": SimpleUploadedFile(name, content.encode())})
    assert response.status_code == 302
    return RegisterImport.objects.latest("created_at")


def test_preview_then_confirm_then_result(client_for: ClientFor, officer: User) -> None:
    client = client_for(officer)
    made = upload(client)
    assert made.state == ImportState.READ
    page = client.get(f"{UPLOAD}{made.pk}/")
    assert page.status_code == 200
    html = page.content.decode()
    assert "Legg til 2" in html
    assert not Member.objects.exists()

    client.post(f"{UPLOAD}{made.pk}/", form_of(page) | {"handling": "importer"})
    assert set(Member.objects.values_list("member_number", flat=True)) == {"1001", "1002"}
    made.refresh_from_db()
    assert made.state == ImportState.APPLIED
    assert not made.file
    assert made.preview == {}
    assert client.get(f"{UPLOAD}{made.pk}/").context["result"]["created"] == 2


def form_of(page: object) -> dict[str, str]:
    """The preview's form as the browser would send it: the chosen column of each select, each option as shown."""
    context = page.context  # type: ignore[attr-defined]
    fields = {f"column_{c['index']}": c["field"] for c in context["columns"]}
    for _title, form, _sentences in context["options"]:
        fields |= {bound.html_name: bound.value() for bound in form}
    return {name: _text(value) for name, value in fields.items()}


def _text(value: object) -> str:
    from membership.importing.handlers import option_text

    return option_text(value)


def test_what_stands_in_cells_and_file_names_is_shown_as_text(client_for: ClientFor, officer: User) -> None:
    client = client_for(officer)
    made = upload(client, "Medlemsnr;Fornavn;Etternavn;Mobil\n1001;Ane;Berg;<i>12</i>\n", "<u>fil.csv")
    html = client.get(f"{UPLOAD}{made.pk}/").content.decode()
    assert "&lt;i&gt;12&lt;/i&gt;" in html
    assert "&lt;u&gt;fil.csv" in html
    assert "<i>12" not in html
    assert "<u>" not in html


def test_confirming_twice_imports_once(client_for: ClientFor, officer: User) -> None:
    client = client_for(officer)
    made = upload(client)
    form = form_of(client.get(f"{UPLOAD}{made.pk}/")) | {"handling": "importer"}
    assert client.post(f"{UPLOAD}{made.pk}/", form).status_code == 302
    assert client.post(f"{UPLOAD}{made.pk}/", form).status_code == 302
    assert Member.objects.count() == 2


def test_another_column_for_the_mobile_counts_again(client_for: ClientFor, officer: User) -> None:
    client = client_for(officer)
    made = upload(client)
    form = form_of(client.get(f"{UPLOAD}{made.pk}/"))
    client.post(f"{UPLOAD}{made.pk}/", form | {"column_3": "", "handling": "kolonner"})
    page = client.get(f"{UPLOAD}{made.pk}/")
    assert next(c for c in page.context["columns"] if c["index"] == 3)["field"] == ""
    client.post(f"{UPLOAD}{made.pk}/", form_of(page) | {"handling": "importer"})
    assert Member.objects.get(member_number="1002").mobile == ""


def test_columns_changed_at_the_last_moment_are_shown_before_they_count(client_for: ClientFor, officer: User) -> None:
    client = client_for(officer)
    made = upload(client)
    form = form_of(client.get(f"{UPLOAD}{made.pk}/"))
    client.post(f"{UPLOAD}{made.pk}/", form | {"column_3": "", "handling": "importer"})
    made.refresh_from_db()
    assert made.state == ImportState.READ
    assert not Member.objects.exists()


def test_cancelling_throws_the_file_away(client_for: ClientFor, officer: User) -> None:
    client = client_for(officer)
    made = upload(client)
    client.post(f"{UPLOAD}{made.pk}/", {"handling": "avbryt"})
    made.refresh_from_db()
    assert (made.state, bool(made.file), made.preview) == (ImportState.CANCELLED, False, {})


def test_a_file_that_cannot_be_read_says_why_and_offers_another(client_for: ClientFor, officer: User) -> None:
    client = client_for(officer)
    made = upload(client, "%PDF-1.7 hei", "liste.xlsx")
    assert made.state == ImportState.FAILED
    page = client.get(f"{UPLOAD}{made.pk}/").content.decode()
    assert "PDF" in page
    assert 'type="file"' in page


def test_no_file_gives_a_sentence(client_for: ClientFor, officer: User) -> None:
    response = client_for(officer).post(UPLOAD, {})
    assert response.status_code == 422
    assert "Velg en fil" in response.content.decode()


def test_a_doubtful_file_needs_a_tick(client_for: ClientFor, officer: User) -> None:
    branch = officer.grants.get().branch
    for number in range(6):
        make_member(branch, f"For{number}", f"Etter{number}", member_number=f"{number}")
    client = client_for(officer)
    made = upload(client, "Medlemsnr;Fornavn;Etternavn\n" + "\n".join(f"{n};Helt;Annen" for n in range(6)))
    form = form_of(client.get(f"{UPLOAD}{made.pk}/")) | {"handling": "importer"}
    assert client.post(f"{UPLOAD}{made.pk}/", form).status_code == 422
    assert not Member.objects.filter(last_name="Annen").exists()
    client.post(f"{UPLOAD}{made.pk}/", form | {"riktig_fil": "1"})
    assert Member.objects.filter(last_name="Annen").count() == 6


def test_nobody_else_sees_the_preview(client_for: ClientFor, officer: User) -> None:
    made = upload(client_for(officer))
    branch = officer.grants.get().branch
    url = f"{UPLOAD}{made.pk}/"
    assert client_for(make_officer(branch)).get(url).status_code == 404
    assert client_for(make_officer(make_branch(Branch.objects.counties().get(), "Tromsø"))).get(url).status_code == 404
    assert client_for(make_officer(branch, Role.BRANCH_LEADER)).get(UPLOAD).status_code == 404
    assert client_for(make_officer(branch, Role.BRANCH_LEADER)).post(UPLOAD, {}).status_code == 404
