"""The second factor: setting it up, being asked for it on every way in, recovery codes, and who must have one."""

from __future__ import annotations

import base64
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Verb
from accounts.invitations import link_for
from accounts.models import AuditEvent, User
from membership.actions.grants import end, give
from membership.models import Grant
from membership.roles import Role
from messaging.models import Delivery
from tests.accounts.people import (
    PASSWORD,
    app_code,
    ask_for_code,
    choose,
    is_signed_in,
    mailed_code,
    reset_link,
    set_up_app,
    with_code,
    with_password,
)
from tests.factories import make_county, make_officer, make_user

pytestmark = pytest.mark.django_db
SET_UP, ASKED, CODES, REMOVE = "mfa_activate_totp", "mfa_authenticate", "mfa_view_recovery_codes", "mfa_deactivate_totp"


@pytest.fixture
def user() -> User:
    return make_user(email="kari@demo.example")


def secret_on(page: str) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r"<code>(\d{8})</code>", page)


def test_the_set_up_page_shows_a_picture_and_the_key_as_text(client: Client, user: User) -> None:
    with_password(client, user)
    page = client.get(reverse(SET_UP)).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    assert f"otpauth://totp/kari%40demo.example?secret={secret_on(page)}&amp;issuer=Medlemsboka" in page


def test_setting_up_asks_for_the_apps_code_and_then_shows_recovery_codes_once(
    client: Client, user: User, django_capture_on_commit_callbacks: Any
) -> None:
    with_password(client, user)
    secret = secret_on(client.get(reverse(SET_UP)).content.decode())

    refused = client.post(reverse(SET_UP), {"code": "000000" if app_code(secret) != "000000" else "1"})
    assert refused.status_code == 200
    assert secret_on(refused.content.decode()) == secret
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse(SET_UP), {"code": app_code(secret)})

    assert answer["Location"] == reverse(CODES)
    assert codes_on(client.get(reverse(CODES)).content.decode()) == []
    codes = codes_on(client.post(reverse(CODES)).content.decode())
    assert len(codes) == len(set(codes)) == 10
    assert codes_on(client.get(reverse(CODES)).content.decode()) == []
    assert AuditEvent.objects.filter(verb=Verb.SECOND_FACTOR_ADDED, actor_id=user.pk).exists()
    assert Delivery.objects.filter(address=user.email, subject="Innlogging i to trinn er på").exists()


def test_codes_shown_a_second_time_are_new_ones(client: Client, user: User) -> None:
    with_password(client, user)
    set_up_app(user)
    first = codes_on(client.post(reverse(CODES)).content.decode())
    second = codes_on(client.post(reverse(CODES)).content.decode())
    assert not set(first) & set(second)


def test_there_are_no_recovery_codes_without_a_second_factor(client: Client, user: User) -> None:
    with_password(client, user)
    assert client.get(reverse(CODES)).status_code == 404
    assert client.post(reverse(CODES)).status_code == 404


def test_a_password_alone_does_not_open_a_protected_account(client: Client, user: User) -> None:
    secret = set_up_app(user)

    assert with_password(client, user)["Location"] == reverse(ASKED)
    assert not is_signed_in(client)
    client.post(reverse(ASKED), {"code": app_code(secret)})

    assert is_signed_in(client)
    assert AuditEvent.objects.get(verb=Verb.SIGNED_IN).details == {"method": "password+mfa"}


def test_a_code_by_email_alone_does_not_open_it(client: Client, user: User) -> None:
    secret = set_up_app(user)
    assert with_code(client, user)["Location"] == reverse(ASKED)
    assert not is_signed_in(client)
    client.post(reverse(ASKED), {"code": app_code(secret)})
    assert is_signed_in(client)


def test_where_one_was_going_and_remember_me_survive_the_second_step(client: Client, user: User) -> None:
    secret = set_up_app(user)
    with_password(client, user, next=reverse("membership:me"), remember="on")
    answer = client.post(reverse(ASKED), {"code": app_code(secret)})
    assert answer["Location"] == reverse("membership:me")
    assert client.cookies["sessionid"]["max-age"] == 60 * 60 * 24 * 30


