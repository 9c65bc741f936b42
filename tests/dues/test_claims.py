from datetime import date

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent
from dues.actions.claims import follow_members, raise_claims
from dues.actions.payments import register_payment
from dues.actions.rates import RateNotPositive, Terms
from dues.enums import ClaimState
from dues.kid import LENGTH, is_kid, new_kid, new_kids
from dues.models import Claim, DuesSummary
from membership.actions.members import derive
from membership.enums import MemberStatus
from membership.models import Branch, Member
from tests.factories import NOW, TODAY, make_branch, make_county, make_member, make_user

pytestmark = pytest.mark.django_db
TERMS = Terms(year=2026, rate_ore=45000, due_on=date(2026, 3, 15))


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


def counts(branch: Branch, year: int = 2026) -> tuple[int, int, int, int]:
    row = DuesSummary.objects.get(branch=branch, year=year)
    return row.claims, row.unpaid, row.partial, row.outstanding_ore


def test_every_current_member_of_a_branch_and_those_under_it_gets_one_claim(county: Branch, kafjord: Branch) -> None:
    inside = [make_member(kafjord), make_member(county)]
    make_member(kafjord, status=MemberStatus.RESIGNED)
    make_member(kafjord, status=MemberStatus.APPLIED)
    make_member(make_branch(make_county("Nordland"), "Bodø"))

    assert raise_claims(county, terms=TERMS, by=make_user(), now=NOW) == 2

    claims = list(Claim.objects.order_by("member_id"))
    assert [claim.member_id for claim in claims] == [member.pk for member in inside]
    assert all(claim.outstanding_ore == claim.amount_ore == 45000 and is_kid(claim.kid) for claim in claims)
    first = claims[0]
    assert (first.branch_id, first.municipal_id, first.county_id) == (kafjord.pk, kafjord.pk, county.pk)
    assert first.sort_key == inside[0].sort_key
    assert first.original_due_on == first.final_due_on == date(2026, 3, 15)
    assert counts(kafjord) == counts(county) == (1, 1, 0, 45000)
    event = AuditEvent.objects.get(verb=Verb.CLAIMS_RAISED)
    assert (event.count, event.branch_id, event.details) == (2, county.pk, {"year": 2026, "rate_ore": 45000})


def test_the_second_time_nobody_gets_a_claim_and_nothing_is_logged(county: Branch, kafjord: Branch) -> None:
    make_member(kafjord)
    assert raise_claims(county, terms=TERMS, by=None, now=NOW) == 1
    assert raise_claims(kafjord, terms=TERMS, by=None, now=NOW) == 0
    assert Claim.objects.count() == AuditEvent.objects.filter(verb=Verb.CLAIMS_RAISED).count() == 1


def test_claims_can_be_raised_on_some_members_only(kafjord: Branch) -> None:
    chosen, _other = make_member(kafjord), make_member(kafjord)
    elsewhere = make_member(make_county("Nordland"))
    assert raise_claims(kafjord, terms=TERMS, by=None, now=NOW, member_ids=[chosen.pk, elsewhere.pk]) == 1
    assert Claim.objects.get().member == chosen


def test_each_year_has_its_own_claim(kafjord: Branch) -> None:
    make_member(kafjord)
    raise_claims(kafjord, terms=TERMS, by=None, now=NOW)
    assert raise_claims(kafjord, terms=Terms(2025, 40000, date(2025, 3, 15)), by=None, now=NOW) == 1


def test_dues_of_nothing_are_refused() -> None:
    with pytest.raises(RateNotPositive):
        Terms(year=2026, rate_ore=0, due_on=TODAY)


def test_a_drawn_reference_that_exists_is_drawn_again(kafjord: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = make_member(kafjord)
    raise_claims(kafjord, terms=TERMS, by=None, now=NOW)
    kid = Claim.objects.get(member=taken).kid
    draws = iter([[kid], [new_kid()]])
    monkeypatch.setattr("dues.actions.claims.new_kids", lambda count: next(draws))
    make_member(kafjord)
    assert raise_claims(kafjord, terms=TERMS, by=None, now=NOW) == 1
    assert Claim.objects.values("kid").distinct().count() == 2


def test_references_are_of_one_length_and_no_two_alike() -> None:
    kids = new_kids(2000)
    assert len(set(kids)) == 2000
    assert {len(kid) for kid in kids} == {LENGTH}
    assert all(is_kid(kid) and kid[0] != "0" for kid in kids)


def test_a_mistyped_reference_is_none() -> None:
    kid = new_kid()
    wrong = str((int(kid[5]) + 1) % 10)
    assert not is_kid(kid[:5] + wrong + kid[6:])
    assert not is_kid(kid[1:])
    assert not is_kid("")


# --- Following the member


def resign(member: Member) -> None:
    member.status = MemberStatus.RESIGNED
    member.save()
    follow_members([member.pk])


def test_an_open_claim_moves_with_its_member(county: Branch, kafjord: Branch) -> None:
    harstad, member = make_branch(county, "Harstad"), make_member(kafjord)
    raise_claims(county, terms=TERMS, by=None, now=NOW)
    member.last_name = "Åsen"
    derive(member, harstad)
    member.save()

    follow_members([member.pk])

    claim = Claim.objects.get()
    assert (claim.branch, claim.municipal, claim.county) == (harstad, harstad, county)
    assert claim.sort_key == member.sort_key
    assert counts(harstad) == (1, 1, 0, 45000)
    assert counts(kafjord) == (0, 0, 0, 0)


def test_a_new_name_alone_leaves_the_counts_alone(kafjord: Branch) -> None:
    member = make_member(kafjord)
    raise_claims(kafjord, terms=TERMS, by=None, now=NOW)
    DuesSummary.objects.update(claims=7)
    member.last_name = "Aa"
    derive(member)
    member.save()
    follow_members([member.pk])
    assert Claim.objects.get().sort_key == member.sort_key
    assert DuesSummary.objects.get().claims == 7


def test_whoever_leaves_is_asked_for_nothing(kafjord: Branch) -> None:
    member = make_member(kafjord)
    raise_claims(kafjord, terms=TERMS, by=None, now=NOW)
    resign(member)
    resign(member)
    assert Claim.objects.get().state == ClaimState.CANCELLED
    assert not Claim.objects.unpaid(2026).exists()
    assert counts(kafjord) == (0, 0, 0, 0)


def test_what_was_paid_stays_when_the_member_leaves(kafjord: Branch) -> None:
    member = make_member(kafjord)
    raise_claims(kafjord, terms=TERMS, by=None, now=NOW)
    register_payment(Claim.objects.get(), amount_ore=45000, paid_on=TODAY, by=None, now=NOW)
    resign(member)
    assert Claim.objects.get().state == ClaimState.RAISED
    assert counts(kafjord) == (1, 0, 0, 0)


def test_whoever_comes_back_is_asked_for_the_same_claim_less_what_was_paid(county: Branch, kafjord: Branch) -> None:
    member, harstad = make_member(kafjord), make_branch(county, "Harstad")
    raise_claims(kafjord, terms=TERMS, by=None, now=NOW)
    register_payment(Claim.objects.get(), amount_ore=20000, paid_on=TODAY, by=None, now=NOW)
    resign(member)
    member.status = MemberStatus.MEMBER
    derive(member, harstad)
    member.save()

    assert raise_claims(county, terms=TERMS, by=None, now=NOW) == 1

    claim = Claim.objects.get()
    assert (claim.state, claim.outstanding_ore, claim.branch) == (ClaimState.RAISED, 25000, harstad)
    assert counts(harstad) == (1, 1, 1, 25000)
