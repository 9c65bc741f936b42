"""An import taken back: fields, members, claims and payments; and who stays, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from calling.enums import Outcome
from calling.models import Call
from common import clock
from dues.actions.payments import register_payment
from dues.enums import ClaimState
from dues.models import Claim, DuesSummary, Payment, PaymentBatch
from jobs import actions as jobs
from jobs.enums import JobState
from jobs.models import Job
from membership.actions import import_undo
from membership.actions.editing import Edit, Pen, write
from membership.actions.undo import TooLate
from membership.enums import ChangeSource
from membership.models import Branch, BranchSummary, ErasedNumber, FormerNumber, Member, RegisterImport
from membership.roles import Role
from tests.factories import (
    NOW,
    TODAY,
    hand_out,
    make_branch,
    make_county,
    make_dues_year,
    make_member,
    make_officer,
)

# Jobs start when the transaction commits.
pytestmark = pytest.mark.django_db(transaction=True)

ClientFor = Callable[[User], Client]
HEADER = "Medlemsnr;Fornavn;Etternavn;Betalt 2026"


class Office:
    """An officer in Kåfjord, and files let in by the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.county = make_county()
        self.branch: Branch = make_branch(self.county, "Kåfjord")
        self.officer: User = make_officer(self.branch)
        make_dues_year(self.county)

    def let_in(self, *lines: str) -> RegisterImport:
        """The import that the lines became."""
        before = set(RegisterImport.objects.values_list("pk", flat=True))
        path = self.folder / "register.csv"
        path.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
        call_command(
            "import_register", str(path), branch=self.branch.slug, year=2026, by=self.officer.email, stdout=StringIO()
        )
        return RegisterImport.objects.exclude(pk__in=before).get()

    def undo(self, made: RegisterImport) -> RegisterImport:
        """Take it back as the page does."""
        import_undo.start(made, next_url="/", by=self.officer, now=clock.now())
        made.refresh_from_db()
        return made


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An officer, dues of 450 kr, and a folder for files."""
    return Office(tmp_path)


def test_undo_gives_back_fields_takes_out_the_new_and_takes_back_claims_and_payments(office: Office) -> None:
    changed = make_member(office.branch, "Ane", "Berg", member_number="8")
    same = make_member(office.branch, "Ola", "Nes", member_number="9")
    made = office.let_in("8;Ane;Dahl;ja", "9;Ola;Nes;nei", "10;Eva;Ny;ja", "11;Per;Ny;nei")
    assert (Claim.objects.count(), Payment.objects.count()) == (4, 2)
    assert PaymentBatch.objects.delivered(2026).newest_for(office.branch) is not None

    made = office.undo(made)
    assert set(Member.objects.values_list("pk", "last_name")) == {(changed.pk, "Berg"), (same.pk, "Nes")}
    assert made.result["undone"] == {"restored": 1, "removed": 2, "kept_count": 0, "kept": []}
    # No claim stands; what was posted is taken back line by line, without the name of who is gone.
    assert not Claim.objects.standing().exists()
    lines = list(Payment.objects.order_by("id").values_list("amount_ore", flat=True))
    assert (sum(lines), len(lines)) == (0, 4)
    assert {claim.sort_key for claim in Claim.objects.filter(member=None)} == {""}
    assert PaymentBatch.objects.delivered(2026).newest_for(office.branch) is None
    assert sum(DuesSummary.objects.values_list("claims", flat=True)) == 0
    assert BranchSummary.objects.get(branch=office.branch).members == 2
    event = AuditEvent.objects.get(verb=Verb.IMPORT_UNDONE)
    assert (event.count, event.details["kept"]) == (3, 0)
    # And the same file may come in again.
    again = office.let_in("8;Ane;Dahl;ja", "10;Eva;Ny;ja")
    assert (again.result["created"], again.result["updated"]) == (1, 1)
    assert Claim.objects.standing().paid().count() == 2


def test_whoever_paid_was_phoned_or_was_changed_since_stays_and_the_reason_is_told(
    office: Office, client_for: ClientFor
) -> None:
    edited = make_member(office.branch, "Ane", "Berg", member_number="8")
    made = office.let_in("8;Ane;Dahl;nei", "10;Eva;Betaler;nei", "11;Per;Oppringt;nei", "12;Liv;Urørt;nei")
    by_number = {member.member_number: member for member in Member.objects.all()}
    claim = by_number["10"].claims.get()
    register_payment(claim, amount_ore=10000, paid_on=TODAY, by=office.officer, now=NOW)
    call_list = hand_out(office.branch, office.officer)
    caller = call_list.callers.get()
    Call.objects.create(
        call_list=call_list, caller=caller, member=by_number["11"], position=9, outcome=Outcome.NO_ANSWER
    )
    # On a list, and nobody has phoned: no hindrance.
    Call.objects.create(call_list=call_list, caller=caller, member=by_number["12"], position=10)
    pen = Pen(office.officer, ChangeSource.OFFICER, NOW, TODAY)
    write([Edit(by_number["8"], {"last_name": "Lie"})], pen=pen)

    client = client_for(office.officer)
    page = client.get(f"/lag/kafjord/medlemmer/importer/{made.pk}/angre/")
    assert (page.context["restored"], page.context["removed"], page.context["stay"]["count"]) == (0, 1, 3)
    html = page.content.decode()
    for text in ("Lie, Ane", "Betaler, Eva", "Oppringt, Per"):
        assert text in html
    assert "Urørt" not in html

    client.post(f"/lag/kafjord/medlemmer/importer/{made.pk}/angre/")
    assert set(Member.objects.values_list("member_number", flat=True)) == {"8", "10", "11"}
    edited.refresh_from_db()
    claim.refresh_from_db()
    assert (edited.last_name, claim.state, claim.outstanding_ore) == ("Lie", ClaimState.RAISED, 35000)
    result = client.get(f"/lag/kafjord/medlemmer/importer/{made.pk}/")
    assert {one["name"] for one in result.context["stay"]["named"]} == {"Lie, Ane", "Betaler, Eva", "Oppringt, Per"}
    assert all(one["reason"] for one in result.context["stay"]["named"])


def test_a_payment_from_elsewhere_keeps_the_claim_of_a_member_who_stays(office: Office) -> None:
    member = make_member(office.branch, "Ane", "Berg", member_number="8")
    made = office.let_in("8;Ane;Dahl;nei")
    claim = member.claims.get()
    register_payment(claim, amount_ore=45000, paid_on=TODAY, by=office.officer, now=NOW)
    office.undo(made)
    member.refresh_from_db()
    claim.refresh_from_db()
    assert (member.last_name, claim.state, claim.outstanding_ore) == ("Berg", ClaimState.RAISED, 0)


def test_whoever_has_moved_away_stays_and_is_not_named(office: Office, client_for: ClientFor) -> None:
    made = office.let_in("10;Eva;Bortflyttet;nei")
    pen = Pen(None, ChangeSource.MOVE, NOW, TODAY)
    write([Edit(Member.objects.get(), branch=make_branch(office.county, "Tromsø"))], pen=pen)
    page = client_for(office.officer).get(f"/lag/kafjord/medlemmer/importer/{made.pk}/angre/")
    assert (page.context["stay"]["count"], page.context["stay"]["others"]) == (1, 1)
    assert "Bortflyttet" not in page.content.decode()
    office.undo(made)
    assert Member.objects.count() == 1


def test_an_import_is_undone_once_and_within_14_days(office: Office, client_for: ClientFor) -> None:
    late, twice = office.let_in("10;Eva;Ny;nei"), office.let_in("11;Per;Ny;nei")
    office.undo(twice)
    with pytest.raises(TooLate):
        import_undo.start(twice, next_url="/", by=office.officer, now=clock.now())
    with pytest.raises(TooLate):
        import_undo.start(late, next_url="/", by=office.officer, now=clock.now() + timedelta(days=14, minutes=1))
    client = client_for(office.officer)
    response = client.post(f"/lag/kafjord/medlemmer/importer/{twice.pk}/angre/", follow=True)
    assert response.status_code == 200
    assert set(Member.objects.values_list("member_number", flat=True)) == {"10"}


def test_a_number_that_was_taken_over_goes_back(office: Office) -> None:
    member = make_member(office.branch, member_number="L10001", number_is_local=True)
    made = office.let_in("10;Eva;Ny;nei")
    assert made.batch
    pen = Pen(office.officer, ChangeSource.IMPORT, NOW, TODAY, made.batch)
    write([Edit(member, {"member_number": "1001", "number_is_local": False})], pen=pen)
    FormerNumber.objects.create(number="L10001", member=member, batch=made.batch)
    office.undo(made)
    member.refresh_from_db()
    assert (member.member_number, member.number_is_local) == ("L10001", True)
    assert not FormerNumber.objects.exists()


def test_undoing_goes_on_where_a_dead_worker_was(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_undo, "CHUNK", 2)
    changed = make_member(office.branch, "Ane", "Berg", member_number="8")
    made = office.let_in("8;Ane;Dahl;nei", *(f"{number};Eva;Ny{number};nei" for number in range(20, 25)))
    real = jobs.progress

    class Killed(BaseException):
        pass

    def progress(job: Job, done: int, *, total: int | None = None) -> None:
        real(job, done, total=total)
        if done >= 2:
            raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(jobs, "progress", progress)
        with pytest.raises(Killed):
            office.undo(made)
    assert Member.objects.count() == 5
    jobs.sweep(now=timezone.now() + jobs.SILENCE + timedelta(seconds=1))
    made.refresh_from_db()
    job = Job.objects.get(kind=import_undo.UNDO_JOB)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert made.result["undone"] == {"restored": 1, "removed": 5, "kept_count": 0, "kept": []}
    changed.refresh_from_db()
    assert (changed.last_name, Member.objects.count()) == ("Berg", 1)
    assert AuditEvent.objects.filter(verb=Verb.IMPORT_UNDONE).count() == 1


def test_an_undo_that_no_worker_could_finish_may_be_asked_for_again(office: Office) -> None:
    made = office.let_in("10;Eva;Ny;nei")
    assert made.batch
    now = clock.now()
    type(made.batch).objects.filter(pk=made.batch.pk).update(undone_at=now)
    job = Job.objects.create(
        owner=office.officer, kind=import_undo.UNDO_JOB, branch_id=office.branch.pk, permission="import_members",
        params={"import": str(made.pk)}, state=JobState.RUNNING, attempts=jobs.MAX_ATTEMPTS,
        created_at=now, heartbeat_at=timezone.now() - timedelta(hours=1), expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    jobs.sweep(now=timezone.now())
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert office.undo(made).result["undone"]["removed"] == 1


def test_a_colleague_may_undo_but_not_fetch_the_file_and_a_stranger_may_neither(
    office: Office, client_for: ClientFor
) -> None:
    made = office.let_in("10;Eva;Ny;nei")
    colleague = client_for(make_officer(office.branch))
    assert colleague.get(f"/lag/kafjord/medlemmer/importer/{made.pk}/fil/").status_code == 404
    assert colleague.get(f"/lag/kafjord/medlemmer/importer/{made.pk}/angre/").status_code == 200
    stranger = client_for(make_officer(make_branch(office.county, "Tromsø")))
    for place in ("kafjord", "tromso"):
        for method in (stranger.get, stranger.post):
            assert method(f"/lag/{place}/medlemmer/importer/{made.pk}/angre/").status_code == 404
    own = client_for(office.officer).get(f"/lag/kafjord/medlemmer/importer/{made.pk}/fil/")
    assert b"".join(own.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
    own.close()
    assert AuditEvent.objects.filter(verb=Verb.FILE_FETCHED, object_id=str(made.pk)).count() == 1


def test_the_upload_page_lists_the_branchs_imports_with_the_same_queries_for_one_and_three(
    office: Office, client_for: ClientFor, django_assert_num_queries: Callable[[int], object]
) -> None:
    client = client_for(office.officer)
    office.let_in("10;Eva;Ny;nei")
    url = "/lag/kafjord/medlemmer/importer/"
    assert len(client.get(url).context["recent"]) == 1
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        client.get(url)
    office.let_in("11;Per;Ny;nei")
    office.let_in("12;Liv;Ny;nei")
    with django_assert_num_queries(5):  # type: ignore[attr-defined]
        page = client.get(url)
    assert [one.may_undo for one in page.context["recent"]] == [True, True, True]


def test_erasing_leaves_vouchers_without_a_name_and_the_log_without_a_number(office: Office) -> None:
    office.let_in("10;Eva;Borte;ja", "11;Per;Blir;ja")
    secretary = make_officer(office.county, Role.COUNTY_SECRETARY)
    for refused in (office.officer.email, make_officer(office.branch).email, "nobody@example.no"):
        with pytest.raises(CommandError):
            call_command("erase_member", number="10", branch="kafjord", by=refused)
    with pytest.raises(CommandError):
        call_command("erase_member", number="999", branch="kafjord", by=secretary.email)
    call_command("erase_member", number="10", branch="kafjord", by=secretary.email, stdout=StringIO())
    assert Member.objects.get().member_number == "11"
    [claim] = Claim.objects.filter(member=None)
    assert (claim.sort_key, claim.outstanding_ore, claim.payments.count()) == ("", 0, 1)
    assert ErasedNumber.objects.get().erased_on == date(2026, 11, 20)
    event = AuditEvent.objects.get(verb=Verb.MEMBERS_ERASED)
    assert "Borte" not in str(event.details)
    assert BranchSummary.objects.get(branch=office.branch).members == 1
    again = office.let_in("10;Eva;Borte;ja")
    assert (again.result["created"], again.result["refused"]) == (0, 1)
