"""The week's numbers: what is counted, when a week is over, and that the email and the page say the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from membership.actions.editing import Edit, Pen, locked, write
from membership.actions.moves import move
from membership.actions.undo import remove
from membership.enums import ChangeSource, MemberStatus
from membership.models import Branch, Member
from membership.roles import Role
from messaging.actions.blocks import block
from messaging.enums import BlockReason, Channel, Purpose
from messaging.models import Delivery
from privacy.actions.departures import come_back, leave
from privacy.actions.weeks import send_week
from privacy.enums import LeaveWay
from privacy.models import Departure
from privacy.weeks import Figures, Week, figures_of, last_whole, oldest, week_from
from tests.factories import make_branch, make_county, make_member, make_officer

ClientFor = Callable[[User], Client]
pytestmark = pytest.mark.django_db
OSLO = ZoneInfo("Europe/Oslo")
# The tests' day is Friday 20 November 2026: the week that is over is 46.
WEEK = Week(date(2026, 11, 9))
WEDNESDAY = datetime(2026, 11, 11, 12, 0, tzinfo=OSLO)
FRIDAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=OSLO)


@pytest.fixture
def county(clock: Any) -> Branch:
    clock.move_to(datetime(2026, 1, 5, 12, 0, tzinfo=OSLO))
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def lyngen(county: Branch) -> Branch:
    return make_branch(county, "Lyngen")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik", email="kari@example.no")


def change(
    member: Member, *, source: ChangeSource = ChangeSource.OFFICER, at: datetime = WEDNESDAY, **values: Any
) -> None:
    branch = values.pop("branch", None)
    edits = [Edit(one, values, branch) for one in locked(Member.objects.filter(pk=member.pk))]
    write(edits, pen=Pen(None, source, at, at.date()))


def depart(member: Member, at: datetime = WEDNESDAY) -> Departure:
    return leave(member, way=LeaveWay.LINK, left_on=at.date(), by=None, now=at, today=at.date())


# --- What a week is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "monday"),
    [
        (date(2026, 11, 20), date(2026, 11, 9)),
        (date(2026, 11, 22), date(2026, 11, 9)),
        (date(2026, 11, 23), date(2026, 11, 16)),
        (date(2027, 1, 4), date(2026, 12, 28)),
        (date(2027, 1, 3), date(2026, 12, 21)),
        (date(2028, 2, 29), date(2028, 2, 21)),
    ],
)
def test_a_week_is_over_on_the_monday_after(today: date, monday: date) -> None:
    assert last_whole(today) == Week(monday)


def test_the_week_over_new_year_has_one_number() -> None:
    assert Week(date(2026, 12, 28)).number == 53
    assert Week(date(2027, 1, 4)).number == 1


def test_the_clock_s_change_makes_a_week_longer_or_shorter() -> None:
    def hours(week: Week) -> float:
        return (week.end.timestamp() - week.start.timestamp()) / 3600

    assert hours(Week(date(2026, 3, 23))) == 167
    assert hours(Week(date(2026, 10, 19))) == 169
    assert hours(WEEK) == 168


@pytest.mark.parametrize("text", ["2026-11-10", "2026-11-16", "2027-01-04", "20261109", "2026-W46", "x", "2025-11-03"])
def test_what_is_no_week_that_is_over_is_none(text: str) -> None:
    assert week_from(text, FRIDAY) is None


def test_a_week_is_found_by_its_monday_as_far_back_as_the_log() -> None:
    assert week_from("2026-11-09", FRIDAY) == WEEK
    assert oldest(FRIDAY) == Week(date(2025, 11, 24))
    assert week_from("2025-11-24", FRIDAY) == oldest(FRIDAY)
    assert week_from("2025-11-17", FRIDAY) is None


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        (datetime(2026, 10, 18, 23, 59, tzinfo=OSLO), 0),
        (datetime(2026, 10, 19, 0, 0, tzinfo=OSLO), 1),
        # The Sunday night that has an hour twice.
        (datetime(2026, 10, 25, 23, 30, tzinfo=OSLO), 1),
        (datetime(2026, 10, 26, 0, 0, tzinfo=OSLO), 0),
    ],
)
def test_midnight_in_norway_is_where_a_week_begins_and_ends(
    kafjord: Branch, clock: Any, at: datetime, counted: int
) -> None:
    member = make_member(kafjord)
    clock.move_to(at)
    change(member, city="Birtavarre", at=at)
    assert figures_of(kafjord, Week(date(2026, 10, 19))).edited == counted


# --- What is counted --------------------------------------------------------------------------------------------------


def test_each_kind_is_counted_where_it_happened(county: Branch, kafjord: Branch, lyngen: Branch, clock: Any) -> None:
    stays, goes, comes, changes = (make_member(branch) for branch in (kafjord, kafjord, lyngen, kafjord))
    left = make_member(kafjord)
    clock.move_to(WEDNESDAY)
    make_member(kafjord, joined_on=date(2026, 11, 8))
    change(goes, branch=lyngen, source=ChangeSource.IMPORT)
    secretary = make_officer(county, Role.COUNTY_SECRETARY)
    move(comes, to=kafjord, by=secretary, now=WEDNESDAY, today=WEDNESDAY.date())
    change(changes, city="Birtavarre")
    change(changes, postal_code="9147")
    depart(left)
    clock.move_to(NOON)
    change(stays, city="Djupvik", at=NOON)
    assert figures_of(kafjord, WEEK) == Figures(new=1, moved_in=1, moved_out=1, left=1, edited=1)
    assert figures_of(lyngen, WEEK) == Figures(new=0, moved_in=1, moved_out=1, left=0, edited=0)
    # Within the county nobody has moved.
    assert figures_of(county, WEEK) == Figures(new=1, moved_in=0, moved_out=0, left=1, edited=1)


def test_the_numbers_outlive_those_who_are_erased(kafjord: Branch, lyngen: Branch, clock: Any) -> None:
    left, moved, changed = make_member(kafjord), make_member(lyngen), make_member(kafjord)
    clock.move_to(WEDNESDAY)
    depart(left)
    change(moved, branch=kafjord)
    change(changed, city="Birtavarre")
    before = figures_of(kafjord, WEEK)
    remove([left.pk, moved.pk, changed.pk])
    assert figures_of(kafjord, WEEK) == before == Figures(new=0, moved_in=1, moved_out=0, left=1, edited=1)


def test_one_who_went_and_came_back_the_same_week_has_not_left(kafjord: Branch, clock: Any) -> None:
    member = make_member(kafjord)
    clock.move_to(WEDNESDAY)
    departure = depart(member)
    come_back(departure, by=None, now=WEDNESDAY, today=WEDNESDAY.date())
    assert figures_of(kafjord, WEEK).is_quiet
    depart(member)
    assert figures_of(kafjord, WEEK).left == 1
    clock.move_to(NOON)
    come_back(Departure.objects.standing().get(), by=None, now=NOON, today=FRIDAY)
    assert figures_of(kafjord, WEEK).left == 1


def test_one_who_moved_and_moved_back_has_not_moved(kafjord: Branch, lyngen: Branch, clock: Any) -> None:
    member = make_member(kafjord)
    clock.move_to(WEDNESDAY)
    change(member, branch=lyngen)
    change(member, branch=kafjord, source=ChangeSource.UNDO)
    assert figures_of(kafjord, WEEK).is_quiet
    assert figures_of(lyngen, WEEK).is_quiet


def test_a_merger_of_branches_moves_nobody(kafjord: Branch, lyngen: Branch, clock: Any) -> None:
    member = make_member(kafjord)
    clock.move_to(WEDNESDAY)
    change(member, branch=lyngen, source=ChangeSource.REFORM)
    assert figures_of(lyngen, WEEK).is_quiet


def test_whoever_an_old_file_brings_is_not_new(kafjord: Branch, clock: Any) -> None:
    clock.move_to(WEDNESDAY)
    make_member(kafjord, joined_on=date(2019, 3, 1))
    make_member(kafjord, joined_on=date(2026, 9, 1))
    make_member(kafjord, joined_on=None)
    assert figures_of(kafjord, WEEK).new == 2


def test_one_who_has_applied_is_new_when_taken_up(kafjord: Branch, clock: Any) -> None:
    clock.move_to(WEDNESDAY - timedelta(days=7))
    member = make_member(kafjord, status=MemberStatus.APPLIED, joined_on=date(2026, 11, 3))
    assert figures_of(kafjord, WEEK.before).new == 0
    clock.move_to(WEDNESDAY)
    change(member, status=MemberStatus.MEMBER.value)
    assert figures_of(kafjord, WEEK).new == 1
    assert figures_of(kafjord, WEEK.before).new == 0


def test_counting_costs_the_same_for_one_and_many(kafjord: Branch, clock: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            figures_of(kafjord, WEEK)
        return len(seen)

    members = [make_member(kafjord) for _ in range(4)]
    clock.move_to(WEDNESDAY)
    change(members[0], city="A")
    depart(members[1])
    few = queries()
    for member in members[2:]:
        change(member, city="B")
        depart(member)
    make_branch(kafjord, "Olderdalen")
    assert queries() == few == 6


# --- The email --------------------------------------------------------------------------------------------------------


def send(now: datetime = NOON) -> int:
    return send_week(now=now, today=now.date(), sent_at=now)


def test_an_officer_is_told_once_in_numbers_without_a_name(kafjord: Branch, officer: User, clock: Any) -> None:
    member = make_member(kafjord, "Solfrid", "Myrland")
    clock.move_to(WEDNESDAY)
    change(member, city="Birtavarre")
    depart(make_member(kafjord, "Ragnar", "Storslett"))
    assert (send(), send(NOON + timedelta(hours=1))) == (1, 0)
    told = Delivery.objects.get()
    assert told.key == f"week:2026-11-09:{kafjord.pk}:{officer.pk}"
    assert (told.address, told.purpose) == ("kari@example.no", Purpose.NOTICE)
    assert told.subject == "Kåfjord Arbeiderparti: endringer i uke 46"
    assert "Meldt ut: 1\nEndret: 1\n" in told.body
    assert f"/lag/{kafjord.slug}/uka/2026-11-09/" in told.body
    for word in ("Solfrid", "Myrland", "Ragnar", "Storslett", member.member_number, "Birtavarre"):
        assert word not in told.subject + told.body


def test_a_quiet_week_is_told_as_one(officer: User) -> None:
    assert send() == 1
    assert "En rolig uke: ingen endringer." in Delivery.objects.get().body


@pytest.mark.parametrize(
    ("now", "keys"),
    [
        (datetime(2026, 11, 23, 6, 59, tzinfo=OSLO), 0),
        (datetime(2026, 11, 23, 7, 0, tzinfo=OSLO), 1),
        (datetime(2026, 11, 24, 20, 0, tzinfo=OSLO), 1),
        (datetime(2026, 11, 29, 23, 59, tzinfo=OSLO), 1),
    ],
)
def test_it_goes_on_monday_at_seven_or_later_if_nobody_was_awake(officer: User, now: datetime, keys: int) -> None:
    assert send(now) == keys
    assert Delivery.objects.filter(key__startswith="week:2026-11-16:").count() == keys


def test_each_week_is_told_of_its_own(officer: User) -> None:
    for day in range(28):
        send(datetime(2026, 12, 14, 12, 0, tzinfo=OSLO) + timedelta(days=day))
    mondays = sorted(Delivery.objects.values_list("key", flat=True))
    assert [key.split(":")[1] for key in mondays] == ["2026-12-07", "2026-12-14", "2026-12-21", "2026-12-28"]


def test_who_is_told(county: Branch, kafjord: Branch, clock: Any) -> None:
    told = make_officer(kafjord)
    chief = make_officer(county, Role.COUNTY_MEMBERSHIP_OFFICER)
    for role in (Role.TREASURER, Role.BRANCH_LEADER, Role.COUNTY_SECRETARY, Role.CALLER):
        make_officer(county if role == Role.COUNTY_SECRETARY else kafjord, role)
    make_officer(kafjord).grants.update(ends_on=FRIDAY)
    make_officer(kafjord).grants.update(starts_on=date(2026, 11, 16))
    make_officer(kafjord, is_active=False)
    silent = make_officer(kafjord)
    User.objects.filter(pk=silent.pk).update(email=None, phone="+4700000999")
    stopped = make_officer(kafjord)
    block(Channel.EMAIL, stopped.email or "", BlockReason.HARD, now=NOON)
    assert send() == 2
    assert set(Delivery.objects.values_list("address", flat=True)) == {told.email, chief.email}


def test_one_who_holds_it_in_two_branches_gets_one_for_each(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    grant = officer.grants.get()
    for branch in (lyngen, kafjord):
        grant.pk, grant.branch = None, branch
        grant.save()
    assert send() == 2
    assert set(Delivery.objects.values_list("address", flat=True)) == {officer.email}


def test_a_branch_that_has_ended_is_told_nothing(kafjord: Branch, officer: User) -> None:
    Branch.objects.filter(pk=kafjord.pk).update(valid_to=date(2026, 11, 16))
    assert send() == 0


def test_nothing_is_told_of_weeks_before_the_house_began(kafjord: Branch, officer: User) -> None:
    User.objects.update(created_at=datetime(2026, 11, 16, 0, 0, tzinfo=OSLO))
    assert send() == 0
    User.objects.update(created_at=datetime(2026, 11, 15, 23, 0, tzinfo=OSLO))
    assert send() == 1


def test_a_branch_is_counted_once_however_many_read_it(kafjord: Branch) -> None:
    def counts() -> int:
        Delivery.objects.all().delete()
        with CaptureQueriesContext(connection) as seen:
            send()
        return sum("audit" in query["sql"] for query in seen.captured_queries)

    make_officer(kafjord)
    one = counts()
    for _ in range(2):
        make_officer(kafjord)
    assert counts() == one == 3
    assert Delivery.objects.count() == 3


# --- The page ---------------------------------------------------------------------------------------------------------


def page(client: Client, branch: Branch, *monday: str) -> Any:
    name = "privacy:week" if monday else "privacy:latest_week"
    return client.get(reverse(name, args=[branch.slug, *monday]))


def test_the_page_and_the_email_say_the_same(
    kafjord: Branch, lyngen: Branch, officer: User, client_for: ClientFor, clock: Any
) -> None:
    for _ in range(2):
        leaver, mover = make_member(kafjord), make_member(lyngen)
        clock.move_to(WEDNESDAY)
        depart(leaver)
        change(mover, branch=kafjord)
    clock.move_to(NOON)
    send()
    shown = page(client_for(officer), kafjord).context
    body = Delivery.objects.get().body
    for part in shown["parts"]:
        assert f"{part.title}: {part.count}" in body
    assert [part.count for part in shown["parts"]] == [0, 2, 0, 2, 0]


def test_the_page_names_those_still_here_and_says_what_was_changed(
    kafjord: Branch, lyngen: Branch, officer: User, client_for: ClientFor, clock: Any
) -> None:
    changed = make_member(kafjord, "Solfrid", "Myrland")
    gone = make_member(kafjord, "Ragnar", "Storslett")
    away = make_member(kafjord, "Tormod", "Skibotn")
    clock.move_to(WEDNESDAY)
    change(changed, city="Birtavarre", note="Syk", address_protection="strict", no_sms=True)
    change(gone, city="Birtavarre")
    depart(gone)
    change(away, branch=lyngen, city="Birtavarre")
    clock.move_to(NOON)
    answer = page(client_for(officer), kafjord, "2026-11-09")
    text = answer.content.decode()
    assert "Myrland, Solfrid" in text
    (one,) = answer.context["parts"][-1].people
    assert set(one.what.split(", ")) == {"poststed", "ikke SMS", "internt notat"}
    # Of those who have left, and of those who are another branch's now, there is a number and no more.
    for word in ("Storslett", "Skibotn", "Birtavarre", "Syk"):
        assert word not in text
    assert answer.context["figures"] == Figures(new=0, moved_in=0, moved_out=1, left=1, edited=2)
    assert "og 1 til" in text


def test_one_who_may_not_read_notes_is_not_told_of_them(kafjord: Branch, client_for: ClientFor, clock: Any) -> None:
    member = make_member(kafjord)
    leader = make_officer(kafjord, Role.BRANCH_LEADER)
    clock.move_to(WEDNESDAY)
    change(member, note="Syk")
    clock.move_to(NOON)
    answer = page(client_for(leader), kafjord)
    (one,) = answer.context["parts"][-1].people
    assert one.what == ""
    assert "notat" not in answer.content.decode().lower()


def test_looking_is_written_down_and_changes_nothing_else(
    kafjord: Branch, officer: User, client_for: ClientFor, clock: Any
) -> None:
    clock.move_to(NOON)
    assert page(client_for(officer), kafjord).status_code == 200
    event = AuditEvent.objects.get(verb=Verb.WEEK_OPENED)
    assert (event.branch_id, event.actor_id, event.details) == (kafjord.pk, officer.pk, {"week": "2026-11-09"})


@pytest.mark.parametrize("monday", ["2026-11-16", "2026-11-10", "2024-11-11", "uka", "9999-99-99"])
def test_a_week_that_is_none_has_no_page(
    kafjord: Branch, officer: User, client_for: ClientFor, clock: Any, monday: str
) -> None:
    clock.move_to(NOON)
    assert page(client_for(officer), kafjord, monday).status_code == 404


def test_another_branch_s_week_is_not_found(lyngen: Branch, officer: User, client_for: ClientFor, clock: Any) -> None:
    clock.move_to(NOON)
    assert page(client_for(officer), lyngen, "2026-11-09").status_code == 404


def test_the_page_leads_to_the_weeks_beside_it(
    kafjord: Branch, officer: User, client_for: ClientFor, clock: Any
) -> None:
    clock.move_to(NOON)
    client = client_for(officer)
    text = page(client, kafjord, "2026-11-02").content.decode()
    assert reverse("privacy:week", args=[kafjord.slug, "2026-10-26"]) in text
    assert reverse("privacy:week", args=[kafjord.slug, "2026-11-09"]) in text
    assert reverse("privacy:week", args=[kafjord.slug, "2026-11-16"]) not in page(client, kafjord).content.decode()
    first = page(client, kafjord, "2025-11-24")
    assert first.status_code == 200
    assert reverse("privacy:week", args=[kafjord.slug, "2025-11-17"]) not in first.content.decode()


def test_the_page_costs_the_same_for_one_and_for_many(
    kafjord: Branch, lyngen: Branch, officer: User, client_for: ClientFor, clock: Any
) -> None:
    clock.move_to(NOON)
    client = client_for(officer)

    def queries() -> int:
        clock.move_to(NOON)
        with CaptureQueriesContext(connection) as seen:
            assert page(client, kafjord).status_code == 200
        return len(seen)

    def happen() -> None:
        members = [make_member(kafjord), make_member(lyngen), make_member(kafjord)]
        clock.move_to(WEDNESDAY)
        make_member(kafjord, joined_on=date(2026, 11, 8))
        change(members[0], city="A")
        change(members[1], branch=kafjord)
        depart(members[2])

    happen()
    queries()
    one = queries()
    happen()
    happen()
    assert queries() == one
