"""Moving one member: at once within what one has, as a request to others; then the old branch loses access."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from dues.models import Claim
from membership.actions import moves
from membership.actions.moves import (
    AlreadyAnswered,
    AlreadyThere,
    AlreadyWaiting,
    BeforePlacement,
    Gone,
    Lapsed,
    MovesInFuture,
    NothingToUndo,
    NotInForce,
)
from membership.enums import AddressProtection, MemberStatus, MoveState
from membership.models import Branch, BranchSummary, DuplicatePair, Member, MemberChange, MoveRequest, Placement
from membership.postal_codes import likely_branch
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def lyngen(county: Branch) -> Branch:
    return make_branch(county, "Lyngen")


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


def placements(member: Member) -> list[tuple[str, date | None, date | None]]:
    rows = Placement.objects.filter(member=member).select_related("branch").order_by("id")
    return [(row.branch.place, row.from_on, row.to_on) for row in rows]


def ask(member: Member, to: Branch, by: User | None) -> MoveRequest:
    return moves.request_move(member, to=to, by=by, now=NOW, today=TODAY)


# --- At once ---------------------------------------------------------------------------------------------------------


def test_a_move_changes_branch_placement_history_log_counts_and_claims(
    kafjord: Branch, lyngen: Branch, officer: User
) -> None:
    member = make_member(kafjord)
    claim = make_claim(member)

    moves.move(member, to=lyngen, by=officer, now=NOW, today=TODAY, on=date(2026, 11, 1))

    member.refresh_from_db()
    assert (member.branch_id, member.municipal_id) == (lyngen.pk, lyngen.pk)
    assert placements(member) == [
        ("Kåfjord", date(2020, 1, 15), date(2026, 11, 1)),
        ("Lyngen", date(2026, 11, 1), None),
    ]
    change = MemberChange.objects.get()
    assert (change.field, change.before, change.after, change.source) == ("branch", kafjord.pk, lyngen.pk, "move")
    assert BranchSummary.objects.get(branch=kafjord).members == 0
    assert BranchSummary.objects.get(branch=lyngen).members == 1
    claim.refresh_from_db()
    assert claim.branch_id == lyngen.pk
    event = AuditEvent.objects.get(verb=Verb.MEMBER_MOVED)
    assert (event.branch_id, event.details) == (lyngen.pk, {"from_branch": kafjord.pk})


def test_a_move_counted_from_last_year_leaves_this_years_counts(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    member = make_member(kafjord, joined_on=date(2026, 2, 1))
    Placement.objects.filter(member=member).update(from_on=None)
    moves.move(member, to=lyngen, by=officer, now=NOW, today=TODAY, on=date(2025, 12, 1))
    summary = BranchSummary.objects.get(branch=lyngen)
    assert (summary.year, summary.joined) == (2026, 1)


def test_a_move_can_be_taken_back_as_if_it_had_not_been(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    member = make_member(kafjord)
    moves.move(member, to=lyngen, by=officer, now=NOW, today=TODAY)

    moves.undo_move(member, by=officer, now=NOW, today=TODAY)

    member.refresh_from_db()
    assert member.branch_id == kafjord.pk
    assert placements(member) == [("Kåfjord", date(2020, 1, 15), None)]
    assert BranchSummary.objects.get(branch=kafjord).members == 1
    with pytest.raises(NothingToUndo):
        moves.undo_move(member, by=officer, now=NOW, today=TODAY)


def test_an_old_move_is_not_taken_back(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    member = make_member(kafjord)
    moves.move(member, to=lyngen, by=officer, now=NOW, today=TODAY)
    later = timedelta(days=15)
    with pytest.raises(NothingToUndo):
        moves.undo_move(member, by=officer, now=NOW + later, today=TODAY + later)


@pytest.mark.parametrize(
    ("day", "refusal"),
    [(TODAY + timedelta(days=1), MovesInFuture), (date(2020, 1, 14), BeforePlacement)],
)
def test_a_move_counts_from_a_day_in_the_placement(
    kafjord: Branch, lyngen: Branch, officer: User, day: date, refusal: type[Exception]
) -> None:
    member = make_member(kafjord)
    with pytest.raises(refusal):
        moves.move(member, to=lyngen, by=officer, now=NOW, today=TODAY, on=day)
    assert placements(member) == [("Kåfjord", date(2020, 1, 15), None)]


def test_nobody_is_moved_to_where_they_are_nor_to_what_is_no_more_nor_out_of_the_county(
    kafjord: Branch, lyngen: Branch, officer: User
) -> None:
    member = make_member(kafjord)
    elsewhere = make_branch(make_county("Nordland"), "Bodø")
    with pytest.raises(AlreadyThere):
        moves.move(member, to=kafjord, by=officer, now=NOW, today=TODAY)
    with pytest.raises(NotInForce):
        moves.move(member, to=elsewhere, by=officer, now=NOW, today=TODAY)
    Branch.objects.filter(pk=lyngen.pk).update(valid_to=TODAY)
    with pytest.raises(NotInForce):
        moves.move(member, to=lyngen, by=officer, now=NOW, today=TODAY)


# --- By request ------------------------------------------------------------------------------------------------------


def test_a_request_changes_nothing_until_it_is_accepted(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    member, theirs = make_member(kafjord), make_officer(lyngen)
    request = ask(member, lyngen, officer)
    member.refresh_from_db()
    assert member.branch_id == kafjord.pk

    moves.accept(request, by=theirs, now=NOW, today=TODAY)

    member.refresh_from_db()
    request.refresh_from_db()
    assert member.branch_id == lyngen.pk
    assert (request.state, request.answered_by, request.answered_at) == (MoveState.ACCEPTED, theirs, NOW)
    assert placements(member)[-1] == ("Lyngen", TODAY, None)
    assert AuditEvent.objects.filter(verb=Verb.MOVE_ANSWERED, branch_id=lyngen.pk).count() == 1


def test_a_refusal_is_kept_with_its_reason_and_the_member_stays(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    member, theirs = make_member(kafjord), make_officer(lyngen)
    request = ask(member, lyngen, officer)
    moves.refuse(request, by=theirs, now=NOW, reason="Bor i Storfjord.")
    request.refresh_from_db()
    member.refresh_from_db()
    assert (request.state, request.reason) == (MoveState.REFUSED, "Bor i Storfjord.")
    assert member.branch_id == kafjord.pk
    details = AuditEvent.objects.get(verb=Verb.MOVE_ANSWERED).details
    assert "Storfjord" not in str(details)
    ask(member, lyngen, officer)


def test_of_two_answers_the_first_counts(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    member, one, other = make_member(kafjord), make_officer(lyngen), make_officer(lyngen)
    request = ask(member, lyngen, officer)
    stale = MoveRequest.objects.get()
    moves.refuse(request, by=one, now=NOW, reason="Nei.")
    for answer in (
        lambda: moves.accept(stale, by=other, now=NOW, today=TODAY),
        lambda: moves.refuse(stale, by=other, now=NOW, reason="Nei."),
        lambda: moves.withdraw(stale, by=officer, now=NOW),
    ):
        with pytest.raises(AlreadyAnswered):
            answer()
    stale.refresh_from_db()
    member.refresh_from_db()
    assert (stale.answered_by, member.branch_id) == (one, kafjord.pk)


def test_one_request_waits_at_a_time_and_can_be_withdrawn(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    member = make_member(kafjord)
    request = ask(member, lyngen, officer)
    with pytest.raises(AlreadyWaiting):
        ask(member, make_branch(kafjord.county or kafjord, "Storfjord"), officer)
    moves.withdraw(request, by=officer, now=NOW)
    request.refresh_from_db()
    assert request.state == MoveState.WITHDRAWN
    ask(member, lyngen, officer)


def test_the_member_can_ask_without_a_user(kafjord: Branch, lyngen: Branch) -> None:
    request = moves.request_move(make_member(kafjord), to=lyngen, by=None, by_member=True, now=NOW, today=TODAY)
    assert (request.asked_by, request.by_member, request.from_branch_id) == (None, True, kafjord.pk)


def test_nobody_is_asked_for_who_has_left(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    with pytest.raises(Gone):
        ask(make_member(kafjord, status=MemberStatus.RESIGNED), lyngen, officer)


@pytest.mark.parametrize("what", ["left", "moved", "closed"])
def test_a_request_lapses_by_itself(kafjord: Branch, lyngen: Branch, officer: User, what: str) -> None:
    member, theirs = make_member(kafjord), make_officer(lyngen)
    request = ask(member, lyngen, officer)
    if what == "left":
        Member.objects.filter(pk=member.pk).update(status=MemberStatus.RESIGNED)
    elif what == "moved":
        Member.objects.filter(pk=member.pk).update(branch=kafjord.county)
    else:
        Branch.objects.filter(pk=lyngen.pk).update(valid_to=TODAY)
    assert not MoveRequest.objects.live().exists()

    with pytest.raises(Lapsed):
        moves.accept(request, by=theirs, now=NOW, today=TODAY)

    request.refresh_from_db()
    assert (request.state, request.answered_by) == (MoveState.WITHDRAWN, None)
    with pytest.raises(AlreadyAnswered):
        moves.accept(request, by=theirs, now=NOW, today=TODAY)


def test_a_lapsed_request_does_not_stand_in_the_way_of_a_new_one(
    kafjord: Branch, lyngen: Branch, officer: User
) -> None:
    member = make_member(kafjord)
    old = ask(member, lyngen, officer)
    Member.objects.filter(pk=member.pk).update(branch=kafjord.county)
    member.refresh_from_db()
    new = ask(member, lyngen, officer)
    old.refresh_from_db()
    assert (old.state, new.state) == (MoveState.WITHDRAWN, MoveState.WAITING)


def test_moving_at_once_ends_what_waits(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    member = make_member(kafjord)
    request = ask(member, lyngen, officer)
    moves.move(member, to=make_branch(kafjord, "Manndalen"), by=officer, now=NOW, today=TODAY)
    request.refresh_from_db()
    assert (request.state, request.answered_by) == (MoveState.WITHDRAWN, None)


# --- Postal codes ----------------------------------------------------------------------------------------------------


def neighbours(branch: Branch, count: int, code: str = "9144", **fields: str) -> None:
    for number in range(count):
        make_member(branch, f"Nabo{number}", postal_code=code, **fields)


def test_a_postal_code_suggests_where_most_others_belong(county: Branch, kafjord: Branch, lyngen: Branch) -> None:
    member = make_member(county, postal_code="9144")
    neighbours(kafjord, 2)
    assert likely_branch(member, today=TODAY) is None
    neighbours(kafjord, 1)
    assert likely_branch(member, today=TODAY) == kafjord
    neighbours(lyngen, 2)
    assert likely_branch(member, today=TODAY) is None


def test_nothing_is_derived_from_a_protected_address(county: Branch, kafjord: Branch) -> None:
    neighbours(kafjord, 3)
    hidden = make_member(county, postal_code="9144", address_protection=AddressProtection.CONFIDENTIAL)
    assert likely_branch(hidden, today=TODAY) is None
    neighbours(kafjord, 3, "9146", address_protection=AddressProtection.STRICT)
    assert likely_branch(make_member(county, postal_code="9146"), today=TODAY) is None


def test_no_branch_is_suggested_that_is_no_more_nor_without_a_code(county: Branch, kafjord: Branch) -> None:
    neighbours(kafjord, 3)
    assert likely_branch(make_member(county, postal_code=""), today=TODAY) is None
    Branch.objects.filter(pk=kafjord.pk).update(valid_to=TODAY)
    assert likely_branch(make_member(county, postal_code="9144"), today=TODAY) is None


# --- The old branch loses access -------------------------------------------------------------------------------------


def test_a_pair_of_which_one_moves_is_shown_to_nobody_but_the_county(
    county: Branch, kafjord: Branch, lyngen: Branch, officer: User
) -> None:
    one, other = make_member(kafjord, "Ane"), make_member(kafjord, "Anne")
    DuplicatePair.objects.create(county=county, first=one, second=other, score=90, found_at=NOW)
    moves.move(other, to=lyngen, by=officer, now=NOW, today=TODAY)
    assert not DuplicatePair.objects.within(kafjord).exists()
    assert not DuplicatePair.objects.within(lyngen).exists()
    assert DuplicatePair.objects.within(county).exists()


def test_a_paid_claim_stays_where_it_was_paid(kafjord: Branch, lyngen: Branch, officer: User) -> None:
    member = make_member(kafjord)
    make_claim(member, outstanding_ore=0)
    moves.move(member, to=lyngen, by=officer, now=NOW, today=TODAY)
    assert Claim.objects.get().branch_id == kafjord.pk
