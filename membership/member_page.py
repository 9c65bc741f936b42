"""One member's page: what is known, in words, and nothing that is not to be seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.dates import format_long
from common.text import initials
from membership.access import BranchRequest
from membership.enums import AddressProtection, MemberStatus
from membership.extensions import Cell, MemberColumn, Text, registry
from membership.member_words import language_name
from membership.models import ADULT, Branch, Member
from membership.models.member import GONE
from membership.roles import Permission
from membership.timeline import timeline_of

_TONES: Final = {MemberStatus.MEMBER: "success", MemberStatus.APPLIED: "info"}


def page_of(member: Member, request: BranchRequest) -> dict[str, Any]:
    """Everything the page prints. The queries are the same for every member."""
    placements = list(member.placements.select_related("branch").order_by("from_on", "id"))
    everything = request.GET.get("historikk") == "alle"
    here = member.status in (MemberStatus.MEMBER, MemberStatus.APPLIED)
    wrong = _wrong_numbers(member)
    return {
        "page": "medlemmer",
        "member": member,
        "name": member.full_name or member.member_number,
        "initials": initials(member.full_name),
        "tags": [_status(member), *_tags(member, request)],
        "may_call": here and _may_call(member, wrong, request.today),
        "wrong_numbers": wrong,
        "may_mail": here and bool(member.email) and not member.no_email,
        "mailto": f"mailto:{member.email}" if "@" in member.email else "",
        "age": age_of(member, on=request.today),
        "language": language_name(member.language),
        "recruiter": _recruiter(member, request.branch),
        "marks": list(member.tags.order_by("name", "id")),
        "note": member.note if Permission.VIEW_NOTES in request.access else "",
        "flags": [*_wrong_flag(wrong), *_flags(member, request.today)],
        "reservations": _reservations(member),
        "former_numbers": list(member.former_numbers.order_by("id").values_list("number", flat=True)),
        "timeline": timeline_of(member, placements, request, everything=everything),
        "move_url": _move_url(member, request),
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


def _wrong_numbers(member: Member) -> frozenset[str]:
    numbers = [number for number, ok in ((member.mobile, member.mobile_ok), (member.phone, member.phone_ok)) if ok]
    return frozenset().union(*(find(numbers) for find in registry.wrong_numbers))


def _may_call(member: Member, wrong: frozenset[str], today: date) -> bool:
    """As `messaging.contact.may_contact` has it: this app stands below it."""
    if member.no_phone or member.is_under(ADULT, on=today) or member.address_protection == AddressProtection.STRICT:
        return False
    return bool(member.call_number) and member.call_number not in wrong


def _wrong_flag(wrong: frozenset[str]) -> list[Cell]:
    return [Cell(_("A phone number is somebody else’s"), "warning")] if wrong else []


def _flags(member: Member, today: date) -> Iterable[Cell]:
    """What somebody must look at."""
    for text, ok in ((member.mobile, member.mobile_ok), (member.phone, member.phone_ok)):
        if text and not ok:
            yield Cell(_("A phone number cannot be dialled"), "warning")
    if member.email_bounced_on:
        yield Cell(_("Email came back"), "warning")
    if member.status == MemberStatus.MEMBER and member.lacks_consent(on=today):
        yield Cell(_("A guardian’s consent is missing"), "danger")
    if member.is_under(ADULT, on=today):
        yield Cell(_("Under 18: not on call lists"), "info")
    if member.address_hidden:
        yield Cell(_("The address is protected"), "neutral")
    if member.number_is_local:
        yield Cell(_("The number was given here"), "neutral")


def _reservations(member: Member) -> list[tuple[Text, Text]]:
    """Per channel, and per purpose."""
    rows: list[tuple[Text, bool, Text, Text]] = [
        (_("Phone"), member.no_phone, _("Does not want calls"), _("May be called")),
        (_("SMS"), member.no_sms, _("Does not want SMS"), _("May get SMS")),
        (_("Email"), member.no_email, _("Does not want email"), _("May get email")),
        (_("Letters"), member.no_post, _("Does not want letters"), _("May get letters")),
        (_("Newsletters"), member.no_newsletter, _("No, thank you"), _("Yes")),
        (_("Invitations"), member.no_meetings, _("No, thank you"), _("Yes")),
        (_("Surveys"), member.no_surveys, _("No, thank you"), _("Yes")),
        (_("Asked to recruit"), member.no_recruitment, _("No, thank you"), _("Yes")),
    ]
    gifts = member.fundraising_consent_on
    said = _("Yes, since %(day)s") % {"day": format_long(gifts)} if gifts else _("Has not said yes")
    return [*((label, no if is_no else yes) for label, is_no, no, yes in rows), (_("Asked for gifts"), said)]


def _move_url(member: Member, request: BranchRequest) -> str:
    """Where the member is moved to another branch; empty without the right."""
    if Permission.EDIT_MEMBERS not in request.access:
        return ""
    try:
        return reverse("membership:member_move", args=[request.branch.slug, member.pk])
    except NoReverseMatch:
        return ""


def _recruiter(member: Member, branch: Branch) -> Member | None:
    """Who recruited the member, if that one too is in the register one looks at, and has not left."""
    recruiter = member.recruited_by
    if recruiter is None or recruiter.status in GONE:
        return None
    return recruiter if all(getattr(recruiter, column) == pk for column, pk in branch.scope_of().items()) else None
