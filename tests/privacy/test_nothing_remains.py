"""One who has been everywhere is erased, and then looked for in every table and every file that there is.

Whoever builds a new store that can name somebody puts them into it in `everywhere`; what may remain stands in
`MAY_REMAIN`, each with its reason.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from calling.models import Call
from dues.actions.payments import register_payment
from jobs import actions as jobs
from jobs.enums import JobState
from jobs.models import Job
from membership.actions.duplicates import part
from membership.actions.editing import Edit, Pen, locked, write
from membership.actions.grants import give
from membership.enums import ChangeSource, ImportState
from membership.models import (
    BoardPost,
    Branch,
    DuplicatePair,
    FormerNumber,
    Member,
    Merge,
    MoveRequest,
    RegisterImport,
    SavedView,
)
from membership.roles import Permission, Role
from messaging.actions.inbox import answer
from messaging.actions.outbox import queue_email, queue_sms
from messaging.audience import people_audience
from messaging.enums import BlockReason, Channel, DeliveryState, MessageState, Purpose
from messaging.models import BlockedAddress, Delivery, Recipient
from privacy.actions.departures import leave
from privacy.actions.erasing import erase_due
from privacy.actions.links import make_link
from privacy.enums import HoldReason, LeaveWay, LinkKind, RequestKind, RequestState, RequestWay, RoundState
from privacy.models import AccessLink, Hold, RightsRequest, StayAgreement, UnpaidCase, UnpaidRound
from recruitment.models import RecruiterLink
from tests.access_mail import make_message
from tests.factories import (
    NOW,
    TODAY,
    hand_out,
    make_branch,
    make_claim,
    make_county,
    make_dues_year,
    make_member,
    make_officer,
)
from tests.membership.folding import fold, undo
from tests.membership.test_import_views import UPLOAD, form_of
from tests.messaging.sendings import came_in, reach

# Files go, and jobs begin, when a transaction is committed.
pytestmark = pytest.mark.django_db(transaction=True)

ClientFor = Callable[[User], Client]

FIRST, LAST, NUMBER, OLD_NUMBER = "Annbjørg", "Sagatunet", "S773311", "S884422"
EMAIL, OLD_EMAIL = "annbjorg.sagatunet@example.no", "gammel.adresse@example.no"
MOBILE, PHONE, STREET, NOTE = "+4799887766", "+4777665544", "Hemmeligveien 7", "Bestemora til lederen"
MARKS: Final = (
    *(FIRST, LAST, NUMBER, OLD_NUMBER, EMAIL, OLD_EMAIL, "99887766", "77665544", "99 88 77 66", STREET, NOTE),
    # As JSON and addresses write it.
    *("annbj\\u00f8rg", "annbj%c3%b8rg"),
)
# Table and column → why it may stand there.
MAY_REMAIN: Final = {
    ("membership_boardpost", "name"): "who led the branch, typed by hand: its history, until an officer removes it",
    ("messaging_blockedaddress", "address"): "must not be written to; a year after the last member who had it",
    ("messaging_messagetext", "body"): "a text that names somebody in passing cannot be found",
}


def everywhere(branch: Branch, officer: User, client: Client) -> Member:
    """A member who is in every store there is."""
    county = Branch.objects.get(pk=branch.root_id)
    member = make_member(
        branch, FIRST, LAST, member_number=NUMBER, email=OLD_EMAIL, mobile=MOBILE, phone=PHONE, street=STREET,
        postal_code="9146", city="Olderdalen", note=NOTE,
    )  # fmt: skip
    bo, cai = make_member(branch, "Bo"), make_member(branch, "Cai")
    in_the_register(member, bo, branch, officer)
    merged(member, bo, county, officer)
    in_the_post(member, cai, branch, officer)
    phoned_and_paid(member, bo, branch, officer)
    asked_and_held(member, branch, county)
    in_files(branch, officer, client)
    return Member.objects.get(pk=member.pk)


def change(member: Member, officer: User, **values: object) -> None:
    with transaction.atomic():
        held = locked(Member.objects.filter(pk=member.pk))
        write([Edit(held[0], values)], pen=Pen(officer, ChangeSource.OFFICER, NOW, TODAY))


def in_the_register(member: Member, bo: Member, branch: Branch, officer: User) -> None:
    change(member, officer, email=EMAIL, skills=f"{FIRST} kan lyd")
    change(bo, officer, recruited_by=None, recruited_by_text=f"{FIRST} {LAST} ({NUMBER})")
    Member.objects.filter(pk=bo.pk).update(recruited_by=member)
    BoardPost.objects.create(branch=branch, title="leader", member=member, starts_on=TODAY)
    BoardPost.objects.create(branch=branch, title="treasurer", name=f"{FIRST} {LAST}", starts_on=TODAY)
    other = make_branch(Branch.objects.get(pk=branch.root_id), "Lyngen")
    MoveRequest.objects.create(
        member=member, from_branch=branch, to_branch=other, asked_at=NOW, state="refused", reason=f"{FIRST} bor her"
    )
    SavedView.objects.create(branch=branch, owner=officer, name="Min", params={"q": NUMBER})
    RecruiterLink.objects.create(member=member, code="kode", made_at=NOW)


def merged(member: Member, bo: Member, county: Branch, officer: User) -> None:
    """Folded into, told apart from, and likely the same as, and named in the record another has lost."""
    own = make_member(member.branch, FIRST, f"{LAST} Moe", member_number=OLD_NUMBER, note=NOTE, street=STREET)
    fold(county, member, own, officer)
    assert FormerNumber.objects.get().number == OLD_NUMBER
    twin = make_member(member.branch, "Dag", recruited_by_text=f"{LAST} ({NUMBER})")
    fold(county, bo, twin, officer)
    assert Merge.objects.count() == 2
    other = make_member(member.branch, "Eli")
    undo(fold(county, other, make_member(member.branch, "Fia"), officer), officer)
    part(member, bo, by=officer, now=NOW)
    first, second = sorted((member.pk, other.pk))
    DuplicatePair.objects.create(county=county, first_id=first, second_id=second, score=90, found_at=NOW)


def in_the_post(member: Member, cai: Member, branch: Branch, officer: User) -> None:
    done = make_message(branch, officer, MessageState.DONE, expanded_at=NOW, audience=people_audience([member.pk]))
    reach(done, member, address=EMAIL, subject=f"Til {FIRST}", body=f"Hei {FIRST}")
    waits = make_message(branch, officer, MessageState.QUEUED, expanded_at=NOW, due_at=NOW)
    reach(waits, member, DeliveryState.QUEUED, address=MOBILE, channel=Channel.SMS)
    letters = make_message(branch, officer, MessageState.DONE, expanded_at=NOW)
    Recipient.objects.create(message=letters, member=member, channel=Channel.LETTER)
    make_message(branch, officer).texts.update(body=f"Takk til {FIRST}")
    queue_email(
        key=f"kvittering:{EMAIL}", purpose=Purpose.NOTICE, address=EMAIL, subject=f"Hei {FIRST}", body=f"Hei {LAST}",
        body_html=f"<p>{LAST}", now=NOW,
    )  # fmt: skip
    queue_email(key="gammel", purpose=Purpose.NOTICE, address=OLD_EMAIL, subject="Hei", body=FIRST, now=NOW)
    queue_sms(key=f"sms:{MOBILE}", purpose=Purpose.NOTICE, address=MOBILE, text=f"Hei {FIRST}", now=NOW)
    Delivery.objects.alone().update(state=DeliveryState.SENT)
    wrote = came_in(branch, member, address=MOBILE, text=f"Jeg er {FIRST}", external_id=f"{EMAIL}-1")
    came_in(branch, None, address=EMAIL, channel=Channel.EMAIL, subject=LAST, text=f"Hilsen {LAST}")
    shared = came_in(branch, None, address="+4790000077")
    shared.candidates.set([member, cai])
    answer(wrote, text=f"Hei {FIRST}", seen=0, form_token=uuid4(), by=officer, now=NOW, machine_now=NOW)
    BlockedAddress.objects.create(channel="sms", address=PHONE, reason=BlockReason.WRONG, noted_at=NOW, blocked_at=NOW)


def phoned_and_paid(member: Member, bo: Member, branch: Branch, officer: User) -> None:
    for owes in (member, bo):
        make_claim(owes)
    paid = make_claim(member, year=2025)
    register_payment(paid, amount_ore=45000, paid_on=TODAY, by=officer, now=NOW)
    hand_out(branch, officer, officer)
    Call.objects.filter(member=member).update(note=f"{FIRST} er hos søstera", outcome="no_answer", outcome_at=NOW)
    hand_out_again = Call.objects.get(member=bo)
    assert hand_out_again.outcome == ""


def asked_and_held(member: Member, branch: Branch, county: Branch) -> None:
    RightsRequest.objects.create(
        branch=branch, county=county, member=member, kind=RequestKind.ACCESS, way=RequestWay.EMAIL, received_on=TODAY,
        due_on=TODAY, created_at=NOW, text=f"Jeg, {FIRST}, vil se alt", answer=f"Kjære {FIRST}",
        state=RequestState.ANSWERED, answered_on=TODAY,
    )  # fmt: skip
    Hold.objects.create(
        member=member, reason=HoldReason.DISPUTE, until_on=TODAY + timedelta(days=3), placed_at=NOW, lifted_at=NOW
    )
    StayAgreement.objects.create(member=member, year=2025, agreed_at=NOW)
    listed = UnpaidRound.objects.create(county=county, year=2025, state=RoundState.DROPPED, created_at=NOW)
    UnpaidCase.objects.create(round=listed, member=member)
    make_link(LinkKind.RESIGN, channel=Channel.EMAIL, address=EMAIL, now=NOW, member=member)
    make_link(LinkKind.MY_PAGE, channel=Channel.SMS, address=MOBILE, now=NOW)


def in_files(branch: Branch, officer: User, client: Client) -> None:
    """An import that is in, one that waits to be confirmed, and an export to be fetched."""
    file = f"Medlemsnr;Fornavn;Etternavn;Epost;Mobil\n{NUMBER};{FIRST};{LAST};{EMAIL};99 88 77 66\n1002;Ola;Nes;;12\n"
    for confirms in (True, False):
        client.post(UPLOAD, {"file": SimpleUploadedFile(f"{LAST}.csv", file.encode())})
        made = RegisterImport.objects.latest("created_at")
        if confirms:
            page = client.get(f"{UPLOAD}{made.pk}/")
            client.post(f"{UPLOAD}{made.pk}/", form_of(page) | {"handling": "importer"})
    assert {made.state for made in RegisterImport.objects.all()} == {ImportState.APPLIED, ImportState.READ}
    job = jobs.start(
        "members.export", by=officer, branch_id=branch.pk, permission=Permission.EXPORT_MEMBERS,
        params={"chosen": f"Søk: {FIRST}", "back": f"/lag/kafjord/medlemmer/?q={NUMBER}", "title": "Til fil"},
    )  # fmt: skip
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempts=1)
    job.refresh_from_db()
    jobs.keep_result(job, io.BytesIO(f"{NUMBER};{FIRST}".encode()), name=f"{LAST}.csv")
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)


def found_in_tables() -> dict[tuple[str, str], set[str]]:
    """Table and column → which of the marks stand there."""
    found: dict[tuple[str, str], set[str]] = {}
    for table, column, text in cells():
        marks = {mark for mark in MARKS if mark.casefold() in text}
        if marks:
            found.setdefault((table, column), set()).update(marks)
    return found


def cells() -> Iterator[tuple[str, str, str]]:
    """Every cell of every table as text, whatever its type."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            tables = [name for (name,) in cursor.fetchall()]
        for table in sorted(tables):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of our own tables
            columns = [one[0] for one in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    yield table, column, as_text(value)


def as_text(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "ignore").casefold()
    return str(value).casefold()


def found_in_files(folder: Path) -> set[str]:
    """Names of files in which, or in whose names, a mark stands; workbooks unpacked."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            text = f"{path.name} {unpacked(path.read_bytes())}".casefold()
            if any(mark.casefold() in text for mark in MARKS):
                found.add(str(path.relative_to(folder)))
    return found


def unpacked(content: bytes) -> str:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return " ".join(packed.read(name).decode("utf-8", "ignore") for name in packed.namelist())
    return content.decode("utf-8", "ignore")


def test_nothing_remains_of_the_erased(client_for: ClientFor, tmp_path: Path, settings: Any, clock: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    county = make_county()
    make_dues_year(county)
    branch = make_branch(county, "Kåfjord")
    officer = make_officer(branch)
    give(officer, role=Role.COUNTY_SECRETARY, branch=county, by=None, starts_on=TODAY)
    client = client_for(officer)
    member = everywhere(branch, officer, client)
    before = found_in_tables()
    assert set().union(*before.values()) >= {FIRST, LAST, NUMBER, OLD_NUMBER, EMAIL, OLD_EMAIL, STREET, NOTE}
    assert len({table for table, _column in before}) >= 14, sorted(before)
    assert len(found_in_files(tmp_path)) >= 3

    words = f"Jeg, {FIRST} {LAST}, melder meg ut"
    leave(member, way=LeaveWay.LETTER, left_on=TODAY, by=officer, now=NOW, today=TODAY, text=words)
    after = TODAY + timedelta(days=15)
    assert erase_due(now=NOW + timedelta(days=15), today=after) == 1

    assert not Member.objects.filter(pk=member.pk).exists()
    remains = found_in_tables()
    assert set(remains) == set(MAY_REMAIN), {
        place: marks for place, marks in remains.items() if place not in MAY_REMAIN
    }
    assert found_in_files(tmp_path) == set()
    # What others have of it is there still.
    assert Call.objects.count() == 2
    assert Member.objects.get(first_name="Bo").recruited_by_text == ""
    assert AccessLink.objects.filter(member__isnull=False).count() == 0
    tell_why(client)


def tell_why(client: Client) -> None:
    """The officer reads what became of the files."""
    for made in RegisterImport.objects.all():
        page = client.get(f"{UPLOAD}{made.pk}/").content.decode()
        assert "er slettet siden" in page, made.state
    assert "Lag den på nytt" in Job.objects.exclude(file_name="x").filter(state=JobState.FAILED).get().problem


def test_every_mark_is_found_where_it_stands() -> None:
    """The search itself finds what it looks for, in a workbook too."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", f"<t>{STREET}</t>")
    assert STREET in unpacked(packed.getvalue())
    assert re.search(NUMBER, unpacked(NUMBER.encode()))
    assert EMAIL in as_text(EMAIL.encode())
