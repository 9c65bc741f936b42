"""Claims, payments and calls when two records become one: not an øre lost or counted twice, nobody called twice."""

from __future__ import annotations

import pytest

from accounts.models import User
from calling.models import Call
from dues.actions.payments import register_payment
from dues.actions.summaries import recount as recount_dues
from dues.models import Claim, DuesSummary, Payment
from membership.models import Branch
from tests.factories import NOW, TODAY, hand_out, make_branch, make_claim, make_county, make_member, make_officer
from tests.membership.folding import fold, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county, "Kåfjord")


@pytest.fixture
def officer(county: Branch) -> User:
    return make_officer(county)


def ledger() -> int:
    return sum(Payment.objects.values_list("amount_ore", flat=True))


def figures(*claims: Claim) -> list[tuple[int | None, int, str]]:
    found = {claim.pk: claim for claim in Claim.objects.all()}
    return [(found[c.pk].member_id, found[c.pk].outstanding_ore, found[c.pk].state) for c in claims]


@pytest.mark.parametrize(
    ("paid_kept", "paid_lost", "left"),
    [
        (0, 0, 45000),
        (45000, 0, 0),
        (0, 45000, 0),
        (10000, 20000, 15000),
        (45000, 45000, -45000),
        (30000, 30000, -15000),
    ],
)
def test_of_two_claims_of_a_year_one_stays_with_all_that_was_paid(
    county: Branch, kafjord: Branch, officer: User, paid_kept: int, paid_lost: int, left: int
) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    claims = [make_claim(kept), make_claim(lost)]
    alone = make_claim(lost, year=2025)
    recount_dues()
    for claim, ore in zip(claims, (paid_kept, paid_lost), strict=True):
        if ore:
            register_payment(claim, amount_ore=ore, paid_on=TODAY, by=officer, now=NOW)
    before, money = figures(*claims, alone), ledger()
    lines = list(Payment.objects.order_by("pk").values())

    made = fold(county, kept, lost, officer)

    standing = Claim.objects.standing().get(member=kept, year=2026)
    assert standing.outstanding_ore == left
    assert standing.outstanding_ore == standing.amount_ore - sum(standing.payments.values_list("amount_ore", flat=True))
    assert figures(alone) == [(kept.pk, 45000, "raised")]
    assert ledger() == money == paid_kept + paid_lost
    assert list(Payment.objects.order_by("pk").values())[: len(lines)] == lines
    summary = DuesSummary.objects.get(branch=kafjord, year=2026)
    assert (summary.claims, summary.outstanding_ore) == (1, max(left, 0))

    back = undo(made, officer)

    assert figures(*claims, alone) == before
    assert ledger() == money
    for claim in Claim.objects.all():
        assert claim.outstanding_ore == claim.amount_ore - sum(claim.payments.values_list("amount_ore", flat=True))
    assert DuesSummary.objects.get(branch=kafjord, year=2026).claims == 2
    assert back.pk == lost.pk


def test_a_payment_after_the_merge_follows_its_claim_back(county: Branch, kafjord: Branch, officer: User) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    claim = make_claim(lost)
    recount_dues()
    made = fold(county, kept, lost, officer)
    claim.refresh_from_db()
    assert claim.member == kept
    register_payment(claim, amount_ore=45000, paid_on=TODAY, by=officer, now=NOW)
    undo(made, officer)
    claim.refresh_from_db()
    assert (claim.member_id, claim.outstanding_ore) == (lost.pk, 0)


@pytest.mark.parametrize("called", ["kept", "lost", "nobody"])
def test_nobody_stands_twice_on_a_call_list(county: Branch, kafjord: Branch, officer: User, called: str) -> None:
    kept, lost = make_member(kafjord), make_member(kafjord)
    make_claim(kept)
    make_claim(lost)
    recount_dues()
    hand_out(kafjord, officer)
    if called != "nobody":
        member = kept if called == "kept" else lost
        Call.objects.filter(member=member).update(outcome="will_pay", outcome_at=NOW, note="Betaler fredag")
    before = list(Call.objects.order_by("pk").values())
    made = fold(county, kept, lost, officer)
    call = Call.objects.get()
    assert (call.member, call.outcome) == (kept, "" if called == "nobody" else "will_pay")
    undo(made, officer)
    assert list(Call.objects.order_by("pk").values()) == before
