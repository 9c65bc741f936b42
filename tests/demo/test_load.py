"""The demo in the database."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth import authenticate
from django.db import connection
from django.db.models import Count, Sum
from django.test import RequestFactory

from accounts.models import AuditEvent, User
from calling.models import Call, CallList
from demo import load
from demo.cast import CAST, PASSWORD
from demo.day import stored_day
from demo.load import NotADemo, is_empty, is_loaded, load_demo
from demo.models import DemoDay
from dues.actions.summaries import rebuild
from dues.models import Claim, DuesSummary, DuesYear, Payment, PaymentBatch
from membership.access import branches_of
from membership.actions.members import derive
from membership.models import Branch, BranchNumber, BranchSummary, Grant, Member, Placement
from overview.models import MonthlySnapshot
from recruitment.models import ElectionResult, Target, TargetRound
from tests.demo.test_places import TABLE
from tests.factories import make_county

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


def _schema() -> list[tuple[Any, ...]]:
    """Every index, constraint and trigger, as the database describes it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
            return list(cursor.fetchall())
        cursor.execute("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2")
        found = list(cursor.fetchall())
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2"
        )
        return [*found, *cursor.fetchall()]


def _table() -> list[list[str]]:
    return [line.split(";") for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]


def _dump() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of ours but the log's, which only grows."""
    labels = [config.label for config in apps.get_app_configs() if "." not in config.name] + ["account", "mfa"]
    found = [model for label in labels for model in apps.get_app_config(label).get_models(include_auto_created=True)]
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list())
        for model in found
        if model is not AuditEvent
    }


def test_the_whole_register_is_there() -> None:
    loaded = load_demo()
    assert (loaded.branches, loaded.members) == (24, 2_082)
    assert (loaded.claims, loaded.payments) == (Claim.objects.count(), Payment.objects.count())
    county = Branch.objects.get(slug="troms")
    assert county.members.current().count() == 2_082
    for row in _table():
        branch = Branch.objects.get(place=row[0], kind="municipal")
        assert branch.members.current().count() == int(row[5]), row[0]
    assert Member.objects.current().filter(branch=county, municipal=None).count() == 11
    assert BranchNumber.objects.filter(branch__slug="senja").count() == 6


def test_stored_keys_and_counts_are_what_the_apps_own_code_makes() -> None:
    load_demo()
    for member in Member.objects.order_by("id")[::7]:
        before = (member.sort_key, member.search_text, member.household_key)
        derive(member)
        assert (member.sort_key, member.search_text, member.household_key) == before
    assert BranchSummary.objects.aggregate(Sum("members"))["members__sum"] == 2_082
    for name, rows in (
        ("placements", Placement.objects.filter(to_on=None)),
        ("claims", Claim.objects.filter(year=2026)),
    ):
        count = rows.filter(member__status="member").values("member").distinct().count()
        assert count == 2_082, name
    for claim in Claim.objects.select_related("member").order_by("id")[::50]:
        assert claim.member is not None
        assert (claim.branch_id, claim.sort_key) == (claim.member.branch_id, claim.member.sort_key)


def test_the_ledger_adds_up() -> None:
    load_demo()
    claims = Claim.objects.annotate(paid=Sum("payments__amount_ore", default=0)).order_by("id")
    for amount, outstanding, paid in claims.values_list("amount_ore", "outstanding_ore", "paid"):
        assert outstanding == amount - paid
    assert {batch.source for batch in PaymentBatch.objects.all()} == {"register", "manual"}
    newest = PaymentBatch.objects.exclude(source="manual").order_by("-as_of_on").first()
    assert newest is not None
    assert newest.as_of_on == date(2026, 11, 18)
    for payment in Payment.objects.select_related("batch"):
        assert payment.paid_on <= payment.batch.as_of_on
        assert payment.source == payment.batch.source
    assert sorted(DuesYear.objects.values_list("year", flat=True)) == [2022, 2023, 2024, 2025, 2026]


