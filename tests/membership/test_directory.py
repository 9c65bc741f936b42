"""Who is who: whom to call, and nothing of those who do not want to be called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.grants import give
from membership.enums import PostTitle
from membership.models import BoardPost, Branch, Member
from membership.roles import Role
from tests.factories import TODAY, make_branch, make_county, make_member, make_officer, make_user

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


def main_of(client: Client, branch: Branch, query: str = "") -> str:
    answer = client.get(reverse("membership:directory", args=[branch.slug]) + query)
    assert answer.status_code == 200
    return str(answer.text).partition("<main")[2].partition("</main>")[0]


def post(branch: Branch, title: PostTitle = PostTitle.LEADER, **fields: Any) -> BoardPost:
    fields.setdefault("starts_on", date(2026, 3, 1))
    return BoardPost.objects.create(branch=branch, title=title, position=list(PostTitle).index(title), **fields)


def test_a_branch_officer_finds_whom_to_call_at_the_county(
    county: Branch, kafjord: Branch, client_for: ClientFor
) -> None:
    make_officer(county, Role.COUNTY_SECRETARY, name="Torunn Elvemoen", phone="+4700099991", email="t@demo.example")
    post(county, PostTitle.STAFF, name="Odd Organisasjon")
    text = main_of(client_for(make_officer(kafjord, name="Áile Bergmark")), kafjord)
    for told in ("Torunn Elvemoen", "Fylkessekretær", 'href="tel:+4700099991"', "t@demo.example", "Odd Organisasjon"):
        assert told in text
    assert "Áile Bergmark" in text
    assert AuditEvent.objects.filter(verb=Verb.DIRECTORY_OPENED, branch_id=kafjord.pk).count() == 1


def test_callers_other_branches_the_ended_and_the_shut_out_are_not_listed(
    county: Branch, kafjord: Branch, client_for: ClientFor
) -> None:
    make_officer(kafjord, Role.CALLER, name="Liban Ringesen")
    make_officer(make_branch(county, "Lyngen"), name="Fremmed Lyngsen")
    make_officer(kafjord, name="Stengt Utesen", is_active=False)
    ended = make_officer(kafjord, name="Gammel Forrigesen")
    ended.grants.update(ends_on=TODAY)
    text = main_of(client_for(make_officer(kafjord)), kafjord)
    for hidden in ("Ringesen", "Lyngsen", "Utesen", "Forrigesen"):
        assert hidden not in text


def test_a_substitute_is_told_of_and_for_whom(kafjord: Branch, client_for: ClientFor) -> None:
    officer = make_officer(kafjord, name="Áile Bergmark")
    other = make_user("Vilde Vikar")
    grant = give(
        other, role=Role.MEMBERSHIP_OFFICER, branch=kafjord, by=None, starts_on=TODAY, ends_on=date(2027, 1, 1)
    )
    grant.stands_in_for = officer
    grant.save()
    text = main_of(client_for(officer), kafjord)
    assert "Medlemsansvarlig, vikar for Áile Bergmark til og med 31.12.2026" in text


def test_one_who_holds_two_posts_stands_once(kafjord: Branch, client_for: ClientFor) -> None:
    officer = make_officer(kafjord, name="Áile Bergmark")
    post(kafjord, PostTitle.SECRETARY, user=officer)
    text = main_of(client_for(officer), kafjord)
    assert text.count("Áile Bergmark</b>") == 1
    assert "Medlemsansvarlig · Sekretær" in text


def reachable(kafjord: Branch) -> Member:
    return make_member(kafjord, "Ragna", "Styresen", mobile="+4700123123", email="ragna@demo.example")


def test_a_member_on_the_board_can_be_called_by_whoever_reads_the_register(
    kafjord: Branch, client_for: ClientFor
) -> None:
    post(kafjord, member=reachable(kafjord))
    text = main_of(client_for(make_officer(kafjord)), kafjord)
    assert "Ragna Styresen" in text
    assert "+4700123123" in text
    assert "ragna@demo.example" in text


@pytest.mark.parametrize("role", [Role.RECRUITMENT_OFFICER, Role.COMMITTEE_READER, Role.ADMINISTRATOR])
def test_others_see_the_name_and_no_number(role: Role, kafjord: Branch, client_for: ClientFor) -> None:
    post(kafjord, member=reachable(kafjord))
    text = main_of(client_for(make_officer(kafjord, role)), kafjord)
    assert "Ragna Styresen" in text
    assert "00123123" not in text
    assert "ragna@" not in text


@pytest.mark.parametrize(
    "said",
    [
        {"address_protection": "confidential"},
        {"address_protection": "strict"},
        {"no_phone": True, "no_email": True},
    ],
)
def test_who_is_protected_or_said_no_is_not_reached(
    said: dict[str, Any], kafjord: Branch, client_for: ClientFor
) -> None:
    member = reachable(kafjord)
    Member.objects.filter(pk=member.pk).update(**said)
    post(kafjord, member=member)
    text = main_of(client_for(make_officer(kafjord)), kafjord)
    assert "Ragna Styresen" in text
    assert "00123123" not in text
    assert "ragna@" not in text


@pytest.mark.parametrize("status", ["resigned", "deceased"])
def test_who_has_left_is_not_named(status: str, kafjord: Branch, client_for: ClientFor) -> None:
    member = reachable(kafjord)
    post(kafjord, member=member)
    Member.objects.filter(pk=member.pk).update(status=status)
    text = main_of(client_for(make_officer(kafjord)), kafjord)
    assert not any(what in text for what in ("Ragna", "Styresen", "00123123", "ragna@"))


def test_a_board_member_of_another_branch_is_not_reached_through_the_board(
    county: Branch, kafjord: Branch, client_for: ClientFor
) -> None:
    post(kafjord, member=reachable(make_branch(county, "Lyngen")))
    text = main_of(client_for(make_officer(kafjord)), kafjord)
    assert "00123123" not in text


def test_posts_that_have_ended_or_not_begun_are_not_there(kafjord: Branch, client_for: ClientFor) -> None:
    post(kafjord, name="Forrige Leder", starts_on=date(2024, 1, 1), ends_on=TODAY)
    post(kafjord, name="Neste Leder", starts_on=TODAY + timedelta(days=1))
    text = main_of(client_for(make_officer(kafjord)), kafjord)
    assert "Forrige Leder" not in text
    assert "Neste Leder" not in text


# --- The county's view ------------------------------------------------------------------------------------------------


def lists(client: Client, branch: Branch, query: str = "") -> list[str]:
    answer = client.get(reverse("membership:directory", args=[branch.slug]) + query)
    return [entry.branch.place for entry in answer.context["listing"].rows]


def signed_in(user: User, day: date) -> User:
    user.last_login = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    user.save()
    return user


def test_branches_without_an_officer_and_with_one_who_is_away(county: Branch, client_for: ClientFor) -> None:
    lyngen, storfjord, balsfjord = (make_branch(county, place) for place in ("Lyngen", "Storfjord", "Balsfjord"))
    under = make_branch(balsfjord, "Malangen")
    make_branch(lyngen, "Furuflaten")
    signed_in(make_officer(balsfjord), TODAY - timedelta(days=60))
    signed_in(make_officer(storfjord), TODAY - timedelta(days=61))
    make_officer(lyngen, Role.BRANCH_LEADER)
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert lists(client, county, "?vis=uten") == ["Lyngen", "Furuflaten"]
    assert lists(client, county, "?vis=borte") == ["Storfjord"]
    assert set(lists(client, county)) == {"Lyngen", "Furuflaten", "Storfjord", "Balsfjord", under.place}
    text = main_of(client, county)
    assert 'Uten medlemsansvarlig <span class="n">2</span>' in text
    assert 'Ikke logget inn på 60 dager <span class="n">1</span>' in text


def test_who_never_signed_in_counts_from_the_first_day(county: Branch, client_for: ClientFor) -> None:
    for place, days in (("Lyngen", 61), ("Storfjord", 60)):
        officer = make_user()
        starts_on = TODAY - timedelta(days=days)
        branch = make_branch(county, place)
        give(officer, role=Role.MEMBERSHIP_OFFICER, branch=branch, by=None, starts_on=starts_on)
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert lists(client, county, "?vis=borte") == ["Lyngen"]


def test_one_officer_who_is_here_is_enough(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    signed_in(make_officer(kafjord), TODAY - timedelta(days=200))
    signed_in(make_officer(kafjord), TODAY - timedelta(days=2))
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert lists(client, county, "?vis=borte") == []


def test_when_officers_signed_in_is_not_for_everybody(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    signed_in(make_officer(kafjord), TODAY - timedelta(days=200))
    client = client_for(make_officer(county, Role.TREASURER))
    assert "Ikke logget inn" not in main_of(client, county)
    assert lists(client, county, "?vis=borte") == ["Kåfjord"], "the filter is not read: all are there"


def test_a_branch_is_found_by_any_of_its_names(county: Branch, client_for: ClientFor) -> None:
    make_branch(county, "Kåfjord", other_names="Gáivuotna")
    make_branch(county, "Lyngen")
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    for q in ("kåf", "gaivu", "KÅFJORD arb"):
        assert lists(client, county, f"?q={q}") == ["Kåfjord"]
    assert lists(client, county, "?q=nordkapp") == []


def test_a_branch_that_is_no_more_is_not_listed(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    Branch.objects.filter(pk=kafjord.pk).update(valid_to=TODAY)
    assert lists(client_for(make_officer(county, Role.COUNTY_SECRETARY)), county) == []


@pytest.mark.parametrize("branches", [1, 45])
def test_any_number_of_branches_takes_the_same_queries(
    branches: int, county: Branch, client_for: ClientFor, django_assert_num_queries: Any
) -> None:
    for number in range(branches):
        branch = make_branch(county, f"Sted {number}")
        make_officer(branch)
        post(branch, member=make_member(branch))
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    url = reverse("membership:directory", args=[county.slug])
    client.get(url)
    with django_assert_num_queries(10):
        assert len(client.get(url).context["listing"].rows) == min(branches, 30)


def test_naughty_names_are_inert(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    naughty = '"><script>alert(1)</script>'
    Branch.objects.filter(pk=kafjord.pk).update(name=naughty, place=naughty, other_names=naughty, meeting_place=naughty)
    post(kafjord, name=naughty)
    make_officer(kafjord, name=naughty)
    text = main_of(client_for(make_officer(county, Role.COUNTY_SECRETARY)), county, '?q="><script>alert(1)</script>')
    assert "<script>" not in text
    text = client_for(make_officer(kafjord)).get(reverse("membership:directory", args=[kafjord.slug])).text
    assert "<script>alert" not in text


def test_another_branch_of_ones_neighbour_is_not_found(county: Branch, kafjord: Branch, client_for: ClientFor) -> None:
    officer = make_officer(make_branch(county, "Lyngen"))
    assert client_for(officer).get(reverse("membership:directory", args=[kafjord.slug])).status_code == 404
