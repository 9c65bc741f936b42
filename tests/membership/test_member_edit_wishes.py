"""The reservations in a member's form: the two that most ask for first, the rest folded away but never hidden."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from membership.models import Branch, Member
from tests.factories import TODAY, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


@pytest.fixture
def branch() -> Branch:
    return make_branch(make_county())


def wishes(client: Client, member: Member) -> str:
    page = client.get(reverse("membership:member_edit", args=[member.branch.slug, member.pk])).content.decode()
    return page[page.index('id="h-wishes"') :]


def test_email_and_sms_come_first(branch: Branch, client_for: ClientFor) -> None:
    part = wishes(client_for(make_officer(branch)), make_member(branch))
    names = re.findall(r'<input type="checkbox" name="(no_\w+)"', part)
    assert names[:2] == ["no_email", "no_sms"]
    first, _, more = part.partition("<details")
    assert re.findall(r'name="(no_\w+)"', first) == ["no_email", "no_sms"]
    assert 'name="no_newsletter"' in more
    assert 'name="fundraising_consent_on"' in more


def test_what_is_folded_away_is_open_where_something_stands_there(branch: Branch, client_for: ClientFor) -> None:
    client = client_for(make_officer(branch))
    assert "<details class" in wishes(client, make_member(branch, no_email=True))
    for said in ({"no_newsletter": True}, {"no_phone": True}, {"fundraising_consent_on": TODAY}):
        part = wishes(client, make_member(branch, **said))
        assert re.search(r"<details [^>]*\bopen\b", part), said
    assert not re.search(r"<details [^>]*\bopen\b", wishes(client, make_member(branch, no_sms=True)))


def test_a_mistake_there_is_seen(branch: Branch, client_for: ClientFor) -> None:
    member = make_member(branch)
    address = reverse("membership:member_edit", args=[branch.slug, member.pk])
    answer = client_for(make_officer(branch)).post(address, {"fundraising_consent_on": "i går"})
    assert answer.status_code == 422
    part = answer.content.decode()
    assert re.search(r"<details [^>]*\bopen\b", part[part.index('id="h-wishes"') :])