def test_counts_of_claims_are_made() -> None:
    load_demo()
    if not DuesSummary.objects.exists():
        rebuild(None)
    summary = DuesSummary.objects.filter(year=2026).aggregate(Sum("unpaid"), Sum("outstanding_ore"))
    unpaid = Claim.objects.unpaid(2026)
    assert summary["unpaid__sum"] == unpaid.count()
    assert summary["outstanding_ore__sum"] == unpaid.aggregate(Sum("outstanding_ore"))["outstanding_ore__sum"]


def test_this_months_snapshot_is_what_the_register_says() -> None:
    load_demo()
    assert set(MonthlySnapshot.objects.values_list("month_on", flat=True)) == {
        *(date(2025, month, 1) for month in range(1, 13)),
        *(date(2026, month, 1) for month in range(1, 12)),
    }
    members = dict(Member.objects.current().values_list("branch_id").annotate(Count("id")))
    summaries = {summary.branch_id: summary for summary in BranchSummary.objects.all()}
    open_claims = {
        branch_id: (count, ore)
        for branch_id, count, ore in Claim.objects.unpaid(2026)
        .values_list("branch_id")
        .annotate(Count("id"), Sum("outstanding_ore"))
    }
    for snapshot in MonthlySnapshot.objects.filter(month_on=date(2026, 11, 1)):
        summary = summaries[snapshot.branch_id]
        assert snapshot.members == members[snapshot.branch_id]
        assert (snapshot.joined, snapshot.left) == (summary.joined, summary.left)
        assert (snapshot.unpaid, snapshot.outstanding_ore) == open_claims.get(snapshot.branch_id, (0, 0))


def test_a_past_months_snapshot_counts_those_who_were_members_then() -> None:
    load_demo()
    for month, last_day in ((date(2025, 12, 1), date(2025, 12, 31)), (date(2026, 6, 1), date(2026, 6, 30))):
        then = Counter(
            member.branch_id
            for member in Member.objects.filter(joined_on__lte=last_day)
            if member.left_on is None or member.left_on > last_day
        )
        found = dict(MonthlySnapshot.objects.filter(month_on=month).values_list("branch_id", "members"))
        assert found == {branch_id: then[branch_id] for branch_id in found}


def test_everybody_of_the_cast_can_sign_in_and_holds_the_right_role() -> None:
    load_demo()
    request = RequestFactory().post("/")
    for part in CAST:
        user = authenticate(request, email=part.email, password=PASSWORD)
        assert isinstance(user, User), part.email
        grant = Grant.objects.in_force(TODAY).get(user=user)
        assert (grant.role, grant.branch.place) == (part.role, part.place)
        assert [branch.place for branch in branches_of(user, on=TODAY)] == [part.place]
        assert EmailAddress.objects.get(user=user).verified
    assert Grant.objects.get(role="caller").ends_on == TODAY + timedelta(days=30)


def test_the_caller_has_a_list_that_has_been_begun() -> None:
    load_demo()
    caller = User.objects.get(email="ringer.tromso@demo.example")
    call_list = CallList.objects.open().handed_to(caller).get()
    calls = Call.objects.filter(call_list=call_list, caller__user=caller).select_related("member")
    assert 8 <= len(calls) <= 16
    assert {call.outcome for call in calls} > {"", "no_answer", "will_pay"}
    for call in calls:
        assert call.member is not None
        assert not call.member.no_phone
        assert not call.member.address_protection
        assert Claim.objects.unpaid(2026).filter(member=call.member).exists()


def test_elections_and_targets_are_there() -> None:
    load_demo()
    county_result = ElectionResult.objects.get(kind="fy", year=2015, branch__slug="troms")
    assert (county_result.votes, county_result.share_hundredths) == (22_093, 3_280)
    for kind, column in (("ko", 2), ("st", 4)):
        votes = dict(ElectionResult.objects.filter(kind=kind).values_list("branch__place", "votes"))
        assert votes == {row[0]: int(row[column]) for row in _table()}
    tromso = ElectionResult.objects.get(kind="st", year=2017, branch__slug="tromso")
    assert (tromso.number, tromso.votes, tromso.share_hundredths) == ("1902", 9_459, 2_300)
    assert ElectionResult.objects.filter(share_hundredths=None).count() == 4
    made = TargetRound.objects.get()
    assert (made.recruit_year, made.total_year) == (2026, 2028)
    assert Target.objects.filter(round=made).count() == 21
    assert Target.objects.filter(recruit_target=None, total_target=None, answered_at=None).count() == 2


