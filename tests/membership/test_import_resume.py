"""Two files at once, and workers that die: nothing interleaves, nothing is doubled, nothing is held for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import Verb
from accounts.models import AuditEvent, User
from common import clock
from jobs import actions as jobs
from jobs.enums import JobState
from jobs.models import Job
from membership.actions import imports
from membership.enums import ImportState
from membership.importing.applying import Applying
from membership.importing.handlers import cleaned_options
from membership.importing.places import Places
from membership.models import Branch, ChangeBatch, Member, RegisterImport
from membership.roles import Permission
from tests.factories import make_branch, make_county, make_member, make_officer

# Jobs start when the transaction commits.
pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 2100


@pytest.fixture
def officer() -> User:
    """An officer in Kåfjord."""
    return make_officer(make_branch(make_county(), "Kåfjord"))


def branch_of(user: User) -> Branch:
    return user.grants.get().branch


def ready(user: User, content: str = "Medlemsnr;Navn\n1;Ane Berg\n") -> RegisterImport:
    """A file that has been read, as the officer sees it before confirming."""
    file = ContentFile(content.encode(), name="medlemmer.csv")
    made, _job = imports.upload(branch_of(user), file=file, name="medlemmer.csv", next_url="/{pk}/", by=user)
    made.refresh_from_db()
    assert made.state == ImportState.READ
    return made


def many(rows: int = ROWS) -> str:
    lines = [f"{number};Ane Nr{number};" for number in range(1, rows + 1)]
    return "\n".join(["Medlemsnr;Navn;Mobil", *lines, "7x;;000 00 142", f"{rows + 1};;000 00 143"])


class Killed(BaseException):
    """As a signal would: past every `except Exception`."""


@pytest.fixture
def killed_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the worker die when it says it has come so far."""
    real = jobs.progress

    def at(rows: int) -> None:
        def progress(job: Job, done: int, *, total: int | None = None) -> None:
            real(job, done, total=total)
            if done >= rows:
                raise Killed

        monkeypatch.setattr(jobs, "progress", progress)

    return at


def die(made: RegisterImport, user: User) -> None:
    """Confirm it, with a worker that does not live to finish it."""
    with pytest.raises(Killed):
        imports.confirm(made, next_url="/", by=user)
    made.refresh_from_db()


def take_over(made: RegisterImport) -> Job:
    """Half a minute later, as the sweep sees it."""
    jobs.sweep(now=timezone.now() + jobs.SILENCE + timedelta(seconds=1))
    made.refresh_from_db()
    return Job.objects.get(params__import=str(made.pk), kind=imports.APPLY_JOB)


def test_the_database_lets_one_import_into_a_county(officer: User) -> None:
    first, second = ready(officer), ready(officer)
    assert first.county_id == second.county_id == branch_of(officer).root_id
    RegisterImport.objects.filter(pk=first.pk).update(state=ImportState.APPLYING)
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisterImport.objects.filter(pk=second.pk).update(state=ImportState.APPLYING)


