from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from dues.models import Claim
from membership.models import Branch, Member
from privacy.actions import unpaid as actions
from privacy.actions import unpaid_notice as notices
from privacy.actions import unpaid_striking as striking
from privacy.actions.departures import leave
from privacy.enums import LeaveWay, RoundState, UnpaidFrom
from privacy.models import PrivacySettings, StayAgreement, UnpaidCase, UnpaidRound
from privacy.unpaid import candidates, due_years, standing
from tests.factories import NOW, TODAY, make_claim, make_county
from tests.privacy.keeping import YEAR, make_file, make_hold, make_list, make_overdue, notify, pay

pytestmark = pytest.mark.django_db
# The day after the last day to answer, of those told on 20 November.
AFTER = date(2026, 12, 21)


def states(unpaid: UnpaidRound) -> dict[str, str]:
    return dict(UnpaidCase.objects.filter(round=unpaid).values_list("member__first_name", "state"))


def test_the_months_run_from_the_years_end(county: Branch, kafjord: Branch) -> None:
    member = make_overdue(kafjord)
    assert list(candidates(county, YEAR, date(2026, 6, 30))) == []
    assert list(candidates(county, YEAR, date(2026, 7, 1))) == [member]
    assert due_years(county, date(2026, 6, 30)) == []
    assert due_years(county, date(2026, 7, 1)) == [YEAR]


def test_or_from_the_due_date_where_the_county_says_so(county: Branch, kafjord: Branch) -> None:
    PrivacySettings.objects.create(county=county, unpaid_from=UnpaidFrom.DUE_DATE)
    member = make_overdue(kafjord, year=2026)
    assert list(candidates(county, 2026, date(2026, 9, 15))) == []
    assert list(candidates(county, 2026, date(2026, 9, 16))) == [member]
    Claim.objects.update(final_due_on=date(2026, 8, 31))
    assert due_years(county, date(2027, 2, 28)) == []
    assert due_years(county, date(2027, 3, 1)) == [2026]


def test_whoever_is_held_stays_has_paid_or_has_gone_is_none(county: Branch, kafjord: Branch, secretary: User) -> None:
    ane = make_overdue(kafjord, "Ane")
    make_hold(make_overdue(kafjord, "Holdt"))
    stays = make_overdue(kafjord, "Blir")
    actions.agree_to_stay(stays, year=YEAR, by=None, now=NOW)
    later = make_overdue(kafjord, "Senere")
    actions.agree_to_stay(later, year=2026, by=None, now=NOW)
    paid_later = make_overdue(kafjord, "Betalt")
    make_claim(paid_later, year=2026, outstanding_ore=0)
    pay(make_overdue(kafjord, "Betalte"))
    gone = make_overdue(kafjord, "Gått")
    leave(gone, way=LeaveWay.LETTER, left_on=TODAY, by=secretary, now=NOW, today=TODAY)
    make_overdue(make_county("Nordland"), "Fremmed")
    assert list(candidates(county, YEAR, TODAY)) == [ane]


def test_an_older_wish_to_stay_says_nothing_of_a_newer_year(county: Branch, kafjord: Branch) -> None:
    member = make_overdue(kafjord)
    actions.agree_to_stay(member, year=2024, by=None, now=NOW)
    assert list(candidates(county, YEAR, TODAY)) == [member]


def test_a_list_is_made_once(county: Branch, kafjord: Branch, secretary: User) -> None:
    make_overdue(kafjord)
    make_overdue(kafjord)
    unpaid = make_list(county, by=secretary)
    assert unpaid.cases.count() == 2
    assert unpaid.state == RoundState.LISTED
    with pytest.raises(actions.OpenAlready):
        actions.make_round(county, year=YEAR, by=secretary, now=NOW, today=TODAY)
    assert AuditEvent.objects.get(verb=Verb.ROUND_OPENED).count == 2


