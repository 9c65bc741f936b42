"""One member's page: what is known, in words, and nothing that is not to be seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

from django.conf.locale import LANG_INFO
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from common.text import initials
from membership.access import BranchRequest
from membership.enums import MemberStatus
from membership.extensions import Cell, MemberColumn, registry
from membership.models import Branch, Member, Placement
from membership.roles import Permission

_TONES: Final = {MemberStatus.MEMBER: "success", MemberStatus.APPLIED: "info"}
_SAMI: Final = {
    "se": gettext_lazy("Northern Sámi"),
    "sma": gettext_lazy("Southern Sámi"),
    "smj": gettext_lazy("Lule Sámi"),
    "fkv": gettext_lazy("Kven"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to the member, and when, as far as it is known."""

    icon: str
    text: str
    on: date | None


def page_of(member: Member, request: BranchRequest) -> dict[str, Any]:
    """Everything the page prints. The queries are the same for every member."""
    placements = list(member.placements.select_related("branch").order_by("from_on", "id"))
    here = member.status in (MemberStatus.MEMBER, MemberStatus.APPLIED)
    return {
        "page": "medlemmer",
        "member": member,
        "name": member.full_name or member.member_number,
        "initials": initials(member.full_name),
        "tags": [_status(member), *_tags(member, request)],
        "may_call": here and bool(member.call_number) and not member.no_phone,
        "may_mail": here and bool(member.email) and not member.no_email,
        "mailto": f"mailto:{member.email}" if "@" in member.email else "",
        "age": age_of(member, on=request.today),
        "language": _language(member.language),
        "recruiter": _recruiter(member, request.branch),
        "marks": list(member.tags.order_by("name", "id")),
        "note": member.note if Permission.VIEW_NOTES in request.access else "",
        "events": _events(member, placements),
        "panels": list(_panels(member, request)),
    }


def age_of(member: Member, *, on: date) -> int | None:
    """Whole years on a day; by the year alone where no more is known."""
    if member.birth_on:
        before_birthday = (on.month, on.day) < (member.birth_on.month, member.birth_on.day)
        return on.year - member.birth_on.year - before_birthday
    return on.year - member.birth_year if member.birth_year else None


def _status(member: Member) -> Cell:
    return Cell(MemberStatus(member.status).label, _TONES.get(MemberStatus(member.status), "neutral"))


def _tags(member: Member, request: BranchRequest) -> Iterable[Cell]:
    for column in registry.member_columns:
        cell = _cell(column, member, request)
        if cell:
            yield Cell(f"{column.label}: {cell.text}", cell.tone)


def _cell(column: MemberColumn, member: Member, request: BranchRequest) -> Cell | None:
    if column.permission not in request.access:
        return None
    return column.load([member.pk], request.branch, request.today).get(member.pk)


def _panels(member: Member, request: BranchRequest) -> Iterable[SafeString]:
    for panel in sorted(registry.member_panels, key=lambda panel: panel.order):
        if panel.permission in request.access:
            context = {"member": member, **panel.context(member, request.branch, request.today)}
            yield render_to_string(panel.template, context, request)


def _language(code: str) -> str:
    """The language's name; a word that is no code stands as it came."""
    if code in _SAMI:
        return str(_SAMI[code])
    return capfirst(get_language_info(code)["name_translated"]) if code in LANG_INFO else code


def _recruiter(member: Member, branch: Branch) -> Member | None:
    """Who recruited the member, if that one too is in the register one looks at."""
    recruiter = member.recruited_by
    scope = branch.scope_of().items()
    return recruiter if recruiter and all(getattr(recruiter, column) == pk for column, pk in scope) else None


def _events(member: Member, placements: list[Placement]) -> list[Event]:
    """Newest first: left, moved, joined. Only what the register holds."""
    events = [Event("PersonPlus", _("Joined the party"), member.joined_on)] if member.joined_on else []
    for before, after in pairwise(placements):
        text = _("Moved from %(before)s to %(after)s") % {"before": before.branch.name, "after": after.branch.name}
        events.append(Event("Branching", text, after.from_on or before.to_on))
    if member.left_on and member.status not in (MemberStatus.MEMBER, MemberStatus.APPLIED):
        events.append(Event("DoorOpen", str(MemberStatus(member.status).label), member.left_on))
    return events[::-1]
