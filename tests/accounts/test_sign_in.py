"""Coming in: by password, by a code in an email, and every way of not coming in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from messaging.enums import DeliveryState
from messaging.models import Delivery
from tests.accounts.people import PASSWORD, ask_for_code, is_signed_in, mailed_code, with_code, with_password
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db
LOGIN, CODE, CONFIRM = "account_login", "account_request_login_code", "account_confirm_login_code"


@pytest.fixture
def user() -> User:
    return make_user(email="kari@demo.example")


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def test_a_password_lets_in_and_the_log_says_how(client: Client, user: User) -> None:
    answer = with_password(client, user)

    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
    assert is_signed_in(client)
    event = AuditEvent.objects.get(verb=Verb.SIGNED_IN)
    assert (event.actor_id, event.details) == (user.pk, {"method": "password"})


def test_the_address_is_the_same_in_any_case(client: Client, user: User) -> None:
    client.post(reverse(LOGIN), {"login": " KARI@Demo.example ", "password": PASSWORD})
    assert is_signed_in(client)


def test_a_code_lets_in_once(client: Client, user: User) -> None:
    answer = with_code(client, user)

    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
    assert AuditEvent.objects.get(verb=Verb.SIGNED_IN).details == {"method": "code"}
    code, other = mailed_code("kari@demo.example"), Client()
    ask_for_code(other, "kari@demo.example")
    assert other.post(reverse(CONFIRM), {"code": code}).status_code == 200
    assert not is_signed_in(other)


def test_a_code_is_six_digits_and_may_be_written_with_a_space(client: Client, user: User) -> None:
    ask_for_code(client, "kari@demo.example")
    code = mailed_code("kari@demo.example")
    client.post(reverse(CONFIRM), {"code": f"{code[:3]} {code[3:]}"})
    assert is_signed_in(client)


def test_a_code_is_dead_after_ten_minutes(client: Client, user: User, clock: Any) -> None:
    ask_for_code(client, "kari@demo.example")
    clock.shift(timedelta(minutes=10, seconds=1))
    answer = client.post(reverse(CONFIRM), {"code": mailed_code("kari@demo.example")})
    assert (answer.status_code, answer["Location"]) == (302, reverse(CODE))
    assert not is_signed_in(client)


def test_the_third_wrong_code_ends_it(client: Client, user: User) -> None:
    ask_for_code(client, "kari@demo.example")
    wrong = "000000" if mailed_code("kari@demo.example") != "000000" else "111111"
    answers = [client.post(reverse(CONFIRM), {"code": wrong}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 302]
    assert "Det ble for mange forsøk" in client.get(reverse(CODE)).content.decode()
    assert client.post(reverse(CONFIRM), {"code": mailed_code("kari@demo.example")}).status_code == 302
    assert not is_signed_in(client)
    assert verbs().count(Verb.SIGN_IN_FAILED) == 3


def test_a_code_from_another_browser_opens_nothing(client: Client, user: User) -> None:
    ask_for_code(Client(), "kari@demo.example")
    assert client.post(reverse(CONFIRM), {"code": mailed_code("kari@demo.example")})["Location"] == reverse(CODE)


def test_known_and_unknown_addresses_get_the_same_answers(user: User) -> None:
    def texts(address: str, path: str, data: dict[str, str]) -> tuple[int, str]:
        client = Client()
        answer = client.post(path, {"login": address, "email": address, **data}, follow=True)
        return answer.status_code, scrubbed(answer.content.decode().replace(address, "ADDRESS"))

    for path, data in [
        (reverse(LOGIN), {"password": "feil"}),
        (reverse(CODE), {}),
        (reverse("account_reset_password"), {}),
    ]:
        assert texts("kari@demo.example", path, data) == texts("ingen@demo.example", path, data)


def test_a_wrong_code_is_the_same_for_known_and_unknown_addresses(user: User) -> None:
    pages = []
    for address in ("kari@demo.example", "ingen@demo.example"):
        client = Client()
        ask_for_code(client, address)
        answer = client.post(reverse(CONFIRM), {"code": "abc"})
        pages.append((answer.status_code, scrubbed(answer.content.decode().replace(address, "ADDRESS"))))
    assert pages[0] == pages[1]


def test_an_unknown_address_costs_the_same_work_and_gets_no_mail(
    user: User, django_capture_on_commit_callbacks: Any
) -> None:
    written = []
    for address in ("kari@demo.example", "ingen@demo.example"):
        with CaptureQueriesContext(connection) as queries, django_capture_on_commit_callbacks() as callbacks:
            ask_for_code(Client(), address)
        written.append(([q["sql"].split()[:3] for q in queries if q["sql"].startswith("INSERT")], len(callbacks)))

    assert written[0] == written[1]
    decoy = Delivery.objects.exclude(address="kari@demo.example").get()
    assert (decoy.state, decoy.address) == (DeliveryState.CANCELLED, "nobody@example.invalid")


def test_a_half_written_address_is_told_and_nothing_is_sent(client: Client) -> None:
    page = ask_for_code(client, "kari.nordvik@eksempel").content.decode()

    assert "<title>Feil: Logg inn med kode" in page
    assert "Skriv hele adressen, for eksempel navn@eksempel.no." in page
    assert not Delivery.objects.exists()


def test_a_failed_try_is_logged_without_the_address(client: Client, user: User) -> None:
    with_password(client, user, "feil")
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor_id, event.object_id) == (Verb.SIGN_IN_FAILED, None, "")
    assert "kari" not in str(event.details)


def test_the_sixth_wrong_password_is_not_even_tried(client: Client, user: User) -> None:
    for _ in range(5):
        with_password(client, user, "feil")
    page = with_password(client, user).content.decode()
    assert "Det ble for mange forsøk. Vent noen minutter og prøv igjen." in page
    assert not is_signed_in(client)


def test_the_throttle_of_an_address_holds_from_any_machine_and_lets_go_again(user: User, clock: Any) -> None:
    for number in range(5):
        with_password(Client(REMOTE_ADDR=f"192.0.2.{number}"), user, "feil")
    late = Client(REMOTE_ADDR="192.0.2.99")
    with_password(late, user)
    assert not is_signed_in(late)
    clock.shift(timedelta(minutes=6))
    with_password(late, user)
    assert is_signed_in(late)


def test_one_machine_cannot_try_many_addresses(client: Client) -> None:
    for number in range(10):
        client.post(reverse(LOGIN), {"login": f"a{number}@demo.example", "password": "feil"})
    page = client.post(reverse(LOGIN), {"login": "a11@demo.example", "password": "feil"}).content.decode()
    assert "Det ble for mange forsøk" in page


def test_a_forged_forwarding_header_buys_no_tries(user: User) -> None:
    for number in range(10):
        Client(HTTP_X_FORWARDED_FOR=f"198.51.100.{number}").post(
            reverse(LOGIN), {"login": f"a{number}@demo.example", "password": "feil"}
        )
    late = Client(HTTP_X_FORWARDED_FOR="198.51.100.200")
    assert "Det ble for mange forsøk" in with_password(late, user).content.decode()


def test_behind_a_proxy_only_the_proxys_own_entry_counts(user: User, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(10):
        Client(HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, 198.51.100.7").post(
            reverse(LOGIN), {"login": f"a{number}@demo.example", "password": "feil"}
        )
    same, other = Client(HTTP_X_FORWARDED_FOR="198.51.100.7"), Client(HTTP_X_FORWARDED_FOR="198.51.100.8")
    assert "Det ble for mange forsøk" in with_password(same, user).content.decode()
    with_password(other, user)
    assert is_signed_in(other)


def test_too_many_codes_are_refused_in_plain_words(client: Client, user: User) -> None:
    answers = [ask_for_code(Client(), "kari@demo.example") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert "Det ble for mange forsøk" in answers[-1].content.decode()
    assert Delivery.objects.count() == 3


def test_a_flood_of_posts_gets_our_own_429_page(client: Client) -> None:
    answers = [client.post(reverse(LOGIN), {}) for _ in range(31)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert "Vent litt" in answers[-1].content.decode()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "/konto/\r\nSet-Cookie: a=b",
        "http://testserver/konto/",
        " //evil.example",
        "\t//evil.example",
    ],
)
def test_sign_in_leads_on_to_paths_of_our_own_only(client: Client, user: User, target: str) -> None:
    answer = with_password(client, user, next=target)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("home") or (
        answer["Location"].startswith("/konto/") and "\n" not in answer["Location"]
    )
    assert "set-cookie: a=b" not in str(answer.headers).lower()


def test_sign_in_leads_on_to_where_one_was_going(client: Client, user: User) -> None:
    me = reverse("membership:me")
    assert client.get(me)["Location"] == f"{reverse(LOGIN)}?next={me}"
    assert f'value="{me}"' in client.get(f"{reverse(LOGIN)}?next={me}").content.decode()
    assert with_password(client, user, next=me)["Location"] == me


def test_a_code_leads_on_to_where_one_was_going(client: Client, user: User) -> None:
    me = reverse("membership:me")
    step = ask_for_code(client, "kari@demo.example", next=me)
    assert client.post(step["Location"], {"code": mailed_code("kari@demo.example")})["Location"] == me


def test_without_remember_me_the_browser_forgets_and_so_do_we_by_the_morning(client: Client, user: User) -> None:
    with_password(client, user)
    assert client.cookies["sessionid"]["expires"] == ""
    assert lifetime(client) == timedelta(hours=12)


@pytest.mark.parametrize("way_in", [with_password, with_code])
def test_remember_me_holds_for_thirty_days_by_either_way(client: Client, user: User, way_in: Any) -> None:
    way_in(client, user, remember="on")
    assert client.cookies["sessionid"]["max-age"] == 60 * 60 * 24 * 30
    assert lifetime(client) == timedelta(days=30)


def test_signing_in_changes_the_session_key(client: Client, user: User) -> None:
    ask_for_code(client, "kari@demo.example")
    before = client.cookies["sessionid"].value
    client.post(reverse(CONFIRM), {"code": mailed_code("kari@demo.example")})
    assert client.cookies["sessionid"].value != before
    assert not Session.objects.filter(pk=before).exists()


def test_signing_out_is_a_post_and_kills_the_old_cookie(client: Client, user: User) -> None:
    with_password(client, user)
    stolen = client.cookies["sessionid"].value
    assert client.get(reverse("account_logout")).status_code == 200
    assert is_signed_in(client)

    answer = client.post(reverse("account_logout"))

    assert answer["Location"] == reverse(LOGIN)
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert not is_signed_in(thief)
    assert AuditEvent.objects.get(verb=Verb.SIGNED_OUT).actor_id == user.pk


def test_a_deactivated_user_is_out_at_the_next_request(client: Client, user: User) -> None:
    with_password(client, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not is_signed_in(client)


def test_a_deactivated_user_comes_in_by_no_way(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert with_password(client, user)["Location"] == reverse("account_inactive")
    assert "Tilgangen din er avsluttet" in client.get(reverse("account_inactive")).content.decode()
    ask_for_code(client, "kari@demo.example")
    assert not Delivery.objects.filter(address="kari@demo.example").exists()


def test_a_changed_password_ends_the_other_sessions(client: Client, user: User) -> None:
    other = Client()
    with_password(client, user)
    with_password(other, user)
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "en ganske lang setning", "password2": "en ganske lang setning"},
    )
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_no_user_is_there_before_somebody_is_invited() -> None:
    assert not User.objects.exists()


def lifetime(client: Client) -> timedelta:
    return Session.objects.get(pk=client.cookies["sessionid"].value).expire_date - NOW


def scrubbed(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
