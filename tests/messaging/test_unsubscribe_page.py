"""The way out of every mail: the page."""

import html
import re

import pytest
from django.test import Client

from accounts.enums import Verb
from accounts.models import AuditEvent
from membership.enums import ChangeSource
from membership.models import Branch, Member, MemberChange
from messaging.actions.reservations import choose, say_no
from messaging.enums import Purpose
from messaging.models import BlockedAddress
from tests.factories import NOW, TODAY, make_member
from tests.messaging.unsubscribing import SHARED, page, path_of, reservations, sent_to, turned

pytestmark = pytest.mark.django_db


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
    assert "Nei takk til spørsmål om gaver" in page(client, url)
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