def test_a_killed_workers_import_goes_on_where_it_was_with_right_counts(
    officer: User, killed_after: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_member(branch_of(officer), member_number="3")
    made = ready(officer, many())
    killed_after(2000)
    die(made, officer)
    assert (made.state, Member.objects.count()) == (ImportState.APPLYING, 2000)
    monkeypatch.undo()
    job = take_over(made)
    assert (job.state, job.attempts, made.state) == (JobState.DONE, 2, ImportState.APPLIED)
    assert Member.objects.count() == ROWS
    told = {name: made.result[name] for name in ("created", "updated", "unchanged", "refused")}
    assert told == {"created": ROWS - 1, "updated": 1, "unchanged": 0, "refused": 2}
    assert {problem["row"] for problem in made.result["problems"]} >= {ROWS + 2, ROWS + 3}
    batch = ChangeBatch.objects.get()
    assert (made.batch, batch.count, batch.created_members.count()) == (batch, ROWS, ROWS - 1)
    assert set(batch.changes.values_list("member_id", flat=True)) == {old.pk}
    event = AuditEvent.objects.get(verb=Verb.IMPORT_APPLIED)
    assert (event.count, event.details["created"]) == (ROWS + 2, ROWS - 1)
    # One line for each row, also of those the dead worker wrote, and nothing of them is left beside it.
    assert len(lines_of(made)) == ROWS + 2
    assert not [name for name in default_storage.listdir("imports")[1] if name.startswith(str(made.pk))]


def lines_of(made: RegisterImport) -> list[tuple[Any, ...]]:
    from openpyxl import load_workbook

    with made.result_file.open("rb") as file:
        rows = list(load_workbook(BytesIO(file.read()), read_only=True).worksheets[0].values)
    return rows[4:]


def test_a_worker_that_was_only_slow_writes_nothing_more(officer: User, killed_after: Callable[[int], None]) -> None:
    made = ready(officer, many())
    killed_after(1000)
    die(made, officer)
    # Another worker has written the next chunk meanwhile.
    kept = made.reached | {"chunks": 2, "rows": 2000}
    RegisterImport.objects.filter(pk=made.pk).update(reached=kept)
    slow = Applying(
        Places(made.branch),
        cleaned_options(made.branch, made.options, clock.today()),
        by=officer,
        today=clock.today(),
        pk=made.pk,
    )
    slow.reached.chunks = 1
    with pytest.raises(jobs.JobLost):
        slow._write([], None)  # type: ignore[arg-type]  # it must stop before it compares anything
    assert Member.objects.count() == 1000


def test_the_second_of_two_waits_with_its_preview(officer: User, killed_after: Callable[[int], None]) -> None:
    first, second = ready(officer, many()), ready(officer)
    killed_after(1000)
    die(first, officer)
    with pytest.raises(imports.Busy) as busy:
        imports.confirm(second, next_url="/", by=officer)
    second.refresh_from_db()
    assert busy.value.holder == first
    assert (second.state, bool(second.file), second.preview["tally"]["created"]) == (ImportState.READ, True, 1)
    assert Job.objects.filter(kind=imports.APPLY_JOB).count() == 1


def test_another_countys_import_is_not_in_the_way(officer: User, killed_after: Callable[[int], None]) -> None:
    killed_after(1000)
    die(ready(officer, many()), officer)
    other = make_officer(make_branch(make_county("Rogaland"), "Hå"))
    made = ready(other)
    imports.hold(made)
    made.refresh_from_db()
    assert made.state == ImportState.APPLYING


def test_the_command_takes_the_county_too(officer: User, killed_after: Callable[[int], None], tmp_path: Path) -> None:
    made = ready(officer, many())
    killed_after(1000)
    die(made, officer)
    path = tmp_path / "fil.csv"
    path.write_text("Medlemsnr;Navn\n9001;Ane Berg\n", encoding="utf-8")
    slug = branch_of(officer).slug
    with pytest.raises(CommandError):
        call_command("import_register", str(path), branch=slug, year=2026, by=officer.email)
    assert not Member.objects.filter(member_number="9001").exists()
    assert RegisterImport.objects.count() == 1


def test_the_commands_import_can_be_undone_and_has_its_result(officer: User, tmp_path: Path) -> None:
    path = tmp_path / "fil.csv"
    path.write_text("Medlemsnr;Navn\n9001;Ane Berg\n", encoding="utf-8")
    call_command("import_register", str(path), branch=branch_of(officer).slug, year=2026, by=officer.email)
    made = RegisterImport.objects.get()
    assert (made.state, made.started_by, made.result["created"]) == (ImportState.APPLIED, officer, 1)
    assert made.batch
    assert [row[:4] for row in lines_of(made)] == [(2, "9001", "Ane Berg", "ny")]


def test_a_dead_command_holds_the_county_for_ten_minutes_only(officer: User) -> None:
    dead = RegisterImport.objects.create(
        branch=branch_of(officer), county_id=branch_of(officer).root_id, started_by=officer, state=ImportState.APPLYING
    )
    made = ready(officer)
    with pytest.raises(imports.Busy):
        imports.hold(made)
    long_ago = timezone.now() - imports.SILENT_COMMAND - timedelta(seconds=1)
    RegisterImport.objects.filter(pk=dead.pk).update(created_at=long_ago)
    imports.confirm(made, next_url="/", by=officer)
    made.refresh_from_db()
    dead.refresh_from_db()
    assert (made.state, dead.state) == (ImportState.APPLIED, ImportState.CANCELLED)


def test_after_three_dead_workers_the_county_is_free_and_the_preview_is_back(
    officer: User, killed_after: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ready(officer, many())
    killed_after(1000)
    die(made, officer)
    Job.objects.filter(kind=imports.APPLY_JOB).update(attempts=jobs.MAX_ATTEMPTS)
    job = take_over(made)
    assert (job.state, made.state) == (JobState.FAILED, ImportState.READ)
    monkeypatch.undo()
    # Confirmed again, it goes on where it was.
    imports.confirm(made, next_url="/", by=officer)
    made.refresh_from_db()
    assert (made.state, made.result["created"], Member.objects.count()) == (ImportState.APPLIED, ROWS, ROWS)
    assert ChangeBatch.objects.count() == 1


def test_an_import_whose_job_is_gone_lets_go(officer: User) -> None:
    gone, made = ready(officer), ready(officer)
    RegisterImport.objects.filter(pk=gone.pk).update(state=ImportState.APPLYING)
    Job.objects.all().delete()
    imports.confirm(made, next_url="/", by=officer)
    made.refresh_from_db()
    gone.refresh_from_db()
    assert (made.state, gone.state) == (ImportState.APPLIED, ImportState.READ)


def test_cleaning_up_leaves_an_import_in_progress_alone(officer: User, killed_after: Callable[[int], None]) -> None:
    made = ready(officer, many())
    killed_after(1000)
    die(made, officer)
    imports.forget_old(now=timezone.now() + timedelta(days=2))
    made.refresh_from_db()
    assert (made.state, bool(made.file)) == (ImportState.APPLYING, True)


def test_the_result_goes_after_14_days(officer: User) -> None:
    made = ready(officer, "Medlemsnr;Navn\n1;Ane Berg\n2;\n")
    imports.confirm(made, next_url="/", by=officer)
    made.refresh_from_db()
    name = str(made.result_file.name)
    assert made.applied_at
    imports.forget_old(now=made.applied_at + timedelta(days=14) - timedelta(minutes=1))
    assert made.result_file.storage.exists(name)
    imports.forget_old(now=made.applied_at + timedelta(days=14, minutes=1))
    made.refresh_from_db()
    assert not made.result_file
    assert not made.result_file.storage.exists(name)
    assert ("problems" in made.result, made.result["created"]) == (False, 1)


def test_an_officer_who_lost_the_right_lets_go_of_the_county(officer: User) -> None:
    made = ready(officer)
    imports.hold(made)
    officer.grants.update(ends_on=date(2026, 1, 2))
    params = {"import": str(made.pk), "next": "/"}
    job = jobs.start(
        imports.APPLY_JOB, by=officer, branch_id=made.branch_id, permission=Permission.IMPORT_MEMBERS, params=params
    )
    made.refresh_from_db()
    job.refresh_from_db()
    assert (job.state, made.state) == (JobState.FAILED, ImportState.READ)
