"""What stands around an import: who a row may be, what came of it, taking it back, and how one gets the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.enums import Verb
from common import clock
from common.phone import format_phone
from membership.access import BranchRequest, branch_view
from membership.actions import import_undo as undoing
from membership.actions.undo import TooLate, obstacles
from membership.enums import ImportState
from membership.import_forms import UploadForm
from membership.importing.asked import NEW, SKIP
from membership.importing.preview import COUNTED
from membership.models import ChangeBatch, Member, RegisterImport
from membership.roles import Permission

_RECENT: Final = 8
# Whom undoing leaves as they are is looked up at once for so many members; for more, while it is done.
_LOOKED_UP: Final = 2000
_TOLD: Final = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may be meant, beside the file's row: never more of the address than the town."""

    pk: int
    number: str
    name: str
    born: str
    phone: str
    email: str
    town: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row with its likely matches, and what has been said of it."""

    row: dict[str, Any]
    candidates: list[Candidate]
    said: str


def waiting_rows(request: BranchRequest, made: RegisterImport, data: Any) -> list[Waiting]:
    """The rows of a preview that may be somebody; who has left one's branches since is not shown. One query."""
    rows = made.preview.get("waiting", [])
    ids = {pk for row in rows for pk in row["candidates"]}
    members = {member.pk: member for member in request.branch.members.filter(pk__in=ids)} if ids else {}
    return [_waiting(row, members, made, data) for row in rows]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a preview tells of members: those who have left one's branches since are not told of."""

    changes: list[dict[str, Any]]
    missing_names: list[str]


def still_here(request: BranchRequest, made: RegisterImport) -> Shown:
    """The preview's changes, and who is not in the file; one query."""
    changes, missing = made.preview["changes"], made.preview.get("missing_ids", [])
    ids = {change["member"] for change in changes if "member" in change} | set(missing)
    names = {member.pk: member.full_name for member in request.branch.members.filter(pk__in=ids)} if ids else {}
    return Shown(
        [change for change in changes if change.get("member") in names], [names[pk] for pk in missing if pk in names]
    )


def _waiting(row: dict[str, Any], members: dict[int, Member], made: RegisterImport, data: Any) -> Waiting:
    kept = made.decisions.get(str(row["row"]), {})
    said = str(kept.get("member") or kept.get("do", "")) if data is None else data.get(f"rad_{row['row']}", "")
    found = [_candidate(members[pk], said) for pk in row["candidates"] if pk in members]
    known = {NEW, SKIP, *(str(candidate.pk) for candidate in found)}
    return Waiting(row, found, said if said in known else "")


def _candidate(member: Member, said: str) -> Candidate:
    return Candidate(
        member.pk,
        member.member_number,
        member.full_name,
        str(member.birth_year or ""),
        format_phone(member.call_number) if member.call_number else member.mobile,
        member.email,
        "" if member.address_hidden else member.city,
        said == str(member.pk),
    )


@dataclass(frozen=True, slots=True)
class Recent:
    """One of the branch's last imports, as the list shows it."""

    made: RegisterImport
    at: datetime
    result: dict[str, Any]
    is_own: bool
    may_undo: bool
    is_undone: bool


def recent_imports(request: BranchRequest) -> list[Recent]:
    """The branch's last imports that came to anything, everybody's; others' previews are not among them."""
    applied = request.branch.imports.filter(state=ImportState.APPLIED)
    own = request.branch.imports.of(request.user).filter(state__in=[ImportState.READ, ImportState.APPLYING])
    found = (applied | own.exclude(file="")).select_related("batch", "started_by").order_by("-created_at", "id")
    return [_recent(request, made) for made in found[:_RECENT]]


def _recent(request: BranchRequest, made: RegisterImport) -> Recent:
    now = clock.now()
    batch = made.batch
    may_undo = made.state == ImportState.APPLIED and batch is not None and batch.is_undoable(now)
    is_undone = batch is not None and batch.undone_at is not None
    is_own = made.started_by_id == request.user.pk
    return Recent(made, made.applied_at or made.created_at, _result(made), is_own, may_undo, is_undone)


def _result(made: RegisterImport) -> dict[str, Any]:
    """The figures, also of an import from before some of them were counted; problems go after 14 days."""
    figures: dict[str, Any] = dict.fromkeys(COUNTED, 0)
    figures |= {"problems": [], "problem_count": 0, "year": made.created_at.year}
    return figures | dict(made.result)


