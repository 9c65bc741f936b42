"""The journal outside the database, and what is done again from it after a restored backup."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from accounts.enums import Verb
from accounts.models import AuditEvent
from common.policy import keep
from membership.actions.erasure import erase_many
from membership.actions.numbers import digest_of
from membership.enums import MemberStatus
from membership.extensions import Erasure, registry
from membership.models import Branch, ErasedCount, ErasedNumber, FormerNumber, Member
from membership.models.member import GONE
from messaging.models import Delivery
from privacy import journal
from privacy.actions.departures import come_back, leave
from privacy.actions.erasing import erase_due
from privacy.actions.replaying import replay
from privacy.enums import LeaveWay
from privacy.models import Departure
from privacy.tasks import erase_due as nightly
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member

# Acts are written when they commit.
pytestmark = pytest.mark.django_db(transaction=True)

LATER = TODAY + timedelta(days=8)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """The storage of this test alone."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def branch() -> Branch:
    return make_branch(make_county())


def depart(member: Member, way: LeaveWay = LeaveWay.LINK) -> Departure:
    return leave(member, way=way, left_on=TODAY - timedelta(days=1), by=None, now=NOW, today=TODAY)


def written() -> list[tuple[str, str]]:
    return [(entry.did.value, entry.digest) for entry in journal.read()]


# --- A backup of the whole database, and what it is to have it back --------------------------------------------------


def backup() -> Callable[[], None]:
    """All rows of all tables as they stand; the function puts them back in an emptied database."""
    tables = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    kept = {model: list(model._base_manager.all()) for model in tables}

    def restore() -> None:
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
        with connection.constraint_checks_disabled(), transaction.atomic():
            for model, rows in kept.items():
                stamps = [field for field in model._meta.local_fields if getattr(field, "auto_now_add", False)]
                moments = {id(row): [getattr(row, field.attname) for field in stamps] for row in rows}
                model._base_manager.bulk_create(rows)
                for row in rows:
                    values = dict(zip((field.attname for field in stamps), moments[id(row)], strict=True))
                    if values:
                        model._base_manager.filter(pk=row.pk).update(**values)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), tables):
                cursor.execute(statement)

    return restore


# --- The journal -----------------------------------------------------------------------------------------------------


def test_each_act_is_a_file_of_its_own_and_none_tells_who(branch: Branch, folder: Path) -> None:
    member = make_member(branch, "Unni", "Hemmelig", member_number="778899", email="unni@example.no")
    FormerNumber.objects.create(number="445566", member=member)
    departure = depart(member)
    come_back(departure, by=None, now=NOW, today=TODAY)
    depart(Member.objects.get())
    erase_due(now=NOW, today=LATER)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) == 4
    assert {path.parent.parent.name for path in files} == {"erasures"}
    told = b"".join(path.read_bytes() for path in files).decode()
    for secret in ("Unni", "Hemmelig", "778899", "445566", "unni@"):
        assert secret not in told
    both = [digest_of("778899"), digest_of("445566")]
    assert written() == [(did, digest) for did in ("left", "returned", "left", "erased") for digest in both]
    line = json.loads(files[0].read_text().splitlines()[0])
    assert line | {"at": ""} == {
        "did": "left",
        "digest": both[0],
        "on": "2026-11-19",
        "at": "",
        "way": "link",
        "erase_on": "2026-11-27",
    }


def test_what_is_taken_back_before_it_commits_is_not_written(branch: Branch) -> None:
    member = make_member(branch)
    with transaction.atomic():
        depart(member)
        transaction.set_rollback(True)
    assert written() == []


class Full:
    """A storage with no room."""

    def save(self, *_args: Any) -> str:
        raise OSError(28, "No space left on device")