def test_no_list_without_a_fresh_file_of_the_whole_county(county: Branch, kafjord: Branch, secretary: User) -> None:
    make_overdue(kafjord)

    def make() -> UnpaidRound:
        return actions.make_round(county, year=YEAR, by=secretary, now=NOW, today=TODAY)

    with pytest.raises(actions.FileTooOld):
        make()
    make_file(county, TODAY - timedelta(days=11))
    with pytest.raises(actions.FileTooOld):
        make()
    make_file(kafjord, TODAY)
    with pytest.raises(actions.FileTooOld):
        make()
    assert not UnpaidRound.objects.exists()
    make_file(county, TODAY - timedelta(days=10))
    assert make().cases.count() == 1


def test_no_list_of_nobody(county: Branch, secretary: User) -> None:
    make_file(county)
    with pytest.raises(actions.NobodyDue):
        actions.make_round(county, year=YEAR, by=secretary, now=NOW, today=TODAY)
    assert not UnpaidRound.objects.exists()


def test_one_is_taken_off_once(county: Branch, kafjord: Branch, secretary: User) -> None:
    make_overdue(kafjord)
    unpaid = make_list(county, by=secretary)
    case = unpaid.cases.get()
    actions.spare(case, by=secretary)
    with pytest.raises(actions.NotOnList):
        actions.spare(case, by=secretary)
    assert not standing(unpaid, TODAY).exists()


def test_a_list_is_dropped_once_and_then_nobody_is_taken_off_or_told(
    county: Branch, kafjord: Branch, secretary: User
) -> None:
    make_overdue(kafjord)
    unpaid = make_list(county, by=secretary)
    actions.drop_round(unpaid, by=secretary)
    for again in (
        lambda: actions.drop_round(unpaid, by=secretary),
        lambda: actions.spare(unpaid.cases.get(), by=secretary),
        lambda: actions.stay_by_officer(unpaid.cases.get(), by=secretary, now=NOW),
        lambda: notify(unpaid, by=secretary),
        lambda: notices.mark_posted(unpaid, member_ids=[], by=secretary, now=NOW, today=TODAY),
    ):
        with pytest.raises(actions.NotOpen):
            again()
    with pytest.raises(striking.NotNotified):
        striking.approve(unpaid, count=1, by=secretary, now=NOW, today=AFTER)
    assert Member.objects.current().count() == 1


def test_who_asks_to_stay_is_let_be_in_this_list_and_written_once(
    county: Branch, kafjord: Branch, secretary: User
) -> None:
    member = make_overdue(kafjord, "Blir")
    unpaid = notify(make_list(county, by=secretary), by=secretary)
    actions.agree_to_stay(member, year=YEAR, by=None, now=NOW)
    actions.agree_to_stay(member, year=YEAR, by=secretary, now=NOW)
    assert StayAgreement.objects.count() == 1
    assert states(unpaid) == {"Blir": "stays"}
    assert AuditEvent.objects.filter(verb=Verb.STAY_AGREED).count() == 1


def test_an_officer_writes_it_down(county: Branch, kafjord: Branch, secretary: User) -> None:
    make_overdue(kafjord, "Blir")
    unpaid = make_list(county, by=secretary)
    actions.stay_by_officer(unpaid.cases.get(), by=secretary, now=NOW)
    assert StayAgreement.objects.get().recorded_by == secretary
    with pytest.raises(actions.NotOnList):
        actions.stay_by_officer(unpaid.cases.get(), by=secretary, now=NOW)


def test_whoever_has_left_does_not_stay(kafjord: Branch, secretary: User) -> None:
    member = make_overdue(kafjord)
    leave(member, way=LeaveWay.LETTER, left_on=TODAY, by=secretary, now=NOW, today=TODAY)
    with pytest.raises(actions.NoMember):
        actions.agree_to_stay(member, year=YEAR, by=None, now=NOW)
    assert not StayAgreement.objects.exists()
