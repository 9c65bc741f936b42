"""The nightly erasing: who goes, who does not, and what happens when somebody changes their mind in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.enums import Verb
from accounts.models import AuditEvent
from common.policy import keep
from config.schedule import SCHEDULE
from membership.actions import erasure
from membership.actions.editing import Edit, Pen, locked, write
from membership.enums import ChangeSource, MemberStatus
from membership.extensions import Erasure, registry
from membership.models import Branch, ErasedCount, Member
from privacy.actions import erasing
from privacy.actions.departures import TooLate, come_back, leave
from privacy.actions.erasing import NotAllErased, adopt, erase_due
from privacy.enums import HoldReason, LeaveWay
from privacy.models import Departure, Hold
from privacy.tasks import erase_due as nightly
from tests.factories import NOW, TODAY, make_branch, make_county, make_member

pytestmark = pytest.mark.django_db

# The seven days of correction that a county has until it chooses.
DUE = TODAY + timedelta(days=7)


class Killed(BaseException):
    """What a killed worker is like."""


def leaver(branch: Branch, **fields: Any) -> Departure:
    member = make_member(branch, **fields)
    return leave(member, way=LeaveWay.LINK, left_on=TODAY, by=None, now=NOW, today=TODAY)


def hold(member: Member, until_on: date, **fields: Any) -> Hold:
    return Hold.objects.create(member=member, reason=HoldReason.DISPUTE, until_on=until_on, placed_at=NOW, **fields)


def run(today: date = DUE) -> int:
    return erase_due(now=NOW, today=today)


def here() -> set[int]:
    return set(Member.objects.values_list("pk", flat=True))


@pytest.fixture
def branch() -> Branch:
    return make_branch(make_county())


def test_those_whose_time_is_over_are_erased_and_nobody_else(branch: Branch) -> None:
    stays = make_member(branch)
    expelled = make_member(branch, status=MemberStatus.EXPELLED, left_on=date(2020, 1, 1))
    gone = leaver(branch)
    assert run(DUE - timedelta(days=1)) == 0
    assert gone.member_id in here()
    assert run() == 1
    assert here() == {stays.pk, expelled.pk}
    assert not Departure.objects.exists()
    assert ErasedCount.objects.get().count == 1
    assert run() == 0


def test_counties_have_their_own_time(branch: Branch) -> None:
    from privacy.models import PrivacySettings

    other = make_branch(make_county("Finnmark"), "Alta")
    PrivacySettings.objects.create(county_id=other.root_id, correction_days=14)
    late, soon = leaver(other), leaver(branch)
    assert run() == 1
    assert here() == {late.member_id}
    assert soon.member_id not in here()
    assert ErasedCount.objects.get().branch_id == branch.county_id
    assert run(TODAY + timedelta(days=14)) == 1


def test_whoever_is_held_stays_until_the_day_or_until_somebody_lifts_it(branch: Branch) -> None:
    until, lifted = leaver(branch).member, leaver(branch).member
    hold(until, DUE + timedelta(days=1))
    one = hold(lifted, DUE + timedelta(days=30))
    assert run() == 0
    Hold.objects.filter(pk=one.pk).update(lifted_at=NOW)
    assert run() == 1
    assert here() == {until.pk}
    assert run(DUE + timedelta(days=1)) == 1


def test_whoever_has_come_back_is_never_erased(branch: Branch) -> None:
    departure = leaver(branch)
    come_back(departure, by=None, now=NOW, today=TODAY)
    assert run(date(2030, 1, 1)) == 0
    assert here() == {departure.member_id}
    # Nor where a departure stands that the member's own status does not bear out.
    Departure.objects.filter(pk=departure.pk).update(returned_at=None)
    assert run(date(2030, 1, 1)) == 0
    assert here() == {departure.member_id}


def test_a_hold_or_a_return_between_finding_and_erasing_wins(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    back, held, goes = leaver(branch), leaver(branch), leaver(branch)
    found = erasing._next_due

    def meanwhile(after: int, today: date) -> list[tuple[int, int]]:
        chunk = found(after, today)
        if len(chunk) == 3:
            come_back(back, by=None, now=NOW, today=TODAY)
            hold(held.member, DUE + timedelta(days=30))
        return chunk

    monkeypatch.setattr(erasing, "_next_due", meanwhile)
    assert run() == 1
    assert here() == {back.member_id, held.member_id}
    assert goes.member_id not in here()


def test_many_go_in_chunks_of_a_transaction_each(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "CHUNK", 2)
    for _ in range(5):
        leaver(branch)
    assert run() == 5
    lines = AuditEvent.objects.filter(verb=Verb.MEMBERS_ERASED).order_by("pk")
    assert [line.count for line in lines] == [2, 2, 1]


@pytest.mark.django_db(transaction=True)
def test_a_run_that_breaks_off_leaves_whole_chunks_and_the_next_takes_the_rest(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "CHUNK", 2)
    for _ in range(5):
        leaver(branch)
    chunks: list[int] = []

    def break_off(members: Any, _now: Any) -> None:
        chunks.append(len(members))
        if len(chunks) == 2:
            raise Killed

    monkeypatch.setattr(registry, "erasures", [*registry.erasures, Erasure("test", break_off)])
    with pytest.raises(Killed):
        run()
    assert Member.objects.count() == Departure.objects.count() == 3
    assert ErasedCount.objects.get().count == 2
    assert run() == 3
    assert ErasedCount.objects.get().count == 5


@pytest.mark.django_db(transaction=True)
def test_a_chunk_that_fails_keeps_no_other_from_going_and_is_told(
    branch: Branch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(erasing, "CHUNK", 2)
    first = leaver(branch, first_name="Unni")
    for _ in range(4):
        leaver(branch)

    def fail(members: Any, _now: Any) -> None:
        if first.member_id in {member.pk for member in members}:
            raise ValueError(f"bad row: {members[0].first_name}")

    monkeypatch.setattr(registry, "erasures", [*registry.erasures, Erasure("test", fail)])
    with pytest.raises(NotAllErased):
        run()
    assert Member.objects.count() == 2
    assert ErasedCount.objects.get().count == 3
    assert f"Departures {first.pk} to {first.pk + 1}, 2 of them" in caplog.text
    assert "ValueError" in caplog.text
    assert "Unni" not in caplog.text


def test_those_whom_no_door_wrote_down_wait_as_a_register_file_does_and_are_then_erased(branch: Branch) -> None:
    old = make_member(branch, status=MemberStatus.RESIGNED, left_on=date(2024, 3, 1))
    dead = make_member(branch, status=MemberStatus.DECEASED)
    make_member(branch)
    assert run(TODAY) == 0
    departures = Departure.objects.order_by("member_id")
    assert [(one.member_id, one.way, one.left_on, one.erase_on) for one in departures] == [
        (old.pk, LeaveWay.REGISTER, date(2024, 3, 1), TODAY + keep("undo")),
        (dead.pk, LeaveWay.DEATH, TODAY, TODAY + keep("undo")),
    ]
    assert adopt(now=NOW, today=TODAY) == 0
    assert run(TODAY + keep("undo")) == 2


def test_whoever_came_back_and_has_the_old_status_again_is_written_down_again(branch: Branch) -> None:
    departure = leaver(branch)
    Departure.objects.update(returned_at=NOW)
    assert run() == 0
    assert Departure.objects.standing().get().member_id == departure.member_id


def test_the_clock_starts_it_before_undo_stores_are_forgotten(branch: Branch, clock: Any) -> None:
    names = [line.name for line in SCHEDULE]
    assert names.index("erase-due") < names.index("forget-work")
    assert next(line.task for line in SCHEDULE if line.name == "erase-due") == nightly.name
    leaver(branch)
    clock.move_to(NOW + timedelta(days=8))
    nightly()
    nightly()
    assert here() == set()


def test_one_who_has_left_can_be_erased_by_hand(branch: Branch) -> None:
    from membership.roles import Role
    from tests.factories import make_officer

    secretary = make_officer(Branch.objects.get(pk=branch.root_id), Role.COUNTY_SECRETARY)
    departure = leaver(branch, member_number="77")
    call_command("erase_member", number="77", branch=branch.slug, by=secretary.email)
    assert departure.member_id not in here()


def _beside(act: Callable[[], None]) -> threading.Thread:
    def in_own_connection() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=in_own_connection)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_of_erasing_and_not_me_at_the_same_moment_one_wins(branch: Branch) -> None:
    """Whoever comes second is told so: never a member half erased, never one erased who was told “you are back”."""
    departures = [leaver(branch) for _ in range(6)]
    start = threading.Barrier(2)
    back: list[int] = []

    def regret() -> None:
        start.wait()
        for departure in departures:
            try:
                back.append(come_back(departure, by=None, now=NOW, today=TODAY).pk)
            except TooLate:
                pass

    thread = _beside(regret)
    start.wait()
    erased = run()
    thread.join()
    assert here() == set(back)
    assert erased + len(back) == 6
    assert not Member.objects.gone().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets one write at a time")
def test_erasing_waits_for_a_hold_that_is_being_placed(branch: Branch) -> None:
    from django.db import transaction

    departure = leaver(branch)
    placed, finish = threading.Event(), threading.Event()

    def place() -> None:
        with transaction.atomic():
            # As an action does: the key itself is looked at no earlier than the commit.
            [member] = locked(Member.objects.filter(pk=departure.member_id))
            hold(member, DUE + timedelta(days=30))
            placed.set()
            finish.wait(20)

    thread = _beside(place)
    assert placed.wait(20)
    erased: list[int] = []
    other = _beside(lambda: erased.append(run()))
    other.join(0.5)
    assert other.is_alive()
    finish.set()
    thread.join()
    other.join()
    assert erased == [0]
    assert here() == {departure.member_id}


def test_a_chunk_is_no_more_than_the_database_takes_at_once() -> None:
    assert erasure.CHUNK == 500


@pytest.mark.parametrize("door", ["file", "before the hook"])
def test_an_applicant_whom_a_file_took_out_is_put_right_to_applicant(branch: Branch, door: str) -> None:
    """Also a child, who is no member before a guardian has said yes."""
    member = make_member(branch, status=MemberStatus.APPLIED)
    write([Edit(member, {"status": "resigned"})], pen=Pen(None, ChangeSource.IMPORT, NOW, TODAY))
    if door != "file":
        Departure.objects.all().delete()
        assert adopt(now=NOW, today=TODAY) == 1
    come_back(Departure.objects.get(), by=None, now=NOW, today=TODAY)
    assert Member.objects.get(pk=member.pk).status == MemberStatus.APPLIED