def test_a_storage_that_fails_stops_no_act_and_the_next_night_writes_it(
    branch: Branch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    goes, leaves, back = make_member(branch, "Unni"), make_member(branch), make_member(branch)
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr(default_storage, "save", Full().save)
        depart(leaves)
        come_back(depart(back), by=None, now=NOW, today=TODAY)
        erase_many([goes.pk], by=None, now=NOW, today=TODAY)
    assert Member.objects.count() == 2
    assert written() == []
    assert "could not be written" in caplog.text
    assert "Unni" not in caplog.text
    assert goes.member_number not in caplog.text
    assert journal.mend(NOW) == 3
    assert sorted(written()) == sorted(
        [
            ("left", digest_of(leaves.member_number)),
            ("returned", digest_of(back.member_number)),
            ("erased", digest_of(goes.member_number)),
        ]
    )
    assert journal.mend(NOW) == 0
    assert {entry.at <= NOW for entry in journal.read()} == {True}


def test_a_file_that_breaks_off_stops_neither_the_night_nor_a_replay(
    branch: Branch, clock: Any, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = make_member(branch), make_member(branch)
    depart(first)
    depart(second)
    torn = sorted(path for path in folder.rglob("*") if path.is_file())[0]
    torn.write_bytes(torn.read_bytes()[:30] + b"\xc3")
    clock.move_to(NOW)
    nightly()
    assert "cannot be read" in caplog.text
    both = [("left", digest_of(member.member_number)) for member in (first, second)]
    assert sorted(written()) == sorted(both)
    assert run()["read"] == 2


def test_what_was_written_of_a_file_that_failed_is_deleted(
    branch: Branch, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    whole = default_storage.save

    def breaks_off(name: str, content: Any) -> str:
        whole(name, ContentFile(content.read()[:20]))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(default_storage, "save", breaks_off)
    depart(make_member(branch))
    assert not [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("part", ["forget_old", "mend"])
def test_members_are_erased_by_night_whatever_becomes_of_the_journal(
    branch: Branch, clock: Any, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    depart(make_member(branch))
    clock.move_to(NOW + timedelta(days=8))

    def breaks(*_args: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(journal, part, breaks)
    with pytest.raises(OSError, match="Input/output"):
        nightly()
    assert not Member.objects.exists()


def test_what_is_older_than_any_backup_goes_by_night(branch: Branch, clock: Any, folder: Path) -> None:
    assert keep("erasure_journal") > keep("backups")
    depart(make_member(branch))
    # Where nothing was written there is nothing to forget, or to mend.
    clock.move_to(NOW + keep("erasure_journal"))
    Departure.objects.update(erase_on=date(2030, 1, 1))
    nightly()
    assert len(written()) == 1
    clock.move_to(NOW + keep("erasure_journal") + timedelta(days=1))
    nightly()
    assert written() == []
    assert not [path for path in folder.rglob("*") if path.is_file()]
    nightly()


# --- Replaying -------------------------------------------------------------------------------------------------------


def run(**options: Any) -> dict[str, int]:
    out = StringIO()
    call_command("replay_erasures", "--json", stdout=out, **options)
    found: dict[str, int] = json.loads(out.getvalue())
    return found


def state() -> list[Any]:
    return [
        list(Member.objects.order_by("pk").values_list("member_number", "status", "left_on")),
        list(Departure.objects.order_by("pk").values_list("member_id", "way", "left_on", "erase_on", "returned_at")),
        list(ErasedNumber.objects.order_by("pk").values_list()),
        list(ErasedCount.objects.order_by("pk").values_list("branch_id", "year", "age_band", "count")),
    ]


def test_after_a_restored_backup_everyone_who_was_gone_is_gone_again(branch: Branch, clock: Any) -> None:
    clock.move_to(NOW)
    stays = make_member(branch, member_number="1")
    goes = make_member(branch, member_number="2", birth_year=1980)
    make_claim(goes)
    waits = make_member(branch, member_number="3")
    dead = make_member(branch, member_number="4")
    regrets = make_member(branch, member_number="5")
    before = depart(regrets)
    restore = backup()

    clock.shift(timedelta(hours=1))
    depart(goes)
    come_back(before, by=None, now=NOW + timedelta(hours=1), today=TODAY)
    erase_due(now=NOW, today=LATER)
    late = make_member(branch, member_number="6")
    erase_many([late.pk], by=None, now=NOW, today=TODAY)
    depart(waits)
    depart(dead, LeaveWay.DEATH)
    expected = state()
    assert [row[0] for row in expected[0]] == ["1", "3", "4", "5"]

    restore()
    assert Member.objects.filter(member_number="2").exists()
    assert not ErasedNumber.objects.exists()
    assert Departure.objects.standing().get().member_id == regrets.pk
    assert run(dry_run=True) == {"read": 5, "left": 2, "returned": 1, "erased": 1}
    assert Member.objects.filter(member_number="2").exists()
    assert not AuditEvent.objects.filter(verb=Verb.ERASURES_REPLAYED).exists()

    deliveries = Delivery.objects.count()
    assert run() == {"read": 5, "left": 2, "returned": 1, "erased": 1}
    found = state()
    assert found[0] == expected[0]
    assert Member.objects.get(member_number="1").pk == stays.pk
    assert set(Departure.objects.standing().values_list("member_id", "way", "left_on", "erase_on")) == {
        (waits.pk, "link", TODAY - timedelta(days=1), TODAY + timedelta(days=7)),
        (dead.pk, "death", TODAY - timedelta(days=1), TODAY + timedelta(days=7)),
    }
    # Also the number of one who is not in the backup at all: an older file must not bring them in.
    assert dict(ErasedNumber.objects.values_list("digest", "erased_on")) == {
        digest_of("2"): TODAY,
        digest_of("6"): TODAY,
    }
    assert ErasedCount.objects.get(age_band=40).year == 2026
    # Nobody hears of it once more.
    assert Delivery.objects.count() == deliveries
    line = AuditEvent.objects.get(verb=Verb.ERASURES_REPLAYED)
    assert (line.count, line.details) == (1, {"left": 2, "returned": 1, "read": 5})

    acts = written()
    assert run() == {"read": 5, "left": 0, "returned": 0, "erased": 0}
    assert state() == found
    assert written() == acts


def test_a_replay_from_a_day_on_leaves_what_was_before(branch: Branch, clock: Any) -> None:
    member = make_member(branch)
    restore = backup()
    depart(member)
    clock.move_to(NOW + timedelta(days=3))
    restore()
    assert run(since=date(2026, 11, 21))["left"] == 0
    assert run(since=date(2026, 11, 20))["left"] == 1


def test_whoever_has_joined_anew_since_is_not_erased_for_what_they_were(branch: Branch, clock: Any) -> None:
    erase_many([make_member(branch, member_number="8").pk], by=None, now=NOW, today=TODAY)
    clock.move_to(NOW + timedelta(days=30))
    again = make_member(branch, member_number="8", joined_on=date(2026, 12, 20))
    assert run()["erased"] == 0
    assert Member.objects.get() == again


def test_whoever_is_known_by_an_older_number_in_the_backup_is_found(branch: Branch) -> None:
    member = make_member(branch, member_number="L10001", number_is_local=True)
    restore = backup()
    Member.objects.update(member_number="123456", number_is_local=False)
    FormerNumber.objects.create(number="L10001", member=member)
    depart(member)
    restore()
    assert run()["left"] == 1
    assert Member.objects.get().status == MemberStatus.RESIGNED


def test_a_former_number_in_the_backup_points_at_nobody(branch: Branch) -> None:
    """The one who was folded into another is taken out again, and erased: the other is somebody else."""
    kept = make_member(branch, member_number="1")
    FormerNumber.objects.create(number="2", member=kept)
    restore = backup()
    FormerNumber.objects.all().delete()
    erase_many([make_member(branch, member_number="2").pk], by=None, now=NOW, today=TODAY)
    restore()
    run()
    assert Member.objects.get() == kept


def test_a_replay_that_breaks_off_is_begun_again(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    members = [make_member(branch) for _ in range(3)]
    restore = backup()
    erase_many([member.pk for member in members], by=None, now=NOW, today=TODAY)
    restore()

    def broken(*_args: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(registry, "erasures", [*registry.erasures, Erasure("test", broken)])
        with pytest.raises(ZeroDivisionError):
            replay(now=NOW, today=TODAY)
    assert Member.objects.count() == 3
    assert replay(now=NOW, today=TODAY).erased == 3


def test_without_a_journal_nothing_happens(branch: Branch) -> None:
    make_member(branch)
    out = StringIO()
    call_command("replay_erasures", stdout=out)
    assert out.getvalue().startswith("0 numbers in the journal. Were marked as having left: 0")
    assert not Member.objects.filter(status__in=GONE).exists()
