"""The pages of likely duplicates: what is shown, what is not, and what each press does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from jobs.models import Job
from membership.actions.merging import mark_of
from membership.duplicates.searching import search_county
from membership.enums import PairState
from membership.extensions import registry
from membership.models import Branch, DuplicatePair, FormerNumber, Member, Merge
from membership.roles import PERMISSIONS, Permission, Role
from tests.factories import NOW, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db
BORN = date(1970, 3, 14)
NAUGHTY = "<script>alert(1)</script>"


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def client(kafjord: Branch, client_for: Callable[..., Client]) -> Client:
    return client_for(make_officer(kafjord))


def twice(branch: Branch, last_name: str = "Fjellvær", **fields: Any) -> tuple[Member, Member]:
    one = make_member(branch, "Ane", last_name, birth_on=BORN, birth_year=1970)
    return one, make_member(branch, "Ane", last_name, **({"birth_on": BORN, "birth_year": 1970} | fields))


def url(name: str, branch: Branch, *args: Any) -> str:
    return reverse(f"membership:{name}", args=[branch.slug, *args])


def form(*members: Member, **chosen: Any) -> dict[str, Any]:
    """What the page of two sends."""
    seen = {f"seen_{member.pk}": mark_of(Member.objects.get(pk=member.pk)) for member in members}
    return seen | {"handling": "sla-sammen"} | {key: getattr(value, "pk", value) for key, value in chosen.items()}


# --- The list -----------------------------------------------------------------------------------------------------


def test_the_likeliest_stand_on_top_with_what_agrees(county: Branch, kafjord: Branch, client: Client) -> None:
    twice(kafjord, "Moe")
    one, other = twice(kafjord, "Lie")
    Member.objects.filter(pk=other.pk).update(mobile=one.mobile)
    search_county(county.pk, now=NOW)
    page = client.get(url("duplicate_list", kafjord))
    assert [row["first"]["name"] for row in page.context["rows"]] == ["Ane Lie", "Ane Moe"]
    assert "Navn, fødsel og telefon" in page.text
    assert "Svært sannsynlig" in page.text
    assert "2 par kan være én person" in page.text


def test_the_list_asks_the_same_for_few_and_many(county: Branch, kafjord: Branch, client: Client) -> None:
    def queries() -> int:
        search_county(county.pk, now=NOW)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url("duplicate_list", kafjord)).status_code == 200
        return len(captured)

    twice(kafjord)
    client.get(url("duplicate_list", kafjord))
    assert queries() == 7
    for letter in "abcdefghij":
        twice(kafjord, f"Qvig{letter}")
    assert queries() == 7


def test_an_empty_list_says_what_it_means(kafjord: Branch, client: Client) -> None:
    page = client.get(url("duplicate_list", kafjord))
    assert "Ingen mulige dubletter" in page.text
    assert "Let etter dubletter nå" in page.text


def test_a_pair_across_branches_is_the_countys_alone(
    county: Branch, kafjord: Branch, client: Client, client_for: Callable[..., Client]
) -> None:
    one = make_member(kafjord, "Ane", "Qvigstad", birth_on=BORN)
    other = make_member(make_branch(county, "Lyngen"), "Ane", "Qvigstad", birth_on=BORN)
    search_county(county.pk, now=NOW)
    assert "Qvigstad" not in client.get(url("duplicate_list", kafjord)).text
    assert client.get(url("merge", kafjord, one.pk, other.pk)).status_code == 404
    assert client.post(url("merge", kafjord, one.pk, other.pk), form(one, other)).status_code == 404
    assert (
        "Ane Qvigstad" not in client.get(url("merge_start", kafjord, one.pk)).text.replace("Ane Qvigstad, nr", "")[-1:]
    )
    secretary = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    assert "Qvigstad" in secretary.get(url("duplicate_list", county)).text
    assert secretary.get(url("merge", county, one.pk, other.pk)).status_code == 200
    assert Member.objects.count() == 2


def test_who_has_left_since_is_not_on_the_list(county: Branch, kafjord: Branch, client: Client) -> None:
    twice(kafjord)
    search_county(county.pk, now=NOW)
    Member.objects.update(status="resigned")
    assert client.get(url("duplicate_list", kafjord)).context["rows"] == []


def test_looking_is_a_job_once_at_a_time(kafjord: Branch, client: Client, client_for: Callable[..., Client]) -> None:
    answer = client.post(url("duplicate_list", kafjord))
    job = Job.objects.get()
    assert answer["Location"] == url("job", kafjord, job.pk)
    assert client.post(url("duplicate_list", kafjord))["Location"] == url("job", kafjord, job.pk)
    assert client_for(make_officer(kafjord)).post(url("duplicate_list", kafjord))["Location"] == url(
        "duplicate_list", kafjord
    )
    assert Job.objects.count() == 1
    assert "Leter …" in client.get(url("duplicate_list", kafjord)).text


# --- Two beside one another -----------------------------------------------------------------------------------------


def test_what_is_unlike_is_chosen_and_the_rest_is_said(kafjord: Branch, client: Client) -> None:
    one, other = twice(kafjord, email="gammel@example.no", skills=NAUGHTY)
    page = client.get(url("merge", kafjord, one.pk, other.pk))
    assert [row.key for row in page.context["rows"]] == ["mobile", "email", "skills"]
    assert ("Født", "14.03.1970") in page.context["equal"]
    assert NAUGHTY not in page.text
    assert "Dette er ulikt" in page.text
    assert "Qvig" not in page.text
    assert "Ane" not in page.text[page.text.index("<title>") : page.text.index("</title>")]


def test_an_official_number_is_chosen_before_one_given_here(kafjord: Branch, client: Client) -> None:
    one, other = twice(kafjord)
    Member.objects.filter(pk=one.pk).update(number_is_local=True, member_number="L10001")
    page = client.get(url("merge", kafjord, one.pk, other.pk))
    assert [option.text for option in page.context["number"].options if option.chosen] == [other.member_number]


def test_one_press_merges_and_one_takes_it_back(kafjord: Branch, client: Client) -> None:
    one, other = twice(kafjord, email="gammel@example.no")
    answer = client.post(url("merge", kafjord, one.pk, other.pk), form(one, other, kept=one, email=other))
    made = Merge.objects.get()
    assert answer["Location"] == url("merge_done", kafjord, made.pk)
    assert list(Member.objects.values_list("pk", "email")) == [(one.pk, "gammel@example.no")]
    assert "Angre sammenslåingen" in client.get(answer["Location"]).text
    assert url("merge_done", kafjord, made.pk) in client.get(url("member_detail", kafjord, one.pk)).text

    assert "Flyttet fra" not in client.get(url("member_detail", kafjord, one.pk)).text

    back = client.post(url("merge_undo", kafjord, made.pk), follow=True)

    assert "De er to medlemmer igjen." in back.text
    assert set(Member.objects.values_list("pk", "email")) == {(one.pk, one.email), (other.pk, "gammel@example.no")}
    assert client.post(url("merge_undo", kafjord, made.pk)).status_code == 404


def test_the_other_record_can_be_the_one_that_is_kept(kafjord: Branch, client: Client) -> None:
    one, other = twice(kafjord)
    client.post(url("merge", kafjord, one.pk, other.pk), form(one, other, kept=other))
    assert Member.objects.get().pk == other.pk
    assert FormerNumber.objects.get().number == one.member_number


def test_what_came_after_is_told_when_undo_is_refused(kafjord: Branch, client: Client) -> None:
    one, other = twice(kafjord)
    client.post(url("merge", kafjord, one.pk, other.pk), form(one, other, kept=one))
    make_member(kafjord, "Per", member_number=other.member_number)
    page = client.post(url("merge_undo", kafjord, Merge.objects.get().pk), follow=True)
    assert "Dette kan ikke angres. Et annet medlem har nummeret nå." in page.text


def test_the_second_of_two_officers_gets_a_sentence(
    kafjord: Branch, client: Client, client_for: Callable[..., Client]
) -> None:
    one, other = twice(kafjord)
    sent = form(one, other, kept=one)
    client.post(url("merge", kafjord, one.pk, other.pk), sent)
    late = client_for(make_officer(kafjord)).post(url("merge", kafjord, one.pk, other.pk), sent, follow=True)
    assert late.status_code == 404
    assert Merge.objects.count() == 1


def test_what_was_changed_meanwhile_is_shown_before_anything_is_merged(kafjord: Branch, client: Client) -> None:
    one, other = twice(kafjord)
    sent = form(one, other, kept=other, mobile=one)
    Member.objects.filter(pk=one.pk).update(language="se", updated_at=NOW + timedelta(hours=1))
    page = client.post(url("merge", kafjord, one.pk, other.pk), sent)
    assert page.status_code == 422
    assert "Noen har endret en av dem i mellomtida" in page.text
    assert [option.text for option in page.context["number"].options if option.chosen] == [other.member_number]
    assert Member.objects.count() == 2


def test_not_the_same_person_is_remembered_and_can_be_taken_back(
    county: Branch, kafjord: Branch, client: Client
) -> None:
    one, other = twice(kafjord)
    search_county(county.pk, now=NOW)
    answer = client.post(url("merge", kafjord, one.pk, other.pk), {"handling": "ikke-samme"})
    pair = DuplicatePair.objects.get()
    assert pair.state == PairState.DIFFERENT
    page = client.get(answer["Location"])
    assert page.context["rows"] == []
    assert url("duplicate_reopen", kafjord, pair.pk) in page.text
    client.post(url("duplicate_reopen", kafjord, pair.pk))
    assert [row["pk"] for row in client.get(url("duplicate_list", kafjord)).context["rows"]] == [pair.pk]


@pytest.mark.parametrize("query", ["x", "0", "-1", "9" * 30, "1;2"])
def test_an_odd_decision_in_the_address_is_nothing(kafjord: Branch, client: Client, query: str) -> None:
    assert client.get(url("duplicate_list", kafjord), {"avgjort": query}).status_code == 200


def test_nobody_is_compared_with_oneself(kafjord: Branch, client: Client) -> None:
    one = make_member(kafjord)
    assert client.get(url("merge", kafjord, one.pk, one.pk)).status_code == 404


# --- What is not shown ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["one", "other", "both"])
def test_a_protected_address_is_neither_shown_nor_hinted_at(
    county: Branch, kafjord: Branch, client: Client, whose: str
) -> None:
    home = {"street": "Qvilvegen 7", "postal_code": "9146", "city": "Qvilstad", "care_of": "Qvilmann"}
    one, other = twice(kafjord, **home)
    Member.objects.filter(pk=one.pk).update(**home)
    search_county(county.pk, now=NOW)
    assert "address" in DuplicatePair.objects.get().reasons
    hidden = {"one": [one.pk], "other": [other.pk], "both": [one.pk, other.pk]}[whose]
    Member.objects.filter(pk__in=hidden).update(address_protection="strict")
    for page in (
        client.get(url("duplicate_list", kafjord)),
        client.get(url("merge", kafjord, one.pk, other.pk)),
        client.get(url("merge_start", kafjord, one.pk)),
        client.post(url("merge", kafjord, one.pk, other.pk), {"handling": "sla-sammen"}),
    ):
        assert "Qvil" not in page.text
        assert "adresse stemmer" not in page.text
        assert "og adresse" not in page.text
        assert "trengt fortrolig" not in page.text


@pytest.mark.parametrize("may_read", [True, False])
def test_notes_are_read_with_their_own_right_only(
    kafjord: Branch, client: Client, may_read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not may_read:
        rights = dict(PERMISSIONS)
        rights[Role.MEMBERSHIP_OFFICER] = PERMISSIONS[Role.MEMBERSHIP_OFFICER] - {Permission.VIEW_NOTES}
        monkeypatch.setattr("membership.roles.PERMISSIONS", rights)
    one, other = twice(kafjord, note="Qvemmelig to")
    Member.objects.filter(pk=one.pk).update(note="Qvemmelig en")
    page = client.get(url("merge", kafjord, one.pk, other.pk))
    assert ("Qvemmelig" in page.text) is may_read
    client.post(url("merge", kafjord, one.pk, other.pk), form(one, other, kept=one, note=one))
    assert Member.objects.get().note == ("Qvemmelig en" if may_read else "Qvemmelig en\n\nQvemmelig to")


# --- By hand --------------------------------------------------------------------------------------------------------


def test_any_two_can_be_named(county: Branch, kafjord: Branch, client: Client) -> None:
    one, other = make_member(kafjord, "Ane"), make_member(kafjord, "Per")
    FormerNumber.objects.create(number="F77", member=other)
    assert url("merge_start", kafjord, one.pk) in client.get(url("member_detail", kafjord, one.pk)).text
    for number in (other.member_number, " F77 "):
        answer = client.post(url("merge_start", kafjord, one.pk), {"number": number})
        assert answer["Location"] == url("merge", kafjord, one.pk, other.pk)


def test_a_number_of_nobody_here_keeps_what_was_typed(county: Branch, kafjord: Branch, client: Client) -> None:
    one = make_member(kafjord)
    away = make_member(make_branch(county, "Lyngen"), "Qviteria")
    former = FormerNumber.objects.create(number="F78", member=away).number
    for number in (away.member_number, former, "", NAUGHTY, one.member_number):
        answer = client.post(url("merge_start", kafjord, one.pk), {"number": number})
        assert answer.status_code == 422
        assert "Qviteria" not in answer.text
        assert NAUGHTY not in answer.text
        assert 'aria-invalid="true"' in answer.text
    assert (
        f'value="{away.member_number}"'
        in client.post(url("merge_start", kafjord, one.pk), {"number": away.member_number}).text
    )


def test_the_quality_of_the_register_counts_them(county: Branch, kafjord: Branch, client: Client) -> None:
    pair = twice(kafjord)
    make_member(kafjord, "Per", "Lie")
    search_county(county.pk, now=NOW)
    check = next(check for check in registry.quality if check.key == "duplicate")
    assert set(check.find(kafjord.members.current())) == set(pair)
    assert client.get(reverse(check.fix, args=[kafjord.slug, pair[0].pk])).status_code == 200


def test_a_foreign_officer_finds_none_of_it(county: Branch, kafjord: Branch, client_for: Callable[..., Client]) -> None:
    one, other = twice(kafjord)
    officer = make_officer(kafjord)
    client_for(officer).post(url("merge", kafjord, one.pk, other.pk), form(one, other, kept=one))
    made = Merge.objects.get()
    stranger: User = make_officer(make_branch(county, "Lyngen"))
    client = client_for(stranger)
    lyngen = Branch.objects.get(slug="lyngen")
    for branch in (kafjord, lyngen):
        assert client.get(url("merge_done", branch, made.pk)).status_code == 404
        assert client.post(url("merge_undo", branch, made.pk)).status_code == 404
    assert Member.objects.count() == 1


def test_what_the_county_merged_across_branches_is_the_countys_to_take_back(
    county: Branch, kafjord: Branch, client: Client, client_for: Callable[..., Client]
) -> None:
    one = make_member(kafjord, "Ane", "Moe")
    other = make_member(make_branch(county, "Lyngen"), "Ane", "Qviteria")
    secretary = client_for(make_officer(county, Role.COUNTY_SECRETARY))
    secretary.post(url("merge", county, one.pk, other.pk), form(one, other, kept=one))
    made = Merge.objects.get()
    assert client.get(url("merge_done", kafjord, made.pk)).status_code == 404
    assert client.post(url("merge_undo", kafjord, made.pk)).status_code == 404
    assert url("merge_done", kafjord, made.pk) not in client.get(url("member_detail", kafjord, one.pk)).text
    assert secretary.post(url("merge_undo", county, made.pk)).status_code == 302
    assert Member.objects.count() == 2
