"""The way out of every mail: the link, the headers, the page, and the button in the mail program."""

import html
import re
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.enums import ChangeSource
from membership.models import Branch, Member, MemberChange
from messaging.actions.reservations import choose, say_no
from messaging.enums import Channel, MessageState, Purpose
from messaging.models import BlockedAddress, Delivery, Recipient
from messaging.unsubscribe import delivery_of, headers_for, readers_of, token_for, url_for
from tests.access_mail import make_message
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

SHARED = "familien@example.no"


@pytest.fixture
def branch() -> Branch:
    return make_branch(make_county())


def sent_to(branch: Branch, *members: Member, purpose: str = Purpose.NEWSLETTER, **fields: object) -> Delivery:
    """One email to these."""
    message = make_message(branch, make_officer(branch), MessageState.DONE, purpose=purpose, **fields)
    delivery = Delivery.objects.create(
        key=f"test:{uuid4()}",
        message=message,
        branch=branch,
        channel=Channel.EMAIL,
        purpose=purpose,
        address=members[0].email.lower() if members else "leder@example.no",
        created_at=NOW,
        not_before_at=NOW,
        wipe_at=NOW,
    )
    for member in members:
        Recipient.objects.create(message=message, member=member, channel=Channel.EMAIL, delivery=delivery)
    return delivery


def path_of(delivery: Delivery) -> str:
    return url_for(delivery).removeprefix(settings.PUBLIC_URL)


