"""Every account page, walked: never a server error, nothing of allauth's own look or language."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts.invitations import link_for
from accounts.models import User
from membership.roles import Role
from tests.accounts.people import ask_for_code, set_up_app, with_password
from tests.factories import make_county, make_officer, make_user

pytestmark = pytest.mark.django_db

# Words that allauth's and Django's own pages would bring.
ENGLISH = re.compile(
    r"\b(sign|login|log in|email|e-mail address|password|your|you|the|please|enter|code is|required|field|forgot|"
    r"account|menu|change|verify|authenticator|recovery|two-factor|security|submit|cancel|incorrect|this|again)\b",
    re.IGNORECASE,
)
ALLAUTHS = [
    "account_email",
    "account_confirm_email",
    "account_email_verification_sent",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_trust",
    "socialaccount_connections",
    "usersessions_list",
]


def account_paths() -> list[str]:
    """Every address of accounts/urls.py, with something in the place of its parameters."""
    paths = []
    patterns: Any = get_resolver("accounts.urls").url_patterns
    for pattern in patterns:
        arguments = {"token": "x", "uidb36": "1", "key": "abc-def"}
        wanted = pattern.pattern.converters or pattern.pattern.regex.groupindex
        paths.append(reverse(pattern.name, kwargs={name: arguments[name] for name in wanted}))
    return paths


def visible(page: str) -> str:
    """The text of a page, and of the attributes that are read out."""
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    spoken = " ".join(re.findall(r'(?:aria-label|alt|title|placeholder)="([^"]*)"', page))
    return unescape(re.sub(r"<[^>]*>", " ", page) + " " + spoken)


def walk(client: Client) -> list[tuple[str, str, int]]:
    """Open and post every address; whatever is said is said in bokmål."""
    seen = []
    for path in [*account_paths(), reverse("membership:me"), "/finnes-ikke/"]:
        # Signing out in the middle would make the rest a walk of somebody else.
        methods = ["get"] if path == reverse("account_logout") else ["get", "head", "post"]
        for method in methods:
            answer: Any = getattr(client, method)(path)
            seen.append((method, path, answer.status_code))
            english = ENGLISH.findall(visible(answer.content.decode()))
            assert not english, (method, path, english)
            if answer.content and answer.status_code != 405:
                assert '<html lang="nb"' in answer.content.decode(), path
                assert "Medlemsboka</title>" in answer.content.decode(), path
    return seen


def assert_no_surprise(seen: list[tuple[str, str, int]]) -> None:
    assert {status for _method, _path, status in seen} <= {200, 302, 404, 405, 429}, seen


def test_nobody_meets_a_server_error_or_english(client: Client) -> None:
    assert_no_surprise(walk(client))


def test_nor_does_one_who_is_signed_in(client: Client) -> None:
    with_password(client, make_user())
    assert_no_surprise(walk(client))


def test_nor_one_with_a_second_factor(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    set_up_app(user)
    assert_no_surprise(walk(client))


def test_nor_one_without_a_password(client: Client) -> None:
    client.force_login(User.objects.create_user("ny@demo.example", name="Ny"))
    assert_no_surprise(walk(client))


def test_nor_one_in_the_middle_of_signing_in(client: Client) -> None:
    user = make_user(email="kari@demo.example")
    ask_for_code(client, "kari@demo.example")
    assert_no_surprise(walk(client))
    set_up_app(user)
    with_password(client, user)
    assert_no_surprise(walk(client))


def test_nor_one_with_an_invitation(client: Client) -> None:
    link = link_for(User.objects.create_user("ny@demo.example", name="Ny"))
    for answer in (client.get(link), client.post(link, {})):
        assert answer.status_code == 200
        assert not ENGLISH.findall(visible(answer.content.decode()))


@pytest.mark.parametrize("name", ALLAUTHS)
def test_allauths_other_pages_have_no_address(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_signing_up_is_closed_and_says_who_gives_access(client: Client) -> None:
    answer = client.get(reverse("account_signup"))
    assert "Du får tilgang med invitasjon" in answer.content.decode()
    assert client.post(reverse("account_signup"), {"email": "a@b.no", "password1": "x" * 12}).status_code == 405
    assert not User.objects.exists()


def test_an_ajax_header_changes_nothing(client: Client) -> None:
    answer = client.get(reverse("account_login"), HTTP_X_REQUESTED_WITH="XMLHttpRequest")
    assert answer["Content-Type"].startswith("text/html")


def test_looking_changes_nothing_in_the_database(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    set_up_app(user)

    def everything() -> dict[str, list[Any]]:
        kept = [model for model in apps.get_models() if model.__name__ not in {"Session", "AuditEvent"}]
        return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in kept}

    before = everything()
    for path in account_paths():
        client.get(path)
    assert everything() == before


def test_every_form_carries_a_token(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in account_paths():
        if path != reverse("account_signup"):
            assert strict.post(path, {}).status_code in {302, 403, 405}, path
    answer = strict.post(reverse("account_login"), {"login": "a@b.no", "password": "x"})
    assert answer.status_code == 403
    assert "Prøv én gang til" in answer.content.decode() or "Prøv en gang til" in answer.content.decode()


def test_ones_own_page_says_what_one_may_do(client: Client) -> None:
    county = make_county()
    user = make_officer(county, Role.CALLER, name="Ola Berg")
    client.force_login(user)
    page = client.get(reverse("membership:me")).content.decode()
    assert "Ola Berg" in page
    assert 'data-initials="OB"' in page
    assert "Ringehjelper" in page
    assert "til og med 30.12.2026" in page
    assert "<title>Kontoen din – " in page


def test_the_sign_in_page_loads_no_script_and_nothing_from_elsewhere(client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "style=" not in page


def test_demo_and_production_differ_in_words_and_in_what_the_colours_hang_on(client: Client, settings: Any) -> None:
    demo = client.get(reverse("account_login")).content.decode()
    settings.DEMO = False
    real = client.get(reverse("account_login")).content.decode()
    assert 'data-mode="demo"' in demo
    assert "Ingenting blir sendt" in demo
    assert 'data-mode="demo"' not in real
    assert "emo" not in visible(real).replace("demokrati", "")
