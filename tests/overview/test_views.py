"""The county's overview and a branch's day."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEvent, User
from calling.models import Call, CallList, CallListCaller
from dues.actions.summaries import recount as recount_dues
from membership.actions.summaries import recount
from membership.enums import ImportState, MemberStatus
from membership.models import Branch, RegisterImport
from membership.roles import Role
from overview.models import MonthlySnapshot
from recruitment.models import Target
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer, make_user
from tests.recruitment.test_figures import make_result, make_round
from tests.recruitment.test_views import rows_of

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]


def make_snapshot(branch: Branch, month_on: date, members: int) -> None:
    MonthlySnapshot.objects.create(
        branch=branch,
        county_id=branch.root_id,
        municipal_id=branch.municipal_id,
        month_on=month_on,
        members=members,
        taken_at=NOW,
    )


def make_import(branch: Branch, at: datetime, state: str = ImportState.APPLIED) -> None:
    RegisterImport.objects.create(
        branch=branch, started_by=make_user(), state=state, applied_at=at, file_name="x.xlsx", file="x"
    )


@pytest.fixture
def county() -> Branch:
    """Tromsø (3 members, 2 of 2 recruited, 2 unpaid), Kåfjord (1 member, 0 of 4), and one member without a branch."""
    county = make_county()
    made = make_round(county)
    tromso, kafjord = make_branch(county, "Tromsø"), make_branch(county, "Kåfjord")
    local = make_branch(tromso, "Kvaløya")
    for member in (make_member(tromso, joined_on=date(2026, 2, 1)), make_member(local, joined_on=date(2026, 3, 1))):
        make_claim(member)
    make_member(tromso)
    make_member(kafjord)
    make_member(county)
    make_member(kafjord, status=MemberStatus.RESIGNED, left_on=date(2026, 4, 1))
    Target.objects.create(round=made, branch=tromso, recruit_target=2, total_target=10)
    Target.objects.create(round=made, branch=kafjord, recruit_target=4)
    make_result(tromso, 40)
    make_result(kafjord, 10)
    for branch, members in ((county, 1), (tromso, 1), (local, 0), (kafjord, 2)):
        make_snapshot(branch, date(2025, 12, 1), members)
    recount(today=TODAY)
    recount_dues()
    return county


def text_of(page: str) -> str:
    """The text of the main part, without marks."""
    main = page.split("<main", maxsplit=1)[1].split("</main>", maxsplit=1)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def test_the_countys_numbers_are_true(county: Branch, client_for: ClientFor) -> None:
    page = client_for(make_officer(county, Role.COUNTY_SECRETARY)).get("/lag/troms/").content.decode()

    text = text_of(page)
    assert "Oversikt Fredag 20. november 2026. 41 dager igjen av året." in text
    # Tromsø's total target is 10; Kåfjord and those without a branch count with the members they have.
    assert "Medlemmer i Troms 5 mål 12 i 2028 2 av 6 vervet" in text
    assert "For å være i rute skulle dere ha vervet 5 (den gule streken). Dere ligger 3 bak ." in text
    assert "siden nyttår +1 har gått ut i år 1 per 100 stemmer i 2023 10,0" in text
    assert rows_of(page[page.index('id="kommunepartiene"') :]) == [
        "Tromsø 3 +2 i år 40 7,5 10 2 av 2 Nådd 2",
        "Kåfjord 1 −1 i år 10 10,0 – 0 av 4 3 bak planen 0",
        "Uten kommuneparti Hører bare til fylket 1 ±0 i år – – – 0 vervet, ikke satt mål 0",
        "Hele Troms 5 50 10,0 10 2 av 6 vervet 2",
    ]
    assert "Planen er vervemålet for 2026 fordelt jevnt på dagene i året, rundet ned." in text
    assert AuditEvent.objects.filter(verb="overview.opened", branch_id=county.pk).count() == 1


def test_what_needs_following_up_names_the_worst(county: Branch, client_for: ClientFor) -> None:
    text = text_of(client_for(make_officer(county, Role.COUNTY_SECRETARY)).get("/lag/troms/").content.decode())

    assert "2 medlemmer har ikke betalt kontingent for 2026 Tromsø 2 ikke betalt Se hvem" in text
    assert "1 kommuneparti ligger bak planen for verving Kåfjord 3 bak Se målene" in text
    assert "2 kommunepartier har et register som er over en måned gammelt Kåfjord aldri importert" in text


def test_an_import_into_the_county_is_one_into_every_branch(county: Branch, client_for: ClientFor) -> None:
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    make_import(Branch.objects.get(slug="tromso"), NOW - timedelta(days=3))
    make_import(county, NOW - timedelta(days=40))
    make_import(county, NOW, state=ImportState.FAILED)
    text = text_of(client.get("/lag/troms/").content.decode())
    assert "1 kommuneparti har et register som er over en måned gammelt Kåfjord 40 dager" in text

    make_import(county, NOW - timedelta(days=31))
    assert "over en måned gammelt" not in text_of(client.get("/lag/troms/").content.decode())


def test_who_may_not_see_dues_sees_no_count_of_them(county: Branch, client_for: ClientFor) -> None:
    page = client_for(make_officer(county, Role.COMMITTEE_READER)).get("/lag/troms/").content.decode()
    assert "etalt" not in text_of(page)
    assert "importert" not in text_of(page)
    assert "/kontingent/" not in page


def test_without_targets_and_history_nothing_is_made_up(client_for: ClientFor) -> None:
    county = make_county()
    make_member(make_branch(county))
    recount(today=TODAY)
    page = client_for(make_officer(county, Role.COUNTY_SECRETARY)).get("/lag/troms/").content.decode()

    text = text_of(page)
    assert "0 vervet i år Det er ikke satt vervemål for 2026." in text
    assert 'class="stripes"' not in page
    assert "Topplista" not in text
    assert "mot planen" not in text
    assert "i rute" not in text.lower()


@pytest.mark.parametrize(
    ("sorter", "first"),
    [("", "Tromsø"), ("navn", "Kåfjord"), ("-andel", "Kåfjord"), ("verving", "Kåfjord"), ("id", "Tromsø")],
)
def test_the_board_sorts_by_listed_names(county: Branch, client_for: ClientFor, sorter: str, first: str) -> None:
    page = client_for(make_officer(county, Role.COUNTY_SECRETARY)).get("/lag/troms/", {"sorter": sorter})
    assert rows_of(page.content.decode().split('id="kommunepartiene"')[1])[0].startswith(first)


def test_a_phone_shows_seven_branches_until_all_are_asked_for(county: Branch, client_for: ClientFor) -> None:
    for number in range(8):
        make_branch(county, f"Sted {number}")
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    page = client.get("/lag/troms/?sorter=navn").content.decode()
    assert "board--folded" in page
    assert 'href="?sorter=navn&amp;alle=1#kommunepartiene"' in page
    assert "board--folded" not in client.get("/lag/troms/?sorter=navn&alle=1").content.decode()


def test_more_than_thirty_branches_are_paged_and_lose_their_bars(client_for: ClientFor) -> None:
    county = make_county()
    made = make_round(county)
    for number in range(32):
        branch = make_branch(county, f"Sted {number:02d}")
        Target.objects.create(round=made, branch=branch, recruit_target=1)
        make_snapshot(branch, date(2025, 12, 1), 1)
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))

    first = client.get("/lag/troms/?sorter=navn").content.decode()
    second = client.get("/lag/troms/?sorter=navn&side=2").content.decode()

    assert 'class="stripes"' not in first
    assert len(rows_of(first.split('id="kommunepartiene"')[1])) == 31
    assert [row.split(" –")[0] for row in rows_of(second.split('id="kommunepartiene"')[1])[:2]] == [
        "Sted 30 0 −1 i år",
        "Sted 31 0 −1 i år",
    ]
    assert "Linjegraf. Medlemstallet gikk fra 32 ved nyttår til 0 i dag." in second
    assert len(gzip.compress(first.encode())) < 15_000


@pytest.mark.parametrize("branches", [1, 3, 31])
def test_the_overviews_number_of_queries_does_not_grow(
    client_for: ClientFor, django_assert_num_queries: DjangoAssertNumQueries, branches: int
) -> None:
    county = make_county()
    for number in range(branches):
        make_member(make_branch(county, f"Sted {number}"))
    client = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    client.get("/lag/troms/")

    # Session, user, branch, grants, the log; the round, members, results, dues, history, imports. More branches than a
    # page holds: the county's months apart from the page's. And what other apps have waiting, one each:
    # breaches, requests, the review of access, what the public pages lack; and three of who has not paid for long.
    with django_assert_num_queries(18 if branches <= 30 else 19):
        client.get("/lag/troms/")


# --- I dag ----------------------------------------------------------------------------------------------------------


def make_call_list(branch: Branch, outcomes: list[str]) -> CallList:
    """A list of a name for each outcome, empty where nobody has called."""
    made = CallList.objects.create(branch=branch, purpose="dues", year=2026, made_by=make_user(), created_at=NOW)
    caller = CallListCaller.objects.create(call_list=made, name="Kari", position=1)
    for position, outcome in enumerate(outcomes):
        Call.objects.create(
            call_list=made, caller=caller, member=make_member(branch), position=position, outcome=outcome
        )
    return made


def today_of(client: Client, slug: str = "tromso") -> str:
    return text_of(client.get(f"/lag/{slug}/").content.decode())


def test_a_branch_has_its_own_numbers_and_says_who_has_not_paid(county: Branch, client_for: ClientFor) -> None:
    make_import(county, NOW - timedelta(days=2))
    tromso = Branch.objects.get(slug="tromso")
    client = client_for(make_officer(tromso))
    page = client.get("/lag/tromso/").content.decode()

    text = text_of(page)
    assert "I dag Fredag 20. november. Én ting venter." in text
    assert "2 har ikke betalt for 2026 900 kr til sammen. Se hvem" in text
    assert "Medlemmer i Tromsø 3 mål 10 i 2028 2 av 2 vervet Målet for hele året er nådd." in text
    assert "siden nyttår +2 har ikke betalt 2 per 100 stemmer i 2023 7,5" in text
    assert 'href="/lag/tromso/kontingent/2026/ubetalt/"' in page
    assert '<a href="/lag/tromso/" aria-current="page">I dag</a>' in page


def test_a_local_branch_has_a_day_too(county: Branch, client_for: ClientFor) -> None:
    text = today_of(client_for(make_officer(Branch.objects.get(slug="kvaloya"))), "kvaloya")
    assert "1 har ikke betalt for 2026" in text
    assert "Medlemmer i Kvaløya 1" in text
    assert "per 100 stemmer" not in text


def test_an_open_call_list_comes_first_with_how_far_it_has_come(county: Branch, client_for: ClientFor) -> None:
    tromso = Branch.objects.get(slug="tromso")
    made = make_call_list(tromso, ["will_pay", "", ""])
    client = client_for(make_officer(tromso))
    page = client.get("/lag/tromso/").content.decode()
    assert "Ringelista «Ikke betalt 2026» 1 av 3 er ringt. Fortsett" in text_of(page)
    assert f'href="/lag/tromso/ringelister/{made.pk}/"' in page
    assert 'data-v="33"' in page


def test_a_list_that_is_finished_or_closed_does_not_wait(county: Branch, client_for: ClientFor) -> None:
    tromso = Branch.objects.get(slug="tromso")
    make_call_list(tromso, ["will_pay"])
    CallList.objects.filter(pk=make_call_list(tromso, [""]).pk).update(closed_at=NOW)
    assert "Ringelista" not in today_of(client_for(make_officer(tromso)))


def test_new_members_this_month_are_found_in_the_register(county: Branch, client_for: ClientFor) -> None:
    kafjord = Branch.objects.get(slug="kafjord")
    make_member(kafjord, joined_on=date(2026, 11, 1))
    make_member(kafjord, joined_on=date(2026, 10, 31))
    page = client_for(make_officer(kafjord)).get("/lag/kafjord/").content.decode()
    assert "1 nytt medlem i november Ring og ønsk velkommen. Se hvem" in text_of(page)
    assert 'href="/lag/kafjord/medlemmer/?fra=01.11.2026&amp;til=20.11.2026"' in page


def test_an_old_register_is_to_be_imported(county: Branch, client_for: ClientFor) -> None:
    kafjord = Branch.objects.get(slug="kafjord")
    client = client_for(make_officer(kafjord))
    assert "Registeret er ikke importert ennå" in today_of(client, "kafjord")
    make_import(kafjord, NOW - timedelta(days=32))
    assert "Registeret er 32 dager gammelt" in today_of(client, "kafjord")
    make_import(county, NOW)
    assert "Registeret" not in today_of(client, "kafjord")


def test_what_is_wrong_in_the_register_is_to_be_put_right(county: Branch, client_for: ClientFor) -> None:
    kafjord = Branch.objects.get(slug="kafjord")
    make_import(kafjord, NOW)
    make_member(kafjord, email="")
    client = client_for(make_officer(kafjord))
    # No email is known on the page of the register's state, and waits for nobody.
    assert "rette opp" not in today_of(client, "kafjord")
    make_member(kafjord, email_bounced_on=TODAY)
    make_member(kafjord, mobile="se notat", mobile_ok=False)
    assert "2 ting å rette opp i registeret" in today_of(client, "kafjord")
    assert 'href="/lag/kafjord/medlemmer/kvalitet/"' in client.get("/lag/kafjord/").text
    assert "rette opp" not in today_of(client_for(make_officer(kafjord, Role.BRANCH_LEADER)), "kafjord")


def test_at_most_three_things_wait(county: Branch, client_for: ClientFor) -> None:
    tromso = Branch.objects.get(slug="tromso")
    make_call_list(tromso, [""])
    make_member(tromso, joined_on=TODAY)
    page = client_for(make_officer(tromso)).get("/lag/tromso/").content.decode()
    assert "3 ting venter." in text_of(page)
    assert page.count('class="agenda__i"') == 3
    assert "Registeret" not in text_of(page)


def test_nothing_waits_without_the_right_to_do_it(county: Branch, client_for: ClientFor) -> None:
    tromso = Branch.objects.get(slug="tromso")
    make_call_list(tromso, [""])
    page = client_for(make_officer(tromso, Role.RECRUITMENT_OFFICER)).get("/lag/tromso/").content.decode()
    text = text_of(page)
    assert "Ingenting venter i dag" in text
    assert "etalt 2026" not in text
    assert 'href="/lag/tromso/verving/mal/"' in page.split("<main", maxsplit=1)[1]


@pytest.mark.parametrize("path", ["/lag/troms/", "/lag/tromso/", "/lag/nowhere/"])
def test_what_one_may_not_see_is_not_there(county: Branch, client_for: ClientFor, path: str) -> None:
    assert client_for(make_officer(Branch.objects.get(slug="kafjord"))).get(path).status_code == 404


@pytest.mark.parametrize("members", [1, 3])
def test_todays_number_of_queries_does_not_grow(
    county: Branch, client_for: ClientFor, django_assert_max_num_queries: DjangoAssertNumQueries, members: int
) -> None:
    tromso = Branch.objects.get(slug="tromso")
    make_call_list(tromso, [""] * members)
    client = client_for(make_officer(tromso))
    client.get("/lag/tromso/")

    # One of them counts those who want to move here, and four look among the messages.
    with django_assert_max_num_queries(18):
        client.get("/lag/tromso/")