def show_result(request: BranchRequest, made: RegisterImport) -> HttpResponse:
    """What came of one's own import, and of undoing it."""
    told = made.result.get("undone", {})
    context = {
        "page": "medlemmer",
        "made": made,
        "result": _result(made),
        "recent": _recent(request, made),
        "undone": told,
        "stay": _named(request, dict(told.get("kept", []))) if told else None,
        "upload_form": UploadForm(),
    }
    return render(request, "membership/import_result.html", context)


@branch_view(Permission.IMPORT_MEMBERS)
def import_result_file(request: BranchRequest, pk: UUID) -> FileResponse:
    """One line for each row of the file, for whoever imported it alone, as long as the import can be undone."""
    made = get_object_or_404(request.branch.imports.of(request.user), pk=pk)
    if not made.result_file:
        raise Http404
    try:
        content = made.result_file.open("rb")
    except FileNotFoundError:
        raise Http404
    record(Verb.FILE_FETCHED, by=request.user, branch_id=request.branch.pk, subject=made)
    name = f"importresultat-{request.branch.slug}-{made.created_at:%Y-%m-%d}.xlsx"
    return FileResponse(content, as_attachment=True, filename=name)


@branch_view(Permission.IMPORT_MEMBERS, methods=("GET", "POST"))
def import_undo(request: BranchRequest, pk: UUID) -> HttpResponse:
    """What taking an import back would do, and doing it."""
    made = get_object_or_404(request.branch.imports.filter(state=ImportState.APPLIED).select_related("batch"), pk=pk)
    if request.method == "POST":
        return _undo(request, made)
    record(Verb.IMPORT_OPENED, by=request.user, branch_id=request.branch.pk, subject=made)
    batch, now = made.batch, clock.now()
    context: dict[str, Any] = {"page": "medlemmer", "made": made, "batch": batch}
    if batch is None or not batch.is_undoable(now):
        undone = batch is not None and batch.undone_at is not None
        return render(request, "membership/import_undo.html", context | {"too_late": True, "is_undone": undone})
    context |= {"too_late": False, "is_undone": False, "many": False, "stay": None}
    return render(request, "membership/import_undo.html", context | _plan(request, made, batch))


def _undo(request: BranchRequest, made: RegisterImport) -> HttpResponse:
    slug = request.branch.slug
    mine = made.started_by_id == request.user.pk
    back = reverse("membership:import_detail" if mine else "membership:import_undo", args=[slug, made.pk])
    try:
        job = undoing.start(made, next_url=back, by=request.user, now=clock.now())
    except TooLate:
        messages.error(request, _("The import has been undone already, or it is more than 14 days old."))
        return redirect("membership:import_undo", slug, made.pk)
    return redirect("membership:job", slug, job.pk)


def _plan(request: BranchRequest, made: RegisterImport, batch: ChangeBatch) -> dict[str, Any]:
    """How many get back what they had, how many go out, and who stays, and why."""
    created, changed = made.result.get("created", 0), made.result.get("updated", 0)
    if created + changed > _LOOKED_UP:
        return {"many": True, "removed": created, "restored": changed}
    stay = {pk: str(reason) for pk, reason in obstacles(batch).items()}
    new = set(batch.created_members.filter(pk__in=stay).values_list("pk", flat=True))
    edited = set(batch.changes.of(stay).values_list("member_id", flat=True)) - new
    return {
        "removed": batch.created_members.count() - len(new),
        "restored": max(0, changed - len(edited)),
        "stay": _named(request, stay),
    }


def _named(request: BranchRequest, reasons: dict[int, str]) -> dict[str, Any]:
    """Those who stay, by name where they are one's own; the others are only counted."""
    members = request.branch.members.filter(pk__in=list(reasons)).in_order()[:_TOLD]
    named = [{"name": member.list_name, "pk": member.pk, "reason": reasons[member.pk]} for member in members]
    return {"named": named, "others": len(reasons) - len(named), "count": len(reasons)}


@branch_view(Permission.IMPORT_MEMBERS)
def import_help(request: BranchRequest) -> HttpResponse:
    """How one gets the file out of the central register, and what becomes of it here."""
    try:
        corrections = reverse("membership:corrections", args=[request.branch.slug])
    except NoReverseMatch:
        corrections = ""
    return render(request, "membership/import_help.html", {"page": "medlemmer", "corrections_url": corrections})
