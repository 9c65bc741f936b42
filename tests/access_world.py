"""What there is in two branches that must not see one another, and what one user has there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from calling.enums import Purpose
from calling.models import Call, CallList, CallListCaller
from dues.actions.payments import register_payment
from dues.models import Claim, Payment
from jobs.enums import JobState
from jobs.models import Job
from membership.actions.duplicates import part
from membership.actions.editing import open_batch
from membership.actions.merging import merge
from membership.enums import BatchKind, ImportState
from membership.models import (
    BoardPost,
    Branch,
    ChangeBatch,
    CorrectionsReport,
    DuplicatePair,
    Grant,
    Member,
    Merge,
    MoveRequest,
    RegisterImport,
    SavedView,
    Tag,
)
from membership.roles import Permission, Role
from tests.access_mail import Mail, make_mail
from tests.factories import NOW, TODAY, make_branch, make_claim, make_county, make_member, make_officer

ClientFor = Callable[[User], Client]
YEAR: Final = TODAY.year


@dataclass
class Place:
    """One branch with a member, what she has not paid, a payment and a call list."""

    branch: Branch
    member: Member
    claim: Claim
    payment: Payment
    post: BoardPost
    grant: Grant
    report: CorrectionsReport

    @property
    def slug(self) -> str:
        """The word in the address."""
        return self.branch.slug


@dataclass
class World:
    """A county with two municipal branches, the first with a local branch under it."""

    county: Place
    own: Place
    under: Place
    foreign: Place
    treasurer: User

    @property
    def places(self) -> list[Place]:
        """All of them."""
        return [self.county, self.own, self.under, self.foreign]


def make_place(branch: Branch, name: str, treasurer: User) -> Place:
    member = make_member(branch, "Ragna", name)
    claim = make_claim(member)
    payment = register_payment(claim, amount_ore=5000, paid_on=TODAY, by=treasurer, now=NOW)
    post = BoardPost.objects.create(branch=branch, title="studies", position=6, name="Odd", starts_on=TODAY)
    grant = make_officer(branch, Role.SURVEY_EDITOR).grants.get()
    report = CorrectionsReport.objects.create(branch=branch, up_to=0, by=treasurer, at=NOW)
    return Place(branch, member, claim, payment, post, grant, report)


def make_world() -> World:
    """Surnames that no page has but the member's own."""
    county = make_county("Troms")
    kafjord, lyngen = make_branch(county, "Kåfjord"), make_branch(county, "Lyngen")
    manndalen = make_branch(kafjord, "Manndalen")
    treasurer = make_officer(county, Role.TREASURER)
    return World(
        make_place(county, "Qvilfjell", treasurer),
        make_place(kafjord, "Qvilnes", treasurer),
        make_place(manndalen, "Qvildal", treasurer),
        make_place(lyngen, "Qvilvik", treasurer),
        treasurer,
    )


@dataclass
class Belongings:
    """What one user has in one place: a list to phone, an import, a job with its file, a saved view, one to take in."""

    call_list: CallList
    caller: CallListCaller
    made: RegisterImport
    # One that is in, with its workbook.
    applied: RegisterImport
    job: Job
    view: SavedView
    asked: MoveRequest
    batch: ChangeBatch
    tag: Tag
    # Who may be the same as the member, though somebody said no; and one who was merged with the member.
    twin: Member
    pair: DuplicatePair
    merge: Merge
    mail: Mail


def belongings(place: Place, user: User, right: Permission = Permission.VIEW_OVERVIEW) -> Belongings:
    branch = place.branch
    call_list = CallList.objects.create(
        branch=branch, purpose=Purpose.DUES, year=YEAR, made_by=user, created_at=NOW - timedelta(days=1)
    )
    caller = CallListCaller.objects.create(call_list=call_list, user=user, name=user.name, position=0)
    Call.objects.create(call_list=call_list, caller=caller, member=place.member, position=0)
    made = RegisterImport.objects.create(branch=branch, started_by=user, state=ImportState.FAILED, file_name="a.xlsx")
    work = open_batch(branch, kind=BatchKind.IMPORT, by=user, now=NOW)
    applied = RegisterImport(branch=branch, started_by=user, state=ImportState.APPLIED, applied_at=NOW, batch=work)
    applied.result_file.save(f"{applied.pk}.xlsx", ContentFile(b"PK"), save=False)
    applied.save()
    now = timezone.now()
    job = Job(
        owner=user, kind="matrix", branch_id=branch.pk, permission=right, state=JobState.DONE, file_name="a.xlsx",
        created_at=now, expires_at=now + timedelta(hours=1),
    )  # fmt: skip
    job.file.save("a.xlsx", ContentFile(b"PK"), save=False)
    job.save()
    view = SavedView.objects.create(branch=branch, owner=user, name=f"Q{uuid4().hex[:8]}", params={"status": "member"})
    batch = open_batch(branch, kind=BatchKind.BULK, by=user, now=NOW, count=1, what="check", target=None)
    tag, _ = Tag.objects.get_or_create(county_id=branch.root_id, name="Kvinnenettverket")
    twin = make_member(branch, "Ragna", place.member.last_name, email="", mobile="")
    pair = part(place.member, twin, by=user, now=NOW)
    third = make_member(branch, "Ragna", place.member.last_name, email="", mobile="")
    merged = merge(branch, kept_id=place.member.pk, lost_id=third.pk, chosen={}, by=user, now=NOW, today=TODAY)
    mail = make_mail(branch, place.member, user)
    return Belongings(call_list, caller, made, applied, job, view, _asked(branch), batch, tag, twin, pair, merged, mail)


def _asked(branch: Branch) -> MoveRequest:
    """Somebody elsewhere in the county who wants to move here."""
    origin = Branch.objects.filter(county_id=branch.root_id).exclude(pk=branch.pk).order_by("-id")[0]
    member = make_member(origin, "Qvirin", "Ukjent")
    return MoveRequest.objects.create(member=member, from_branch=origin, to_branch=branch, asked_at=NOW)