def page(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return html.unescape(response.content.decode())


def reservations(member: Member) -> dict[str, object]:
    member.refresh_from_db()
    names = ["no_email", "no_sms", "no_phone", "no_post", "no_newsletter", "no_meetings", "no_surveys"]
    return {name: getattr(member, name) for name in [*names, "no_recruitment", "fundraising_consent_on"]}


def turned(client: Client, url: str, **on: bool) -> dict[str, str]:
    """The form as the page shows it, with some of it turned."""
    text = page(client, url)
    data = dict(re.findall(r'<input type="hidden" name="(initial-\w+)" value="(\w*)"', text))
    columns = {name.removeprefix("initial-"): value == "True" for name, value in data.items()}
    return data | {column: "on" for column, is_on in columns.items() if on.get(column, is_on)}


# --- The link and the headers -----------------------------------------------------------------------------------------


def test_the_link_is_the_same_each_time_and_leads_back(branch: Branch) -> None:
    delivery = sent_to(branch, make_member(branch))
    assert url_for(delivery) == url_for(delivery) == f"{settings.PUBLIC_URL}/avmelding/{token_for(delivery)}/"
    assert delivery_of(token_for(delivery)) == delivery
    assert len(url_for(delivery)) < 120


def test_the_link_carries_no_date(branch: Branch) -> None:
    """It ends with the delivery."""
    token = token_for(sent_to(branch, make_member(branch)))
    assert not re.search(r"[.:].*[.:]", token)


@pytest.mark.parametrize("spoil", ["", "x", "æøå", "a.b", "." * 90])
def test_a_garbled_link_finds_nothing(branch: Branch, spoil: str) -> None:
    token = token_for(sent_to(branch, make_member(branch)))
    assert delivery_of(spoil) is None
    assert delivery_of(token + spoil if spoil else token[:-1]) is None
    assert delivery_of(spoil + token if spoil else token[1:]) is None


def test_a_link_signed_for_something_else_finds_nothing(branch: Branch) -> None:
    delivery = sent_to(branch, make_member(branch))
    name = token_for(delivery).partition(".")[0]
    assert delivery_of(signing.Signer(sep=".", salt="another").sign(name)) is None


def test_what_is_signed_but_no_delivery_finds_nothing() -> None:
    assert delivery_of(signing.Signer(sep=".", salt="messaging.unsubscribe").sign("kort")) is None


def test_a_newsletter_carries_both_headers(branch: Branch) -> None:
    delivery = sent_to(branch, make_member(branch))
    assert headers_for(delivery) == {
        "List-Unsubscribe": f"<{url_for(delivery)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_what_one_cannot_say_no_to_carries_none(branch: Branch) -> None:
    member = make_member(branch)
    code = Delivery(channel=Channel.EMAIL, purpose=Purpose.SIGN_IN, address=member.email)
    to_officers = sent_to(branch, audience={"kind": "officers", "roles": []})
    assert headers_for(sent_to(branch, member, purpose=Purpose.SERVICE)) == {}
    assert headers_for(code) == {}
    assert headers_for(to_officers) == {}


# --- The button in the mail program -----------------------------------------------------------------------------------


@pytest.fixture
def strict() -> Client:
    """Asks for the token of each form, as in production."""
    return Client(enforce_csrf_checks=True)


ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_one_click_says_no_to_that_kind_only(branch: Branch, strict: Client) -> None:
    member = make_member(branch)
    response = strict.post(path_of(sent_to(branch, member)), ONE_CLICK)
    assert response.status_code == 200
    assert "set-cookie" not in {name.lower() for name in response.headers}
    assert not response.cookies
    said = {name for name, value in reservations(member).items() if value}
    assert said == {"no_newsletter"}


def test_one_click_as_a_plain_form(branch: Branch, strict: Client) -> None:
    member = make_member(branch)
    body = "List-Unsubscribe=One-Click"
    response = strict.post(path_of(sent_to(branch, member)), body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 200
    assert reservations(member)["no_newsletter"]


def test_one_click_twice_is_once(branch: Branch, strict: Client) -> None:
    member = make_member(branch)
    url = path_of(sent_to(branch, member))
    assert [strict.post(url, ONE_CLICK).status_code for _ in range(2)] == [200, 200]
    assert MemberChange.objects.filter(member=member).count() == 1
    assert AuditEvent.objects.filter(verb=Verb.UNSUBSCRIBED).count() == 1


def test_one_click_for_a_household_is_for_all_who_got_it(branch: Branch, strict: Client) -> None:
    both = [make_member(branch, name, email=SHARED) for name in ("Kari", "Ola")]
    strict.post(path_of(sent_to(branch, *both)), ONE_CLICK)
    assert all(reservations(member)["no_newsletter"] for member in both)


@pytest.mark.parametrize(
    "data",
    [{}, {"no_more": "1"}, ONE_CLICK | {"no_email": "on"}, {"List-Unsubscribe": "x"}, {"initial-no_sms": "True"}],
)
def test_every_other_post_needs_its_token(branch: Branch, strict: Client, data: dict[str, str]) -> None:
    member = make_member(branch)
    before = reservations(member)
    assert strict.post(path_of(sent_to(branch, member)), data).status_code == 403
    assert reservations(member) == before


def test_one_click_on_a_garbled_link_does_nothing(strict: Client) -> None:
    assert strict.post("/avmelding/x.y/", ONE_CLICK).status_code == 404


# --- Who it is about --------------------------------------------------------------------------------------------------


def test_whoever_has_another_address_by_now_is_not_touched(branch: Branch, client: Client) -> None:
    moved, stays = (make_member(branch, name, email=SHARED) for name in ("Kari", "Ola"))
    delivery = sent_to(branch, moved, stays)
    Member.objects.filter(pk=moved.pk).update(email="ny@example.no")
    assert list(readers_of(delivery).values()) == [stays]
    client.post(path_of(delivery), ONE_CLICK)
    assert not reservations(moved)["no_newsletter"]


def test_capitals_make_no_other_address(branch: Branch) -> None:
    member = make_member(branch, email="Kari.Nordvik@Example.no")
    assert list(readers_of(sent_to(branch, member)).values()) == [member]


def test_a_link_to_nobody_is_a_neutral_page(branch: Branch, client: Client) -> None:
    delivery = sent_to(branch, make_member(branch))
    Recipient.objects.all().delete()
    assert page(client, path_of(delivery), 404) == page(client, "/avmelding/x.y/", 404)


def test_a_service_delivery_has_no_page(branch: Branch, client: Client) -> None:
    assert "Lenken virker ikke" in page(client, path_of(sent_to(branch, make_member(branch), purpose="service")), 404)


@pytest.mark.parametrize("query", ["?email=andre@example.no", "?hvem=1", "?member=1&branch=2", "?hvem=x"])
def test_what_is_added_to_the_address_has_no_effect(branch: Branch, client: Client, query: str) -> None:
    member = make_member(branch)
    other = make_member(branch, email="andre@example.no")
    sent_to(branch, other)
    client.post(path_of(sent_to(branch, member)) + query, {"no_more": "1"})
    assert reservations(member)["no_newsletter"]
    assert not reservations(other)["no_newsletter"]


# --- The page ---------------------------------------------------------------------------------------------------------


def test_looking_changes_nothing(branch: Branch, client: Client) -> None:
    member = make_member(branch)
    before = reservations(member)
    url = path_of(sent_to(branch, member))
    for query in ("", "?lagret=1", "?hvem=1", "?no_more=1"):
        page(client, url + query)
    assert client.head(url).status_code == 200
    assert reservations(member) == before
    assert not MemberChange.objects.exists()


def test_the_page_tells_nobody_where_it_is(branch: Branch, client: Client) -> None:
    for url in (path_of(sent_to(branch, make_member(branch))), "/avmelding/x.y/"):
        response = client.get(url)
        assert response.headers["Referrer-Policy"] == "strict-origin"
        assert response.headers["Cache-Control"] == "no-store"
        assert "noindex" in response.headers["X-Robots-Tag"]


def test_the_page_shows_nothing_of_the_member(branch: Branch, client: Client) -> None:
    member = make_member(branch, "Ane", "Fjellvær", street="Storgata 1", birth_year=1970)
    url = path_of(sent_to(branch, member))
    for query in ("", "?lagret=1"):
        text = page(client, url + query)
        for secret in (member.last_name, member.email, member.member_number, member.mobile, "Storgata", "1970"):
            assert secret not in text
        assert branch.name not in text


def test_no_more_of_the_kind_one_came_from(branch: Branch, client: Client) -> None:
    member = make_member(branch)
    url = path_of(sent_to(branch, member, purpose=Purpose.SURVEYS))
    assert "Nei takk til undersøkelser" in page(client, url)
    done = client.post(url, {"no_more": "1"}, follow=True)
    assert done.redirect_chain == [(f"{url}?lagret=1", 302)]
    assert reservations(member)["no_surveys"]
    told = html.unescape(done.content.decode())
    assert "Nyhetsbrev" in told
    assert "Undersøkelser" not in told
    assert "Du har sagt nei til denne typen meldinger." in page(client, url)


def test_a_gift_is_no_longer_asked_for(branch: Branch, client: Client) -> None:
    member = make_member(branch, fundraising_consent_on=TODAY)
    url = path_of(sent_to(branch, member, purpose=Purpose.FUNDRAISING))
    assert "Spørsmål om gaver" in page(client, f"{url}?lagret=1")
    client.post(url, {"no_more": "1"})
    assert reservations(member)["fundraising_consent_on"] is None
    assert "Spørsmål om gaver" not in page(client, f"{url}?lagret=1")


def test_the_two_switches_come_first(branch: Branch, client: Client) -> None:
    text = page(client, path_of(sent_to(branch, make_member(branch))))
    switches = re.findall(r'name="(\w+)"[^>]*role="switch"', text)
    assert switches == ["no_email", "no_sms"]
    assert text.index('role="switch"') < text.index("<details") < text.index('name="no_newsletter"')


def test_a_switch_that_is_turned_is_written_and_no_other(branch: Branch, client: Client) -> None:
    member = make_member(branch)
    url = path_of(sent_to(branch, member))
    old_page = turned(client, url, no_email=False)
    # Meanwhile an officer writes down something else.
    Member.objects.filter(pk=member.pk).update(no_surveys=True)
    client.post(url, old_page)
    said = {name for name, value in reservations(member).items() if value}
    assert said == {"no_email", "no_surveys"}
    told = page(client, f"{url}?lagret=1")
    assert "dette på SMS" in told


def test_a_switch_can_be_turned_back(branch: Branch, client: Client) -> None:
    member = make_member(branch, no_email=True, no_meetings=True)
    url = path_of(sent_to(branch, member))
    client.post(url, turned(client, url, no_email=True, no_meetings=True))
    assert not any(reservations(member).values())


def test_no_to_both_ways_leaves_what_one_gets_anyway(branch: Branch, client: Client) -> None:
    member = make_member(branch, no_email=True, no_sms=True)
    told = page(client, path_of(sent_to(branch, member)) + "?lagret=1")
    assert "Du får ikke lenger e-post eller SMS fra oss" in told
    assert "Nyhetsbrev" not in told
    assert "formelle innkallinger" in told


def test_consent_cannot_be_given_by_a_link(branch: Branch, client: Client) -> None:
    member = make_member(branch)
    url = path_of(sent_to(branch, member))
    data = {"fundraising_consent_on": "on", "initial-fundraising_consent_on": "False", "status": "left"}
    assert client.post(url, turned(client, url) | data).status_code == 302
    assert reservations(member)["fundraising_consent_on"] is None
    member.fundraising_consent_on = None
    with pytest.raises(ValueError, match=r"^$"):
        choose(member, {"fundraising_consent_on": TODAY}, delivery=sent_to(branch, member), now=NOW, today=TODAY)


def test_a_link_opens_reservations_only(branch: Branch) -> None:
    member = make_member(branch)
    with pytest.raises(ValueError, match=r"^$"):
        choose(member, {"email": "x@example.no"}, delivery=sent_to(branch, member), now=NOW, today=TODAY)


def test_consent_is_taken_back_under_more(branch: Branch, client: Client) -> None:
    member = make_member(branch, fundraising_consent_on=TODAY)
    url = path_of(sent_to(branch, member))
    client.post(url, turned(client, url, fundraising_consent_on=False))
    assert reservations(member)["fundraising_consent_on"] is None


def test_what_is_stopped_elsewhere_has_no_switch(branch: Branch, client: Client) -> None:
    member = make_member(branch)
    for channel, address, reason in (("sms", member.mobile, "stopp"), ("email", member.email, "complaint")):
        BlockedAddress.objects.create(channel=channel, address=address, reason=reason, noted_at=NOW, blocked_at=NOW)
    url = path_of(sent_to(branch, member))
    text = page(client, url)
    assert 'role="switch"' not in text
    assert "har svart STOPP" in text
    assert "meldt e-posten vår som uønsket" in text
    assert "Du får ikke lenger" in page(client, f"{url}?lagret=1")


# --- A household ------------------------------------------------------------------------------------------------------


def test_a_household_is_asked_which_of_them(branch: Branch, client: Client) -> None:
    kari, ola = (make_member(branch, name, "Fjellvær", email=SHARED) for name in ("Kari", "Ola"))
    url = path_of(sent_to(branch, kari, ola))
    text = page(client, url)
    assert "Hvem gjelder det?" in text
    assert "Fjellvær" not in text
    links = re.findall(r'href="([^"]*\?hvem=\d+)">(\w+)<', text)
    assert [name for _url, name in links] == ["Kari", "Ola"]
    theirs = links[1][0]
    assert "Hva vil Ola få fra oss?" in page(client, theirs)
    done = client.post(theirs, turned(client, theirs, no_email=False), follow=True)
    assert "Gjelder det en til?" in done.content.decode()
    assert reservations(ola)["no_email"]
    assert not reservations(kari)["no_email"]


def test_a_household_that_has_not_said_who_is_asked_again(branch: Branch, client: Client) -> None:
    both = [make_member(branch, name, email=SHARED) for name in ("Kari", "Ola")]
    url = path_of(sent_to(branch, *both))
    for query in ("", "?hvem=0", "?hvem=x"):
        assert client.post(url + query, {"initial-no_email": "True"}).status_code == 422
    assert not any(reservations(member)["no_email"] for member in both)


def test_a_household_says_no_for_all(branch: Branch, client: Client) -> None:
    both = [make_member(branch, name, email=SHARED) for name in ("Kari", "Ola")]
    url = path_of(sent_to(branch, *both))
    told = html.unescape(client.post(url, {"no_more": "1"}, follow=True).content.decode())
    assert all(reservations(member)["no_newsletter"] for member in both)
    assert told.index("Kari") < told.index("Ola")


def test_two_of_the_same_name_are_told_apart(branch: Branch, client: Client) -> None:
    both = [make_member(branch, "Ola", last, email=SHARED) for last in ("Fjellvær", "Nordvik")]
    text = page(client, path_of(sent_to(branch, *both)))
    assert "Ola Fjellvær" in text
    assert "Ola Nordvik" in text


# --- What is written down ---------------------------------------------------------------------------------------------


def test_the_history_says_that_the_member_did_it(branch: Branch) -> None:
    member = make_member(branch)
    delivery = sent_to(branch, member)
    assert say_no([member], delivery=delivery, now=NOW, today=TODAY) == [member]
    assert say_no([member], delivery=delivery, now=NOW, today=TODAY) == []
    change = MemberChange.objects.get(member=member)
    assert (change.field, change.after, change.source, change.by) == ("no_newsletter", True, ChangeSource.MEMBER, None)
    event = AuditEvent.objects.get(verb=Verb.UNSUBSCRIBED)
    assert (event.count, event.object_id, event.branch_id) == (1, str(delivery.pk), branch.pk)
    assert event.details == {"fields": "no_newsletter"}
