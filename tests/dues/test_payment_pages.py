from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from dues.actions.payments import register_payment
from dues.actions.summaries import recount
from dues.enums import PaymentSource
from dues.models import Claim, Payment
from membership.models import Branch
from membership.roles import Role
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def kafjord() -> Branch:
    return make_branch(make_county())


@pytest.fixture
def claim(kafjord: Branch) -> Claim:
    made = make_claim(make_member(kafjord))
    recount()
    return made


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord)


def url(claim: Claim, branch: Branch | None = None) -> str:
    return f"/lag/{(branch or claim.branch).slug}/kontingent/betaling/{claim.pk}/"


def undo_url(payment: Payment, branch: Branch) -> str:
    return f"/lag/{branch.slug}/kontingent/betaling/{payment.pk}/angre/"


def form(**fields: str) -> dict[str, str]:
    return {"amount": "450", "paid_on": "19.11.2026", "expected": "45000"} | fields


LIST = "/lag/kafjord/kontingent/2026/ubetalt/"


def test_a_payment_is_registered_from_the_list_and_can_be_undone_there(
    client_for: ClientFor, claim: Claim, officer: User, kafjord: Branch
) -> None:
    client = client_for(officer)
    answer = client.post(url(claim), form(back=f"{LIST}?side=2"))
    payment = Payment.objects.get()
    assert answer.headers["Location"] == f"{LIST}?side=2&registrert={payment.pk}"
    assert (payment.amount_ore, payment.paid_on.isoformat(), payment.created_by) == (45000, "2026-11-19", officer)

    html = client.get(answer.headers["Location"]).content.decode()
    assert "450\u00a0kr fra Ane Fjellvær er registrert." in html
    assert undo_url(payment, kafjord) in html

    answer = client.post(undo_url(payment, kafjord), {"back": LIST}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    html = answer.content.decode()
    assert "Betalingen på 450\u00a0kr er angret." in html
    assert "Ane Fjellvær" in html


def test_what_is_left_is_told(client_for: ClientFor, claim: Claim, officer: User) -> None:
    html = client_for(officer).post(url(claim), form(amount="200,50"), follow=True).content.decode()
    assert "249,50\u00a0kr gjenstår." in html


def test_a_payment_that_is_undone_or_anothers_is_not_offered_to_undo(
    client_for: ClientFor, claim: Claim, officer: User, kafjord: Branch
) -> None:
    payment = register_payment(claim, amount_ore=100, paid_on=TODAY, by=officer, now=NOW)
    shown = f"{LIST}?registrert={payment.pk}"
    assert "/angre/" in client_for(officer).get(shown).content.decode()
    assert "/angre/" not in client_for(make_officer(kafjord)).get(shown).content.decode()
    client_for(officer).post(undo_url(payment, kafjord))
    assert "/angre/" not in client_for(officer).get(shown).content.decode()
    assert client_for(officer).get(f"{LIST}?registrert=9'{'9' * 30}").status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": "mye"}, "Skriv et beløp i kroner, for eksempel 450 eller 450,50."),
        ({"amount": ""}, "Skriv et beløp i kroner, for eksempel 450 eller 450,50."),
        ({"amount": "0"}, "Skriv et beløp over 0 kr."),
        ({"amount": "451"}, "Beløpet er høyere enn det som ikke er betalt."),
        ({"paid_on": "21.11.2026"}, "Datoen har ikke vært ennå."),
        ({"paid_on": "i går"}, "Skriv datoen med dag, måned og år"),
        ({"paid_on": ""}, "Skriv dagen betalingen kom."),
        ({"expected": "20000"}, "I mellomtiden er det registrert en betaling her."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_posted(
    client_for: ClientFor, claim: Claim, officer: User, fields: dict[str, str], words: str
) -> None:
    answer = client_for(officer).post(url(claim), form(**fields))
    html = answer.content.decode()
    assert words in html
    assert "Feil: " in html
    # The next try starts from what is outstanding now.
    assert 'name="expected" value="45000"' in html
    assert not Payment.objects.exists()


def test_pressed_twice_it_is_posted_once(client_for: ClientFor, claim: Claim, officer: User) -> None:
    client = client_for(officer)
    client.post(url(claim), form())
    html = client.post(url(claim), form()).content.decode()
    assert "Det er ikke mer å betale" in html
    assert Payment.objects.count() == 1


def test_the_form_is_a_page_of_its_own_too(client_for: ClientFor, claim: Claim, officer: User) -> None:
    html = client_for(officer).get(url(claim)).content.decode()
    assert 'value="450"' in html
    assert 'value="20.11.2026"' in html


def test_from_elsewhere_one_comes_back_there_with_a_word(client_for: ClientFor, claim: Claim, officer: User) -> None:
    back = f"/lag/kafjord/medlemmer/{claim.member_id}/"
    answer = client_for(officer).post(url(claim), form(back=back), follow=True)
    assert answer.redirect_chain == [(back, 302)]
    assert "Betalingen på 450\u00a0kr er registrert." in answer.content.decode()


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org/", "/lag/harstad/", "javascript:alert(1)"])
def test_one_is_never_sent_to_another_place(client_for: ClientFor, claim: Claim, officer: User, back: str) -> None:
    answer = client_for(officer).post(url(claim), form(back=back))
    assert answer.headers["Location"].startswith(f"{LIST}?registrert=")


def test_undone_twice_is_said(client_for: ClientFor, claim: Claim, officer: User, kafjord: Branch) -> None:
    payment = register_payment(claim, amount_ore=100, paid_on=TODAY, by=officer, now=NOW)
    client = client_for(officer)
    client.post(undo_url(payment, kafjord))
    assert "Betalingen er allerede angret." in client.post(undo_url(payment, kafjord), follow=True).content.decode()
    assert Payment.objects.count() == 2


def test_what_a_file_told_is_not_undone_by_hand(
    client_for: ClientFor, claim: Claim, officer: User, kafjord: Branch
) -> None:
    payment = register_payment(claim, amount_ore=100, paid_on=TODAY, by=officer, now=NOW, source=PaymentSource.REGISTER)
    assert client_for(officer).post(undo_url(payment, kafjord)).status_code == 404


def test_undoing_is_never_a_get(client_for: ClientFor, claim: Claim, officer: User, kafjord: Branch) -> None:
    payment = register_payment(claim, amount_ore=100, paid_on=TODAY, by=officer, now=NOW)
    assert client_for(officer).get(undo_url(payment, kafjord)).status_code == 405
    assert Payment.objects.count() == 1


def test_others_find_neither_form_nor_payment(
    client_for: ClientFor, claim: Claim, officer: User, kafjord: Branch
) -> None:
    payment = register_payment(claim, amount_ore=100, paid_on=TODAY, by=officer, now=NOW)
    assert kafjord.county
    harstad = make_branch(kafjord.county, "Harstad")
    leader, other = make_officer(kafjord, Role.BRANCH_LEADER), make_officer(harstad)
    for user, branch in ((leader, kafjord), (other, kafjord), (other, harstad)):
        client = client_for(user)
        assert client.get(url(claim, branch)).status_code == 404
        assert client.post(url(claim, branch), form(expected="44900", amount="449")).status_code == 404
        assert client.post(undo_url(payment, branch)).status_code == 404
    assert Payment.objects.count() == 1