def test_a_new_password_by_email_does_not_open_it(client: Client, user: User) -> None:
    set_up_app(user)
    choose(client, reset_link(client, "kari@demo.example"), "en ganske lang setning")
    assert not is_signed_in(client)
    assert with_password(client, user, "en ganske lang setning")["Location"] == reverse(ASKED)
    assert not is_signed_in(client)


def test_an_invitation_does_not_open_it(client: Client) -> None:
    user = User.objects.create_user("ny@demo.example", name="Ny")
    set_up_app(user)
    client.post(link_for(user), {"password1": "en ganske lang setning", "password2": "en ganske lang setning"})
    assert not is_signed_in(client)
    assert with_password(client, user, "en ganske lang setning")["Location"] == reverse(ASKED)


def test_the_page_that_asks_opens_for_nobody_who_has_not_begun(client: Client) -> None:
    assert client.get(reverse(ASKED))["Location"] == reverse("account_login")
    assert client.post(reverse(ASKED), {"code": "123456"})["Location"] == reverse("account_login")


def test_an_apps_code_works_once_in_any_browser_for_as_long_as_it_would_be_taken(user: User, clock: Any) -> None:
    secret = set_up_app(user)
    code = app_code(secret, steps=1)
    for waited, works in ((0, True), (31, False), (29, False)):
        clock.shift(timedelta(seconds=waited))
        client = Client()
        with_password(client, user)
        client.post(reverse(ASKED), {"code": code})
        assert is_signed_in(client) is works


def test_the_code_that_set_the_app_up_opens_nothing_afterwards(client: Client, user: User) -> None:
    with_password(client, user)
    secret = secret_on(client.get(reverse(SET_UP)).content.decode())
    client.post(reverse(SET_UP), {"code": app_code(secret)})
    other = Client()
    with_password(other, user)
    other.post(reverse(ASKED), {"code": app_code(secret)})
    assert not is_signed_in(other)


def test_a_recovery_code_works_once(user: User) -> None:
    client = Client()
    with_password(client, user)
    set_up_app(user)
    code = codes_on(client.post(reverse(CODES)).content.decode())[0]
    seen = []
    for _ in range(2):
        other = Client()
        with_password(other, user)
        other.post(reverse(ASKED), {"code": code})
        seen.append(is_signed_in(other))
    assert seen == [True, False]


def test_wrong_codes_are_throttled_and_logged_with_whose_password_was_given(user: User) -> None:
    secret = set_up_app(user)
    client = Client()
    with_password(client, user)
    for _ in range(5):
        client.post(reverse(ASKED), {"code": "12"})
    page = client.post(reverse(ASKED), {"code": app_code(secret)}).content.decode()
    assert "Det ble for mange forsøk" in page
    assert not is_signed_in(client)
    failures = AuditEvent.objects.filter(verb=Verb.SIGN_IN_FAILED, details={"method": "second_factor"})
    assert set(failures.values_list("actor_id", "object_id")) == {(None, str(user.pk))}


def test_neither_code_nor_secret_nor_password_stands_in_the_session_table(client: Client, user: User) -> None:
    ask_for_code(client, "kari@demo.example")
    code = mailed_code("kari@demo.example")
    assert code not in everything_in_sessions()
    client.post(reverse("account_confirm_login_code"), {"code": code})
    secret = secret_on(client.get(reverse(SET_UP)).content.decode())
    assert secret not in everything_in_sessions()
    # The store itself can read it: without that the test would prove nothing.
    assert client.session["mfa.totp.secret"] == secret


def test_neither_secret_nor_seed_stands_in_the_table_of_second_factors(user: User) -> None:
    secret = set_up_app(user)
    rows = {row.type: json.dumps(row.data) for row in Authenticator.objects.all()}
    assert secret not in rows["totp"]
    codes = Authenticator.objects.get(type="recovery_codes").wrap().generate_codes()
    assert not [code for code in codes if code in rows["recovery_codes"]]
    assert json.loads(rows["recovery_codes"])["seed"].startswith("gAAAA")


