from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from dues.actions.payments import register_payment
from dues.enums import DuesStatus, PaymentSource
from dues.models import Claim, DuesSummary, DuesYear, Payment, PaymentBatch
from dues.register_import import RegisterDues
from membership.enums import MemberStatus
from membership.extensions import ImportedRow
from membership.models import Branch, Member
from tests.factories import NOW, TODAY, make_branch, make_county, make_dues_year, make_member, make_user

pytestmark = pytest.mark.django_db

OPTIONS = {"year": 2026, "rate": 45000, "due_on": date(2026, 3, 15)}


@pytest.fixture
def county() -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    return make_branch(county)


@pytest.fixture
def officer() -> User:
    return make_user()


def row(member: Member | None, *, status: str = MemberStatus.MEMBER, **paid: Any) -> ImportedRow:
    values = {"paid": {"paid": None, "paid_on": None, "paid_ore": None} | paid} if paid else {}
    return ImportedRow(member.pk if member else None, 1, status, values)


def run(branch: Branch, rows: list[ImportedRow], officer: User, options: dict[str, Any] = OPTIONS) -> None:
    extension, batch_id = RegisterDues(), uuid4()
    for some in (rows[:1], rows[1:]):
        extension.apply(branch, options, some, by=officer, today=TODAY, batch_id=batch_id)
    extension.finish(branch, options, by=officer, today=TODAY, batch_id=batch_id)


def statuses() -> list[DuesStatus]:
    return [claim.status for claim in Claim.objects.order_by("member_id")]


def test_each_current_member_in_the_file_gets_a_claim(county: Branch, kafjord: Branch, officer: User) -> None:
    current, gone, absent = make_member(kafjord), make_member(kafjord, status="resigned"), make_member(kafjord)
    run(county, [row(current), row(gone, status=MemberStatus.RESIGNED)], officer)
    assert [claim.member for claim in Claim.objects.all()] == [current]
    assert absent.claims.count() == 0
    assert not PaymentBatch.objects.exists()
    assert DuesSummary.objects.get().unpaid == 1
    assert DuesYear.objects.get().rate_ore == 45000
    event = AuditEvent.objects.get(verb=Verb.CLAIMS_RAISED)
    assert (event.count, event.branch_id) == (1, county.pk)


def test_a_paid_column_settles_the_claims(kafjord: Branch, officer: User) -> None:
    members = [make_member(kafjord) for _ in range(5)]
    rows = [
        row(members[0], paid=True, paid_on=date(2026, 2, 1)),
        row(members[1], paid=True, paid_ore=20000, paid_on=date(2026, 11, 18)),
        row(members[2], paid=True, paid_ore=90000, paid_on=date(2026, 4, 1)),
        row(members[3], paid=False),
        row(members[4], paid=None),
    ]
    run(kafjord, rows, officer)

    assert statuses() == [
        DuesStatus.PAID,
        DuesStatus.PARTIAL,
        DuesStatus.PAID,
        DuesStatus.UNPAID,
        DuesStatus.UNPAID,
    ]
    lines = Payment.objects.order_by("claim__member_id").values_list("amount_ore", "paid_on", "source")
    assert list(lines) == [
        (45000, date(2026, 2, 1), PaymentSource.REGISTER),
        (20000, date(2026, 11, 18), PaymentSource.REGISTER),
        (45000, date(2026, 4, 1), PaymentSource.REGISTER),
    ]
    batch = PaymentBatch.objects.get()
    assert (batch.source, batch.as_of_on, batch.created_by) == (PaymentSource.REGISTER, date(2026, 11, 18), officer)
    row_ = DuesSummary.objects.get()
    assert (row_.claims, row_.unpaid, row_.partial, row_.outstanding_ore) == (5, 3, 1, 115000)
    # The county's terms are the county's to set.
    assert not DuesYear.objects.exists()


def test_the_same_file_again_changes_nothing(kafjord: Branch, officer: User) -> None:
    rows = [row(make_member(kafjord), paid=True), row(make_member(kafjord), paid=True, paid_ore=10000)]
    run(kafjord, rows, officer)
    before = list(Claim.objects.order_by("pk").values()), list(Payment.objects.order_by("pk").values())
    run(kafjord, rows, officer)
    assert before == (list(Claim.objects.order_by("pk").values()), list(Payment.objects.order_by("pk").values()))
    # Each file is a delivery of its own: it can be taken back alone.
    assert PaymentBatch.objects.count() == 2


