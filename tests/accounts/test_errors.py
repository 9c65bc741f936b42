"""What a page says when something is wrong: a sentence, and nothing about the inside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_user

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "PATH": os.environ["PATH"],
    "MODE": "production",
    "SECRET_KEY": "x" * 50,
    "PUBLIC_URL": "https://medlemsboka.example",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}


def in_production(code: str, folder: Path, **environment: str) -> str:
    """Run a line in a process of its own with production's settings; what it prints, or how it fails."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**PRODUCTION, "DATA_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.django_db
@pytest.mark.urls("tests.accounts.broken_urls")
def test_a_fault_shows_a_sentence_and_nothing_of_the_inside() -> None:
    answer = Client(raise_request_exception=False).get("/knekk/?token=abc123", HTTP_COOKIE="x=y")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Noe gikk galt hos oss" in page
    for inside in ("RuntimeError", "hemmelig", "SELECT", "abc123", "Traceback", "settings", "Django"):
        assert inside not in page


@pytest.mark.django_db
@pytest.mark.urls("tests.accounts.broken_urls")
def test_what_a_library_forbids_is_not_there(client: Client) -> None:
    answer = client.get("/nekt/")
    assert answer.status_code == 404
    assert "not for you" not in answer.content.decode()
    assert "Vi finner ikke siden" in answer.content.decode()


@pytest.mark.django_db
def test_a_user_with_nothing_to_confirm_with_meets_the_same_page(client: Client) -> None:
    client.force_login(User.objects.create_user("ny@demo.example", name="Ny"))
    assert client.get("/konto/bekreft/").status_code == 404


@pytest.mark.django_db
def test_a_form_without_its_token_gets_our_own_page_and_changes_nothing() -> None:
    user = make_user()
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    answer = client.post("/konto/logg-ut/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Siden hadde stått åpen for lenge" in page or "Gå tilbake" in page
    assert "CSRF" not in page
    assert client.get("/konto/").status_code == 200


def test_a_host_we_do_not_go_by_gets_a_sentence(client: Client) -> None:
    answer = client.get("/konto/logg-inn/", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()
    assert '<html lang="nb"' in answer.content.decode()


def test_production_cannot_be_put_in_debug(tmp_path: Path) -> None:
    line = "from django.conf import settings as s; print(s.DEBUG, s.DEMO, s.REQUIRE_SECOND_FACTOR)"
    assert in_production(line, tmp_path, DEBUG="1") == "False False True"


def test_production_believes_no_forwarding_header_unless_told(tmp_path: Path) -> None:
    line = (
        "from django.conf import settings as s;"
        "print(getattr(s, 'ALLAUTH_TRUSTED_PROXY_COUNT', 0), getattr(s, 'SECURE_PROXY_SSL_HEADER', None),"
        " s.USE_X_FORWARDED_HOST)"
    )
    assert in_production(line, tmp_path) == "0 None False"
    assert in_production(line, tmp_path, BEHIND_PROXY="1").startswith("1 ('HTTP_X_FORWARDED_PROTO'")


def test_production_asks_for_a_key_and_an_https_address(tmp_path: Path) -> None:
    line = "from django.conf import settings as s; s.DEBUG"
    assert "SECRET_KEY" in in_production(line, tmp_path, SECRET_KEY="")
    assert "https" in in_production(line, tmp_path, PUBLIC_URL="http://medlemsboka.example")


def test_production_keeps_its_cookies_to_https(tmp_path: Path) -> None:
    line = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE)"
    )
    assert in_production(line, tmp_path) == "True True True Lax"
