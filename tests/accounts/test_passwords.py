"""A forgotten password, a changed one, a first one."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from messaging.models import Delivery
from tests.accounts.people import PASSWORD, choose, is_signed_in, reset_link, with_code, with_password
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NEW = "en ganske lang setning"


@pytest.fixture
def user() -> User:
    return make_user("Kari Nordvik", email="kari@demo.example")


def test_a_link_by_email_gives_a_new_password(client: Client, user: User) -> None:
    link = reset_link(client, "kari@demo.example")
    assert choose(client, link, NEW)["Location"] == reverse("account_reset_password_from_key_done")
    with_password(client, user, NEW)
    assert is_signed_in(client)
    assert AuditEvent.objects.filter(verb=Verb.PASSWORD_CHANGED, actor_id=user.pk).exists()
    assert Delivery.objects.filter(address=user.email, subject="Passordet ditt er byttet").exists()


def test_the_link_is_made_of_public_url_whatever_host_the_request_names(client: Client, user: User) -> None:
    link = reset_link(client, "kari@demo.example", HTTP_HOST="localhost", HTTP_X_FORWARDED_HOST="evil.example")
    assert link.startswith(f"{settings.PUBLIC_URL}/konto/passord/glemt/")


def test_the_link_works_once(client: Client, user: User) -> None:
    link = reset_link(client, "kari@demo.example")
    choose(client, link, NEW)
    page = Client().get(urlsplit(link).path, follow=True).content.decode()
    assert "Lenken virker ikke" in page


def test_the_link_is_dead_after_an_hour(client: Client, user: User, clock: Any) -> None:
    link = reset_link(client, "kari@demo.example")
    clock.shift(timedelta(hours=1, seconds=2))
    assert "Lenken virker ikke" in client.get(urlsplit(link).path, follow=True).content.decode()


def test_opening_the_link_changes_nothing(client: Client, user: User) -> None:
    link = reset_link(client, "kari@demo.example")
    client.get(urlsplit(link).path, follow=True)
    with_password(client, user)
    assert is_signed_in(client)


@pytest.mark.parametrize("key", ["1-abc", "zzzzzzzzzzzz-abc", "1-set-password", "-1-x"])
def test_a_forged_link_is_a_friendly_page(client: Client, user: User, key: str) -> None:
    answer = client.get(f"/konto/passord/glemt/{key}/", follow=True)
    assert answer.status_code in {200, 404}
    assert "Lenken virker ikke" in answer.content.decode() or answer.status_code == 404


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("kort", "kort", "for kort. Det må ha minst 10 tegn"),
        ("passord123", "passord124", "samme passordet hver gang"),
        ("1234567890", "1234567890", "bare"),
        ("kari.nordvik", "kari.nordvik", "for likt"),
    ],
)
def test_a_weak_password_is_refused_in_plain_words(
    client: Client, user: User, password: str, again: str, told: str
) -> None:
    page = choose(client, reset_link(client, "kari@demo.example"), password, again).content.decode()
    assert told in page
    assert "<title>Feil: " in page
    with_password(client, user, password)
    assert not is_signed_in(client)


def test_two_faults_in_one_field_share_no_id(client: Client, user: User) -> None:
    page = choose(client, reset_link(client, "kari@demo.example"), "1234567890").content.decode()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert page.count('class="ds-validation-message"') == 2
    assert len(ids) == len(set(ids))
    assert 'aria-describedby="id_password1_helptext id_password1_error"' in page


def test_no_link_goes_to_a_deactivated_user(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    client.post(reverse("account_reset_password"), {"email": "kari@demo.example"})
    assert not Delivery.objects.filter(address="kari@demo.example").exists()


def test_too_many_links_are_refused_with_our_own_page(client: Client, user: User) -> None:
    answers = [client.post(reverse("account_reset_password"), {"email": "kari@demo.example"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert "Vent litt" in answers[-1].content.decode()


def test_a_new_password_lets_one_in_who_was_locked_out(client: Client, user: User) -> None:
    for _ in range(5):
        with_password(client, user, "feil")
    choose(client, reset_link(client, "kari@demo.example"), NEW)
    with_password(client, user, NEW)
    assert is_signed_in(client)


def test_changing_the_password_asks_for_the_old_one(client: Client, user: User) -> None:
    with_password(client, user)
    change = reverse("account_change_password")
    page = client.post(change, {"oldpassword": "feil", "password1": NEW, "password2": NEW}).content.decode()
    assert "Det er ikke passordet du har nå" in page
    answer = client.post(change, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert answer["Location"] == reverse("membership:me")
    assert "Passordet er lagret." in client.get(answer["Location"]).content.decode()


def test_who_came_by_code_can_choose_a_first_password(client: Client) -> None:
    user = User.objects.create_user("ny@demo.example", name="Ny")
    with_code(client, user)
    assert client.get(reverse("account_change_password"))["Location"] == reverse("account_set_password")
    client.post(reverse("account_set_password"), {"password1": NEW, "password2": NEW})
    other = Client()
    with_password(other, user, NEW)
    assert is_signed_in(other)


def test_who_has_a_password_is_not_let_choose_one_without_the_old(client: Client, user: User) -> None:
    with_password(client, user)
    answer = client.post(reverse("account_set_password"), {"password1": NEW, "password2": NEW})
    assert answer["Location"] == reverse("account_change_password")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_allauth_keeps_no_second_list_of_addresses(client: Client, user: User) -> None:
    choose(client, reset_link(client, "kari@demo.example"), NEW)
    with_code(client, user)
    assert not EmailAddress.objects.exists()