def test_a_later_file_pays_the_rest(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    run(kafjord, [row(member, paid=True, paid_ore=10000)], officer)
    run(kafjord, [row(member, paid=True)], officer)
    assert statuses() == [DuesStatus.PAID]
    assert list(Payment.objects.order_by("pk").values_list("amount_ore", flat=True)) == [10000, 35000]


def test_a_file_takes_no_payment_back(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    run(kafjord, [row(member)], officer)
    register_payment(Claim.objects.get(), amount_ore=45000, paid_on=TODAY, by=officer, now=NOW)

    rows = [row(member, paid=False)]
    sentences = [str(text) for text in RegisterDues().preview(kafjord, OPTIONS, rows)]
    run(kafjord, rows, officer)

    assert statuses() == [DuesStatus.PAID]
    assert sentences == [
        "0 får krav for 2026.",
        "1 har krav for 2026 fra før.",
        "0 er betalt ifølge fila.",
        "1 står som ikke betalt i fila, men har en betaling her. Betalingen her blir stående.",
    ]


def test_a_smaller_amount_in_the_file_takes_nothing_back(kafjord: Branch, officer: User) -> None:
    member = make_member(kafjord)
    run(kafjord, [row(member, paid=True)], officer)
    run(kafjord, [row(member, paid=True, paid_ore=10000)], officer)
    assert statuses() == [DuesStatus.PAID]
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("paid", "as_of_on"),
    [
        ({"paid": True}, TODAY),
        ({"paid": False}, TODAY),
        ({"paid": True, "paid_on": date(2026, 10, 1)}, date(2026, 10, 1)),
        ({"paid": True, "paid_on": date(2027, 1, 1)}, TODAY),
    ],
)
def test_the_delivery_speaks_for_its_newest_day(
    kafjord: Branch, officer: User, paid: dict[str, Any], as_of_on: date
) -> None:
    run(kafjord, [row(make_member(kafjord), **paid)], officer)
    assert PaymentBatch.objects.get().as_of_on == as_of_on


def test_a_preview_tells_and_writes_nothing(kafjord: Branch) -> None:
    known = make_member(kafjord)
    rows = [
        row(known, paid=True),
        row(None, paid=True, paid_ore=100),
        row(None, paid=False),
        row(None, status=MemberStatus.RESIGNED, paid=True),
    ]
    sentences = [str(text) for text in RegisterDues().preview(kafjord, OPTIONS, rows)]
    assert sentences == ["3 får krav for 2026.", "1 er betalt ifølge fila.", "1 har betalt en del."]
    assert not Claim.objects.exists()


def test_a_preview_says_that_there_is_no_paid_column(kafjord: Branch) -> None:
    sentences = [str(text) for text in RegisterDues().preview(kafjord, OPTIONS, [row(None)])]
    assert sentences[1] == "Fila har ingen betalt-kolonne: Alle uten registrert betaling her står som ikke betalt."


def test_without_dues_only_the_register_is_imported(kafjord: Branch, officer: User) -> None:
    options = {"year": 2026, "rate": None, "due_on": None}
    rows = [row(make_member(kafjord), paid=True)]
    assert [str(text) for text in RegisterDues().preview(kafjord, options, rows)] == [
        "Ingen får krav: Kontingenten er ikke fylt ut."
    ]
    run(kafjord, rows, officer, options)
    assert not Claim.objects.exists()
    assert not AuditEvent.objects.filter(verb=Verb.CLAIMS_RAISED).exists()


# --- What the officer chooses


def cleaned(branch: Branch, data: dict[str, str] | None) -> dict[str, Any]:
    form = RegisterDues().form(branch, TODAY, data)
    assert form.is_valid(), form.errors
    return form.cleaned_data


def test_the_form_starts_with_the_countys_terms(county: Branch, kafjord: Branch) -> None:
    make_dues_year(county, 2026, 50000)
    form = RegisterDues().form(kafjord, TODAY, None)
    assert form.initial == {"year": 2026, "rate": "500", "due_on": date(2026, 3, 15)}
    assert 'value="15.03.2026"' in str(form["due_on"])


def test_the_form_starts_with_last_years_terms_where_this_year_has_none(county: Branch) -> None:
    make_dues_year(county, 2024, 40050)
    assert RegisterDues().form(county, TODAY, None).initial == {
        "year": 2026,
        "rate": "400,50",
        "due_on": date(2026, 3, 15),
    }


def test_a_county_without_terms_may_import_without_dues(county: Branch) -> None:
    assert cleaned(county, {"year": "2026", "rate": "", "due_on": ""}) == {"year": 2026, "rate": None, "due_on": None}


def test_rate_and_due_date_follow_another_year(county: Branch) -> None:
    make_dues_year(county, 2026, 45000)
    make_dues_year(county, 2024, 40000)
    sent = {"year": "2024", "rate": "450", "due_on": "15.03.2026"}
    assert cleaned(county, sent) == {"year": 2024, "rate": 40000, "due_on": date(2024, 3, 15)}
    assert cleaned(county, sent | {"rate": "300"})["rate"] == 30000


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"year": "1989"}, "year"),
        ({"year": "2028"}, "year"),
        ({"year": "0000"}, "year"),
        ({"year": "snart"}, "year"),
        ({"rate": "0"}, "rate"),
        ({"rate": "-450"}, "rate"),
        ({"rate": "100001"}, "rate"),
        ({"rate": "mye"}, "rate"),
        ({"due_on": ""}, "due_on"),
        ({"due_on": "31.02.2026"}, "due_on"),
        ({"due_on": "15.03.2016"}, "due_on"),
    ],
)
def test_terms_that_cannot_be_are_refused_at_their_field(county: Branch, data: dict[str, str], field: str) -> None:
    form = RegisterDues().form(county, TODAY, {"year": "2026", "rate": "450", "due_on": "15.03.2026"} | data)
    assert list(form.errors) == [field]
