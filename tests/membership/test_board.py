"""The board as dated data: entered, corrected, elected, and read back for any day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.board import (
    EndsBeforeStart,
    Holder,
    HolderMissing,
    LeaderTaken,
    add_post,
    correct_post,
    elect_board,
    remove_post,
)
from membership.actions.grants import give
from membership.enums import PostTitle
from membership.models import BoardPost, Branch, Member
from membership.roles import Role
from tests.factories import TODAY, make_branch, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
MEETING = date(2026, 2, 10)


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Áile Bergmark")


@pytest.fixture
def client(officer: User, client_for: ClientFor) -> Client:
    return client_for(officer)


def at(name: str, *args: Any) -> str:
    return reverse(f"membership:{name}", args=["kafjord", *args])


def enter(
    branch: Branch, by: User, title: str = PostTitle.LEADER, name: str = "Kari Nordvik", **fields: Any
) -> BoardPost:
    fields.setdefault("starts_on", MEETING)
    return add_post(branch, title=title, holder=Holder(name=name), by=by, **fields)


# --- The actions ------------------------------------------------------------------------------------------------------


def test_a_post_is_entered_and_logged_without_names(kafjord: Branch, officer: User) -> None:
    post = enter(kafjord, officer)
    assert (post.holder_name, post.position, post.ends_on) == ("Kari Nordvik", 0, None)
    event = AuditEvent.objects.get(verb=Verb.BOARD_CHANGED)
    assert event.details == {"act": "added", "title": "leader"}
    assert event.branch_id == kafjord.pk


def test_the_same_again_is_the_same_post(kafjord: Branch, officer: User) -> None:
    assert enter(kafjord, officer) == enter(kafjord, officer)
    assert BoardPost.objects.count() == 1


def test_one_leader_at_a_time_and_any_number_of_others(kafjord: Branch, officer: User) -> None:
    enter(kafjord, officer, ends_on=date(2026, 6, 1))
    with pytest.raises(LeaderTaken):
        enter(kafjord, officer, name="Odd", starts_on=date(2026, 5, 31))
    with pytest.raises(LeaderTaken):
        enter(kafjord, officer, name="Odd", starts_on=date(2025, 1, 1))
    enter(kafjord, officer, name="Odd", starts_on=date(2026, 6, 1))
    enter(kafjord, officer, name="Før", starts_on=date(2025, 1, 1), ends_on=MEETING)
    for name in ("Ane", "Bo", "Cato"):
        enter(kafjord, officer, PostTitle.BOARD, name)
    assert BoardPost.objects.count() == 6


def test_another_branchs_leader_is_not_in_the_way(county: Branch, kafjord: Branch, officer: User) -> None:
    enter(kafjord, officer)
    enter(make_branch(county, "Lyngen"), officer)
    assert BoardPost.objects.count() == 2


def test_nobody_and_a_backward_time_are_refused(kafjord: Branch, officer: User) -> None:
    with pytest.raises(HolderMissing):
        enter(kafjord, officer, name="")
    with pytest.raises(EndsBeforeStart):
        enter(kafjord, officer, ends_on=MEETING - timedelta(days=1))
    assert not BoardPost.objects.exists()


def test_a_post_is_corrected_but_not_into_a_second_leader(kafjord: Branch, officer: User) -> None:
    leader, other = enter(kafjord, officer), enter(kafjord, officer, PostTitle.BOARD, "Odd")
    values: dict[str, Any] = {"holder": Holder(user=officer), "starts_on": MEETING, "ends_on": None, "by": officer}
    with pytest.raises(LeaderTaken):
        correct_post(other, title=PostTitle.LEADER, **values)
    correct_post(leader, title=PostTitle.LEADER, **values)
    leader.refresh_from_db()
    assert (leader.holder_name, leader.name) == ("Áile Bergmark", "")


def test_removing_twice_is_removing_once(kafjord: Branch, officer: User) -> None:
    post = enter(kafjord, officer)
    remove_post(post, by=officer)
    post.pk = post.pk or 1
    remove_post(post, by=officer)
    assert AuditEvent.objects.filter(verb=Verb.BOARD_CHANGED, details__act="removed").count() == 1


def test_an_election_ends_some_keeps_some_and_brings_some_in(kafjord: Branch, officer: User) -> None:
    leader = enter(kafjord, officer, starts_on=date(2024, 2, 1))
    goes_on = enter(kafjord, officer, PostTitle.SECRETARY, "Odd", starts_on=date(2024, 2, 1))
    member = make_member(kafjord)
    joining = [(PostTitle.LEADER.value, Holder(member=member)), (PostTitle.BOARD.value, Holder(name="Bo"))]
    for expected in ((1, 2), (0, 0)):
        made = elect_board(kafjord, on=MEETING, leaving=[leader.pk], joining=joining, by=officer)
        assert (made.left, made.joined) == expected
    leader.refresh_from_db()
    goes_on.refresh_from_db()
    assert (leader.ends_on, goes_on.ends_on) == (MEETING, None)
    before = {post.holder_name for post in BoardPost.objects.in_force(MEETING - timedelta(days=1))}
    after = {post.holder_name for post in BoardPost.objects.in_force(MEETING)}
    assert before == {"Kari Nordvik", "Odd"}
    assert after == {"Ane Fjellvær", "Odd", "Bo"}
    assert AuditEvent.objects.filter(verb=Verb.BOARD_CHANGED, details__act="elected").count() == 1


def test_an_election_with_two_leaders_changes_nothing(kafjord: Branch, officer: User) -> None:
    leader = enter(kafjord, officer)
    joining = [(PostTitle.LEADER.value, Holder(name="A")), (PostTitle.LEADER.value, Holder(name="B"))]
    with pytest.raises(LeaderTaken):
        elect_board(kafjord, on=TODAY, leaving=[leader.pk], joining=joining, by=officer)
    leader.refresh_from_db()
    assert leader.ends_on is None
    assert BoardPost.objects.count() == 1


def test_another_branchs_posts_are_not_ended(county: Branch, kafjord: Branch, officer: User) -> None:
    foreign = enter(make_branch(county, "Lyngen"), officer)
    elect_board(kafjord, on=TODAY, leaving=[foreign.pk], joining=[], by=officer)
    foreign.refresh_from_db()
    assert foreign.ends_on is None


def test_the_name_goes_with_the_member(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    post = add_post(kafjord, title="leader", holder=Holder(member=member), starts_on=MEETING, by=officer)
    member.placements.all().delete()
    member.delete()
    post.refresh_from_db()
    assert post.holder_name == ""


# --- The pages --------------------------------------------------------------------------------------------------------


def add(client: Client, who: str, pick: str = "", title: str = "leader", **more: Any) -> Any:
    data = {"title": title, "who": who, "pick": pick, "starts_on": "10.02.2026", "ends_on": "", **more}
    return client.post(at("post_add"), data)


def holder(client: Client, who: str, pick: str = "") -> tuple[Member | None, User | None, str]:
    answer = add(client, who, pick)
    assert answer.status_code == 302, answer.context["form"].errors
    post = BoardPost.objects.get()
    return post.member, post.user, post.name


def test_a_member_number_is_certain(kafjord: Branch, client: Client) -> None:
    member = make_member(kafjord)
    assert holder(client, f" {member.member_number} ") == (member, None, "")


def test_a_whole_name_that_one_has_is_certain(kafjord: Branch, client: Client) -> None:
    member = make_member(kafjord, "Ánne", "Somby")
    make_member(kafjord, "Ánne Marie", "Somby")
    assert holder(client, "anne somby") == (member, None, "")


def test_an_officer_by_name_is_the_user(officer: User, client: Client) -> None:
    assert holder(client, "Áile Bergmark") == (None, officer, "")


def test_who_is_in_no_register_stands_by_name(client: Client) -> None:
    assert holder(client, "Ola\u200b  Ukjent") == (None, None, "Ola Ukjent")


def test_part_of_a_name_is_asked_about_and_never_guessed(kafjord: Branch, client: Client) -> None:
    member = make_member(kafjord, "Ola Hansen", "Berg")
    answer = add(client, "Ola Hansen")
    assert answer.status_code == 422
    assert not BoardPost.objects.exists()
    assert f"Ola Hansen Berg, medlem {member.member_number}" in answer.text
    assert "Bare navnet: Ola Hansen" in answer.text
    assert holder(client, "Ola Hansen", f"m{member.pk}") == (member, None, "")


def test_the_name_alone_can_be_chosen(kafjord: Branch, client: Client) -> None:
    make_member(kafjord, "Ola Hansen", "Berg")
    assert holder(client, "Ola Hansen", "navn") == (None, None, "Ola Hansen")


def test_two_of_the_same_name_are_asked_about(kafjord: Branch, client: Client) -> None:
    for _number in range(2):
        make_member(kafjord, "Ola", "Hansen")
    assert add(client, "Ola Hansen").status_code == 422


def test_another_branchs_member_is_neither_found_nor_chosen(county: Branch, kafjord: Branch, client: Client) -> None:
    foreign = make_member(make_branch(county, "Lyngen"), "Fremmed", "Lyngsen")
    make_member(kafjord, "Fremmed", "Her")
    answer = add(client, "Fremmed", f"m{foreign.pk}")
    assert answer.status_code == 422
    assert "Lyngsen" not in answer.text
    assert holder(client, foreign.member_number, f"m{foreign.pk}") == (None, None, foreign.member_number)


def test_extra_fields_of_a_form_are_not_read(kafjord: Branch, client: Client, county: Branch) -> None:
    other = make_branch(county, "Lyngen")
    add(client, "Ola Ukjent", branch=other.pk, branch_id=other.pk, user=1, member=1, position=-3, id=99)
    post = BoardPost.objects.get()
    assert (post.branch, post.user, post.member, post.position) == (kafjord, None, None, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [("who", ""), ("who", "x" * 161), ("title", "king"), ("starts_on", "i går"), ("ends_on", "01.01.2020")],
)
def test_what_cannot_be_is_refused(field: str, value: str, client: Client) -> None:
    answer = add(client, **{"who": "Ola", field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_a_second_leader_is_refused_in_words(kafjord: Branch, officer: User, client: Client) -> None:
    enter(kafjord, officer)
    answer = add(client, "Ola Ukjent")
    assert answer.status_code == 422
    assert "Det er allerede en leder" in answer.text


def test_a_post_is_ended_corrected_and_removed_on_its_page(kafjord: Branch, officer: User, client: Client) -> None:
    member = make_member(kafjord)
    post = add_post(kafjord, title="leader", holder=Holder(member=member), starts_on=MEETING, by=officer)
    assert client.get(at("post_edit", post.pk)).status_code == 200
    data = {"title": "leader", "who": member.full_name, "starts_on": "10.02.2026", "ends_on": "01.11.2026"}
    assert client.post(at("post_edit", post.pk), data).status_code == 302
    post.refresh_from_db()
    assert (post.member, post.ends_on) == (member, date(2026, 11, 1))
    answer = client.post(at("post_edit", post.pk), {"remove": "1"}, follow=True)
    assert not BoardPost.objects.exists()
    assert "Vervet er fjernet." in answer.text
    assert 'name="undo"' in answer.text


def test_a_removal_is_undone_once_and_only_there(
    county: Branch, kafjord: Branch, officer: User, client: Client
) -> None:
    member = make_member(kafjord)
    post = add_post(kafjord, title="leader", holder=Holder(member=member), starts_on=MEETING, ends_on=TODAY, by=officer)
    client.post(at("post_edit", post.pk), {"remove": "1"})
    give(officer, role=Role.MEMBERSHIP_OFFICER, branch=make_branch(county, "Lyngen"), by=None, starts_on=TODAY)
    elsewhere = reverse("membership:post_add", args=["lyngen"])
    assert "Angre" not in client.get(reverse("membership:board", args=["lyngen"]) + "?fjernet=1").text
    client.post(at("post_add"), {"undo": "1"})
    back = BoardPost.objects.get()
    assert (back.branch, back.member, back.starts_on, back.ends_on) == (kafjord, member, MEETING, TODAY)
    client.post(at("post_add"), {"undo": "1"})
    client.post(elsewhere, {"undo": "1"})
    assert BoardPost.objects.count() == 1


def test_a_removal_cannot_be_undone_where_another_leads_meanwhile(
    kafjord: Branch, officer: User, client: Client
) -> None:
    post = enter(kafjord, officer)
    client.post(at("post_edit", post.pk), {"remove": "1"})
    enter(kafjord, officer, name="Odd")
    client.post(at("post_add"), {"undo": "1"})
    assert BoardPost.objects.get().name == "Odd"


def test_the_new_board_form_has_the_present_board_filled_in(kafjord: Branch, officer: User, client: Client) -> None:
    leader = enter(kafjord, officer)
    other = enter(kafjord, officer, PostTitle.BOARD, "Odd")
    enter(kafjord, officer, PostTitle.STAFF, "Odd Lønnet")
    text = client.get(at("board_new")).text
    assert "Leder: Kari Nordvik" in text
    assert "Odd Lønnet" not in text
    data = {"on": "20.11.2026", f"keep_{other.pk}": "on", "title_1": "leader", "who_1": "Ny Leder"}
    assert client.post(at("board_new"), data).status_code == 302
    leader.refresh_from_db()
    other.refresh_from_db()
    assert (leader.ends_on, other.ends_on) == (TODAY, None)
    assert BoardPost.objects.in_force(TODAY).filter(title="leader").get().name == "Ny Leder"


def test_a_meeting_to_come_and_half_a_row_are_refused(client: Client) -> None:
    answer = client.post(at("board_new"), {"on": "21.11.2026", "title_1": "leader", "who_2": "Ola"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"on", "who_1", "title_2"}


def test_earlier_boards_by_year_and_by_day(kafjord: Branch, officer: User, client: Client) -> None:
    enter(kafjord, officer, name="Gammel Leder", starts_on=date(2023, 2, 1), ends_on=date(2024, 2, 7))
    enter(kafjord, officer, name="Ny Leder", starts_on=date(2024, 2, 7))

    def held(query: str) -> list[str]:
        answer = client.get(at("board") + query)
        assert answer.status_code == 200
        return [post.holder_name for post in answer.context["board"].posts]

    assert held("") == ["Ny Leder"]
    assert held("?ar=2023") == ["Gammel Leder"]
    assert set(held("?ar=2024")) == {"Gammel Leder", "Ny Leder"}
    assert held("?dato=06.02.2024") == ["Gammel Leder"]
    assert held("?dato=07.02.2024") == ["Ny Leder"]
    assert "Styret 2024" in client.get(at("board") + "?ar=2024").text
    for odd in ("?ar=x", "?ar=²²²²", "?ar=0000", "?dato=<script>", "?dato=31.02.2024"):
        assert client.get(at("board") + odd).status_code == 200
    assert "&lt;script&gt;» er ingen dato" in client.get(at("board") + "?dato=<script>").text


@pytest.mark.parametrize("posts", [1, 12])
def test_any_number_of_posts_takes_the_same_queries(
    posts: int, kafjord: Branch, officer: User, client: Client, django_assert_num_queries: Any
) -> None:
    for number in range(posts):
        add_post(kafjord, title="board", holder=Holder(member=make_member(kafjord)), starts_on=MEETING, by=officer)
        enter(kafjord, officer, PostTitle.BOARD, f"Navn {number}")
    client.get(at("board"))
    with django_assert_num_queries(6):
        client.get(at("board"))


@pytest.mark.parametrize("role", [Role.TREASURER, Role.RECRUITMENT_OFFICER, Role.COMMITTEE_READER])
def test_others_read_the_board_and_change_nothing(
    role: Role, kafjord: Branch, officer: User, client_for: ClientFor
) -> None:
    post = enter(kafjord, officer)
    reader = client_for(make_officer(kafjord, role))
    text = reader.get(at("board")).text
    assert "Kari Nordvik" in text
    assert "Endre" not in text
    for url in (at("post_add"), at("board_new"), at("post_edit", post.pk)):
        assert reader.get(url).status_code == 404
        assert reader.post(url, {"remove": "1"}).status_code == 404
    assert BoardPost.objects.count() == 1


def test_a_neighbour_and_a_foreign_post_are_not_found(
    county: Branch, kafjord: Branch, officer: User, client: Client, client_for: ClientFor
) -> None:
    foreign = enter(make_branch(county, "Lyngen"), officer)
    assert client.post(at("post_edit", foreign.pk), {"remove": "1"}).status_code == 404
    neighbour = client_for(make_officer(foreign.branch))
    assert neighbour.get(at("board")).status_code == 404
    assert BoardPost.objects.filter(pk=foreign.pk).exists()


def test_a_naughty_name_is_inert(kafjord: Branch, officer: User, client: Client) -> None:
    post = enter(kafjord, officer, name='"><script>alert(1)</script>')
    for url in (at("board"), at("board_new"), at("post_edit", post.pk), at("directory")):
        assert "<script>alert" not in client.get(url).text