def test_removing_it_after_a_while_asks_for_a_code_again(client: Client, user: User, clock: Any) -> None:
    secret = set_up_app(user)
    with_password(client, user)
    client.post(reverse(ASKED), {"code": app_code(secret)})
    clock.shift(timedelta(minutes=11))

    answer = client.post(reverse(REMOVE))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert Authenticator.objects.exists()
    wrong = client.post(answer["Location"], {"password": "feil"})
    assert "Passordet er feil" in wrong.content.decode()
    client.post(answer["Location"], {"password": PASSWORD})

    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.filter(verb=Verb.SECOND_FACTOR_REMOVED, actor_id=user.pk).exists()


def test_the_apps_code_also_confirms_and_works_once(client: Client, user: User, clock: Any) -> None:
    secret = set_up_app(user)
    with_password(client, user)
    client.post(reverse(ASKED), {"code": app_code(secret)})
    clock.shift(timedelta(minutes=11))
    again = f"{reverse('mfa_reauthenticate')}?next={reverse(REMOVE)}"
    assert client.post(again, {"code": "1"}).status_code == 200
    assert client.post(again, {"code": app_code(secret)})["Location"] == reverse(REMOVE)
    assert client.get(reverse(REMOVE)).status_code == 200
    assert client.post(again, {"code": app_code(secret)}).status_code == 200


def test_where_it_is_required_the_register_waits_for_it(client: Client, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    officer = make_officer(make_county(slug="troms"))
    with_password(client, officer)
    for path in ("/", reverse("membership:me"), "/lag/troms/medlemmer/importer/"):
        assert client.get(path)["Location"] == reverse(SET_UP), path
    assert client.post("/lag/troms/medlemmer/importer/")["Location"] == reverse(SET_UP)

    secret = secret_on(client.get(reverse(SET_UP)).content.decode())
    client.post(reverse(SET_UP), {"code": app_code(secret)})

    assert is_signed_in(client)


def test_while_it_is_missing_one_can_still_sign_out_and_change_the_password(client: Client, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    with_password(client, make_officer(make_county()))
    assert client.get(reverse("account_change_password")).status_code == 200
    assert client.post(reverse("account_logout"))["Location"] == reverse("account_login")


def test_removing_it_closes_the_register_at_once(client: Client, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    officer = make_officer(make_county())
    secret = set_up_app(officer)
    with_password(client, officer)
    client.post(reverse(ASKED), {"code": app_code(secret)})
    assert is_signed_in(client)
    client.post(reverse(REMOVE))
    assert client.get(reverse("membership:me"))["Location"] == reverse(SET_UP)


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        (Role.MEMBERSHIP_OFFICER, True),
        (Role.TREASURER, True),
        (Role.BRANCH_LEADER, True),
        (Role.COUNTY_SECRETARY, True),
        (Role.ADMINISTRATOR, True),
        (Role.CALLER, False),
        (Role.COMMITTEE_READER, False),
        (Role.SURVEY_EDITOR, False),
    ],
)
def test_only_roles_that_see_members_are_asked(client: Client, settings: Any, role: Role, asked: bool) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    with_password(client, make_officer(make_county(), role))
    assert is_signed_in(client) is not asked


def test_an_ended_role_asks_for_nothing(client: Client, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    officer = make_officer(make_county())
    end(Grant.objects.get(user=officer), by=None, on=date(2026, 11, 20))
    with_password(client, officer)
    assert is_signed_in(client)


def test_a_role_given_while_signed_in_asks_at_the_next_request(client: Client, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    user = make_user()
    with_password(client, user)
    assert is_signed_in(client)
    give(user, role=Role.TREASURER, branch=make_county(), by=None, starts_on=date(2026, 11, 20))
    assert not is_signed_in(client)


def test_a_protected_officer_costs_one_query_more(client: Client, settings: Any) -> None:
    officer = make_officer(make_county())
    set_up_app(officer)
    client.force_login(officer)
    counts = []
    for settings.REQUIRE_SECOND_FACTOR in (False, True):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("account_signup"))
            client.get(reverse("membership:me"))
        counts.append(len(queries))
    assert counts[1] == counts[0] + 1


def everything_in_sessions() -> str:
    """The table as somebody with a backup reads it: raw, and unpacked as far as base64 goes."""
    text = ""
    for row in Session.objects.all():
        data = row.session_data
        text += data + base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)).decode("latin-1")
    return text
