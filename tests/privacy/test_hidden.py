"""One who has left is nowhere but among those who have left: not on a page one can walk to, in a search or a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from dues.actions.payments import register_payment
from dues.actions.summaries import rebuild
from membership.actions.duplicates import part
from membership.actions.editing import Edit, Pen, open_batch, write
from membership.actions.merging import merge
from membership.duplicates.searching import search_county
from membership.enums import BatchKind, ChangeSource, MemberStatus, MoveState
from membership.models import BoardPost, Branch, DuplicatePair, Member, MoveRequest, SavedView
from membership.roles import Role
from messaging.enums import Channel, MessageState
from messaging.letters.addressees import in_envelopes, not_posted, sorted_out
from messaging.models import InboxMessage, Recipient
from privacy.enums import LeaveWay
from privacy.models import Departure
from tests.access_mail import Mail, make_mail, make_message
from tests.factories import (
    NOW,
    TODAY,
    hand_out,
    make_branch,
    make_claim,
    make_county,
    make_member,
    make_officer,
    make_tag,
)
from tests.privacy.leaving import depart
from tests.test_protected_address import cells_of
from tests.walking import Opened, walk

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ClientFor = Callable[[User], Client]
FIRST, LAST = "Zefyra", "Qvilgått"
HOME: Final = {"street": "Fjordveien 4", "postal_code": "9144", "city": "Samuelsberg"}
WAYS: Final = pytest.mark.parametrize("way", [LeaveWay.LETTER, LeaveWay.DEATH])
# Where they stand, for those who put mistakes right and erase.
OURS: Final = ("/personvern/", "/utsett/")


class World:
    """A branch in which one member has a finger in every pie."""

    def __init__(self) -> None:
        self.county = make_county()
        self.branch = make_branch(self.county, "Kåfjord")
        self.lyngen = make_branch(self.county, "Lyngen")
        self.officer = make_officer(self.branch)
        self.gone = make_member(self.branch, FIRST, LAST, birth_on=date(1980, 5, 1), birth_year=1980, **HOME)
        self.mate = make_member(self.branch, "Biret", LAST[:-4] + "nes", **HOME)
        self.recruit = make_member(self.branch, "Bo", "Nyverva", recruited_by=self.gone, joined_on=TODAY)
        self._dues()
        self._twins()
        self._mail()
        BoardPost.objects.create(
            branch=self.branch, title="leader", position=1, member=self.gone, starts_on=TODAY - timedelta(days=40)
        )
        make_tag(self.county, "Kvinnenettverket", self.gone, self.mate)
        MoveRequest.objects.create(
            member=self.gone, from_branch=self.branch, to_branch=self.lyngen, asked_at=NOW, asked_by=self.officer
        )
        MoveRequest.objects.create(
            member=self.gone,
            from_branch=self.lyngen,
            to_branch=self.branch,
            asked_at=NOW,
            asked_by=self.officer,
            state=MoveState.ACCEPTED,
            answered_at=NOW,
            answered_by=self.officer,
        )
        SavedView.objects.create(branch=self.branch, owner=self.officer, name="Ute", params={"status": "resigned"})
        batch = open_batch(self.branch, kind=BatchKind.BULK, by=self.officer, now=NOW, count=1, what="check")
        write(
            [Edit(self.gone, {"city": "Birtavarre", "checked_on": TODAY})],
            pen=Pen(self.officer, ChangeSource.BULK, NOW, TODAY, batch),
        )

    def _dues(self) -> None:
        for member in (self.gone, self.mate):
            make_claim(member)
        paid = make_claim(self.gone, year=2025)
        register_payment(paid, amount_ore=45000, paid_on=TODAY, by=self.officer, now=NOW)
        part_paid = make_claim(self.gone, year=2024)
        register_payment(part_paid, amount_ore=100, paid_on=TODAY, by=self.officer, now=NOW)
        rebuild(None)
        self.call_list = hand_out(self.branch, self.officer, self.officer, "Ringer på papir")

    def _twins(self) -> None:
        alike: dict[str, Any] = {"birth_on": date(1980, 5, 1), "birth_year": 1980, "email": self.gone.email}
        self.twin = make_member(self.branch, "Sefyra", "Tvilling", **alike)
        third = make_member(self.branch, "Sefyra", "Tredje", **alike)
        fourth = make_member(self.branch, "Sefyra", "Fjerde", email="")
        DuplicatePair.objects.all().delete()
        first, second = sorted((self.gone.pk, self.twin.pk))
        DuplicatePair.objects.create(
            county=self.county, first_id=first, second_id=second, score=90, reasons=["name"], found_at=NOW
        )
        part(self.gone, third, by=self.officer, now=NOW)
        self.merged = merge(
            self.branch,
            kept_id=self.gone.pk, lost_id=fourth.pk, chosen={}, by=self.officer, now=NOW, today=TODAY,
        )  # fmt: skip
        self.gone.refresh_from_db()

    def _mail(self) -> None:
        self.mail: Mail = make_mail(self.branch, self.gone, self.officer)
        self.letters = make_message(
            self.branch, self.officer, MessageState.DONE, expanded_at=NOW, queued_at=NOW, with_letters=True
        )
        for member in (self.gone, self.mate):
            Recipient.objects.create(message=self.letters, member=member, channel=Channel.LETTER)
        shared = InboxMessage.objects.create(
            branch=self.branch, municipal_id=self.branch.municipal_id, county_id=self.county.pk, channel=Channel.EMAIL,
            external_id="felles", address="felles@example.no", text="Når er møtet?", received_at=NOW,
        )  # fmt: skip
        shared.candidates.set([self.gone, self.mate])

    def starts(self, branch: Branch) -> list[str]:
        """Pages where the name stands until it goes, and from which one walks on."""
        slug, dues = branch.slug, [branch.slug, 2026]
        return [
            "/",
            reverse("membership:member_list", args=[slug]),
            reverse("membership:member_list", args=[slug]) + "?status=resigned",
            reverse("membership:member_list", args=[slug]) + "?status=deceased",
            reverse("membership:member_detail", args=[slug, self.recruit.pk]),
            reverse("membership:member_detail", args=[slug, self.gone.pk]),
            reverse("membership:member_edit", args=[slug, self.recruit.pk]),
            reverse("membership:merge", args=[slug, self.gone.pk, self.twin.pk]),
            reverse("membership:duplicate_list", args=[slug]),
            reverse("membership:corrections", args=[slug]),
            reverse("membership:moves", args=[slug]),
            reverse("membership:board", args=[slug]),
            reverse("membership:batches", args=[slug]),
            reverse("messaging:inbox_list", args=[slug]),
            reverse("messaging:message_detail", args=[slug, self.mail.sent.pk]),
            reverse("messaging:message_recipients", args=[slug, self.mail.sent.pk]),
            reverse("messaging:letters", args=[slug, self.letters.pk]),
            reverse("messaging:member_messages", args=[slug, self.gone.pk]),
            reverse("dues:unpaid", args=dues),
            reverse("dues:call_list", args=[slug, self.call_list.pk]),
            *(
                reverse("dues:call_list_print", args=[slug, self.call_list.pk, caller.pk])
                for caller in self.call_list.callers.order_by("pk")
            ),
        ]


@pytest.fixture
def world() -> World:
    return World()


def tells(page: Opened) -> bool:
    text = page.body.decode(errors="replace").lower()
    return FIRST.lower() in text or LAST.lower() in text


# Of these the first names nobody, and one caller's sheet has not everybody.
SILENT: Final = ("status=", "/endre/", "/angre/", "/utskrift/")


def test_before_leaving_the_name_stands_on_these_pages(world: World, client_for: ClientFor) -> None:
    """Otherwise the walk below would prove nothing."""
    client = client_for(world.officer)
    names = [url for url in world.starts(world.branch)[1:] if not any(word in url for word in SILENT)]
    names.remove(reverse("messaging:message_detail", args=["kafjord", world.mail.sent.pk]))
    assert len(names) > 12
    assert not [url for url in names if LAST not in client.get(url).text]
    sheets = [url for url in world.starts(world.branch) if "/utskrift/" in url]
    assert any(LAST in client.get(url).text for url in sheets)


@WAYS
@pytest.mark.parametrize("role", [Role.MEMBERSHIP_OFFICER, Role.COUNTY_SECRETARY, Role.TREASURER, Role.BRANCH_LEADER])
def test_afterwards_it_stands_on_no_page_one_can_walk_to(
    world: World, client_for: ClientFor, role: Role, way: LeaveWay
) -> None:
    depart(world.gone, way=way, by=world.officer)
    at = world.county if role == Role.COUNTY_SECRETARY else world.branch
    client = client_for(make_officer(at, role))
    shown = list(walk(client, world.starts(world.branch)))
    assert len(shown) > 40
    assert not [page.url for page in shown if tells(page) and not any(place in page.url for place in OURS)]
    ours = [page.url for page in shown if tells(page)]
    assert bool(ours) is (role in {Role.MEMBERSHIP_OFFICER, Role.COUNTY_SECRETARY})


def test_the_list_of_those_who_have_left_is_where_it_stands(world: World, client_for: ClientFor) -> None:
    depart(world.gone)
    assert LAST in client_for(world.officer).get(reverse("privacy:leavers", args=["kafjord"])).text


@WAYS
def test_no_search_and_no_field_for_names_finds_them(world: World, client_for: ClientFor, way: LeaveWay) -> None:
    depart(world.gone, way=way)
    client = client_for(world.officer)
    searches = [
        client.post(reverse("membership:member_list", args=["kafjord"]), {"q": LAST}, follow=True),
        client.post(reverse("membership:member_list", args=["kafjord"]), {"q": world.gone.member_number}, follow=True),
        client.post(
            reverse("messaging:message_edit", args=["kafjord", world.mail.draft.pk]),
            {"handling": "finn", "finn": LAST, "q": LAST},
            follow=True,
        ),
        client.post(
            reverse("membership:post_add", args=["kafjord"]),
            {"title": "deputy", "who": world.gone.member_number, "starts_on": "20.11.2026"},
            follow=True,
        ),
    ]
    for answer in searches:
        without_what_was_typed = answer.text.replace(f'value="{LAST}"', "")
        assert FIRST not in without_what_was_typed
        assert f"{LAST}, " not in without_what_was_typed


@WAYS
def test_no_file_holds_them(world: World, client_for: ClientFor, tmp_path: Any, way: LeaveWay) -> None:
    depart(world.gone, way=way)
    client = client_for(world.officer)
    answer: Any = client.post(reverse("dues:unpaid_export", args=["kafjord", 2026]))
    assert not [cell for cell in cells_of(answer.content) if LAST in cell or FIRST in cell]
    answer = client.post(reverse("membership:member_export", args=["kafjord"]), {"alle": "1", "format": "csv"})
    body = b"".join(answer) if answer.streaming else answer.content
    assert LAST.encode() not in body
    path = tmp_path / "ut.csv"
    call_command("export_register", branch="kafjord", output=path, by=world.officer.email, json=True)
    assert LAST not in path.read_text(encoding="utf-8-sig")


def test_a_new_search_for_doubles_does_not_find_them(world: World) -> None:
    depart(world.gone)
    search_county(world.county.pk, now=NOW)
    assert not DuplicatePair.objects.within(world.county).filter(first=world.gone).exists()
    assert not DuplicatePair.objects.within(world.county).filter(second=world.gone).exists()


@WAYS
def test_letters_made_again_to_the_household_have_the_others_names_only(world: World, way: LeaveWay) -> None:
    """The batch was made before, and is not in the post."""
    members, _why = sorted_out(list(not_posted(world.letters)), world.letters.purpose, on=TODAY)
    assert {member.full_name for letter in in_envelopes(members, is_personal=False) for member in letter.people} == {
        world.gone.full_name, world.mate.full_name,
    }  # fmt: skip
    depart(world.gone, way=way)
    members, why = sorted_out(list(not_posted(world.letters)), world.letters.purpose, on=TODAY)
    assert [letter.address for letter in in_envelopes(members, is_personal=False)] == [
        [world.mate.full_name, "Fjordveien 4", "9144 Samuelsberg"]
    ]
    assert len(why) <= 1


def test_they_are_shown_again_where_it_was_a_mistake(world: World, client_for: ClientFor) -> None:
    departure = depart(world.gone)
    client = client_for(world.officer)
    client.post(reverse("privacy:leaver_return", args=["kafjord", departure.pk]))
    assert Member.objects.get(pk=world.gone.pk).status == MemberStatus.MEMBER
    assert Departure.objects.get().returned_at
    for url in (
        reverse("membership:member_list", args=["kafjord"]),
        reverse("membership:member_detail", args=["kafjord", world.gone.pk]),
        reverse("membership:board", args=["kafjord"]),
    ):
        assert LAST in client.get(url).text, url
