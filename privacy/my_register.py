"""What the register says of a member beside what is the member's own to write."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from common.dates import format_date, format_long
from membership.models import Member


def register_facts(member: Member) -> list[tuple[str, str]]:
    """Label and text, of what has something in it. Of who recruited one, only that somebody did."""
    rows = [
        (_("Member number"), member.member_number),
        (_("Status"), _word(member, "status")),
        (_("Branch"), member.branch.name),
        (_("Joined"), _day(member.joined_on)),
        (_("Born"), format_date(member.birth_on) if member.birth_on else ""),
        (_("Category"), _word(member, "category")),
        (_("How they joined"), _word(member, "source")),
        (_("Groups"), ", ".join(tag.name for tag in member.tags.order_by("name", "id"))),
        (_("A guardian has consented"), _day(member.guardian_consent_on)),
        (_("Checked"), _day(member.checked_on)),
        *_said(member),
    ]
    return [(label, text) for label, text in rows if text]


def _said(member: Member) -> list[tuple[str, str]]:
    """What is told, but not shown here."""
    bounced = member.email_bounced_on
    came_back = _("Came back on %(day)s. Write another.") % {"day": format_long(bounced)} if bounced else ""
    recruited = bool(member.recruited_by_id or member.recruited_by_text)
    return [
        (_("Recruited by"), _("Somebody is written down") if recruited else ""),
        (_("Address"), _("Protected") if member.address_hidden else ""),
        (_("Email"), came_back),
        (_("Internal note"), _("There is one. You read it under “Fetch everything”.") if member.note else ""),
    ]


def _day(day: date | None) -> str:
    return format_long(day) if day else ""


def _word(member: Member, name: str) -> str:
    """The word of a choice; empty where none was made."""
    return str(getattr(member, f"get_{name}_display")()) if getattr(member, name) else ""