def test_a_name_is_found_by_the_search_index() -> None:
    load_demo()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            sql = "SELECT count(*) FROM membership_member_search WHERE search_text MATCH %s"
            cursor.execute(sql, ['"hansen"'])
        else:
            cursor.execute("SELECT count(*) FROM membership_member WHERE search_text LIKE %s", ["%hansen%"])
        found = cursor.fetchone()[0]
    expected = sum("hansen" in member.search_text for member in Member.objects.all())
    assert found == expected > 20


def test_the_same_demo_bit_for_bit_at_another_time(clock: time_machine.Traveller) -> None:
    load_demo()
    first = _dump()
    clock.move_to(datetime.fromisoformat("2028-02-03T04:05:06+00:00"))
    load_demo()
    second = _dump()
    assert {name for name, rows in first.items() if rows != second[name]} == set()


def test_another_seed_is_another_demo_and_another_day_moves_it() -> None:
    load_demo()
    names = list(Member.objects.order_by("id").values_list("first_name", flat=True))
    load_demo(seed=2, today=date(2027, 5, 4))
    assert list(Member.objects.order_by("id").values_list("first_name", flat=True)) != names
    assert stored_day() == date(2027, 5, 4)
    assert sorted(DuesYear.objects.values_list("year", flat=True)) == [2023, 2024, 2025, 2026, 2027]
    assert Member.objects.current().count() == 2_082
    assert not Member.objects.filter(joined_on__gt=date(2027, 5, 4)).exists()


def test_indexes_constraints_and_triggers_are_as_they_were() -> None:
    before = _schema()
    load_demo(members=300, branches=3)
    assert _schema() == before


def test_numbering_goes_on_after_the_last_row() -> None:
    load_demo(members=300, branches=3)
    last = Member.objects.order_by("-id").values_list("id", flat=True)[0]
    branch = Branch.objects.get(slug="kafjord")
    member = Member(first_name="Ny", last_name="Medlem", member_number="ny")
    derive(member, branch)
    member.save()
    assert member.pk > last
    batch = PaymentBatch.objects.create(
        branch=branch, source="manual", as_of_on=TODAY, created_at=datetime.fromisoformat("2026-11-20T12:00:00+00:00")
    )
    assert PaymentBatch.objects.filter(pk__lt=batch.pk).count() == PaymentBatch.objects.count() - 1


def test_a_larger_demo_has_exactly_as_many_members_and_branches() -> None:
    loaded = load_demo(members=3_000, branches=30)
    assert (loaded.members, loaded.branches) == (3_000, 33)
    assert BranchSummary.objects.aggregate(Sum("members"))["members__sum"] == 3_000


def test_many_chunks_give_the_same_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    load_demo(members=500, branches=4)
    whole = _dump()
    monkeypatch.setattr(load, "CHUNK", 60)
    load_demo(members=500, branches=4)
    assert _dump() == whole


def test_a_register_that_no_demo_made_is_left_alone() -> None:
    county = make_county("Nordland")
    assert not is_empty()
    with pytest.raises(NotADemo):
        load_demo()
    assert list(Branch.objects.all()) == [county]
    assert not is_loaded()


def test_a_demo_that_cannot_be_made_leaves_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    load_demo(members=300, branches=3)
    schema, dump = _schema(), _dump()

    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("the lights went out")

    monkeypatch.setattr(load, "make_targets", fail)
    with pytest.raises(RuntimeError):
        load_demo(members=400, branches=4)
    assert (_schema(), _dump()) == (schema, dump)


def test_the_stored_day_marks_a_demo() -> None:
    assert not is_loaded()
    load_demo(members=300, branches=3)
    assert is_loaded()
    assert DemoDay.objects.get().members == 300
    assert str(DemoDay.objects.get()) == "2026-11-20"
