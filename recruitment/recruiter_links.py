"""A member's own link for asking others to join: a random code that says nothing of the member."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.actions import record
from accounts.enums import Verb
from membership.models import Branch, Member
from membership.models.member import CURRENT
from recruitment.models import RecruiterLink

# No letter that is taken for another when the code is read aloud.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH: Final = 12


class NotAMember(Exception):
    """Only members recruit."""


@transaction.atomic
def make_recruiter_link(member: Member, *, now: datetime) -> RecruiterLink:
    """The member's link; the one there is, if there is one. Raises `NotAMember`."""
    if member.status not in CURRENT:
        raise NotAMember
    code = "".join(secrets.choice(_LETTERS) for _n in range(_LENGTH))
    link, made = RecruiterLink.objects.get_or_create(member=member, defaults={"code": code, "made_at": now})
    if made:
        _log(member, "recruiter_link_made", now)
    return link


@transaction.atomic
def drop_recruiter_link(member: Member, *, now: datetime) -> bool:
    """Whoever has the link finds nothing there any more; whether there was one."""
    dropped, _rows = RecruiterLink.objects.filter(member=member).delete()
    if dropped:
        _log(member, "recruiter_link_dropped", now)
    return bool(dropped)


def _log(member: Member, what: str, now: datetime) -> None:
    record(Verb.MY_PAGE_CHANGED, by=None, branch_id=member.branch_id, subject=member, now=now, what=what)


def link_of(member: Member) -> RecruiterLink | None:
    """The link a member has, if any."""
    return RecruiterLink.objects.filter(member=member).first()


def url_of(link: RecruiterLink) -> str:
    """The whole address, as it is sent and printed."""
    return str(settings.PUBLIC_URL + reverse("recruitment:invited", args=[link.code]))


def branch_invited_to(code: str) -> Branch | None:
    """The branch of the member whose code it is, while they are a member; who that is, is told to nobody."""
    link = RecruiterLink.objects.select_related("member__branch__county").filter(code=code).first()
    return link.member.branch if link and link.member.status in CURRENT else None
