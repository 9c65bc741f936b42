"""The doors one leaves by, as they stand on a member's status page."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from membership.enums import MemberStatus
from membership.extensions import MemberDoor
from membership.models import Member
from membership.roles import Permission

_MAY_LEAVE: Final = (MemberStatus.MEMBER, MemberStatus.APPLIED)


def may_leave(member: Member) -> bool:
    """Whether somebody is in the party, or wishes to be: nobody else can leave it."""
    return member.status in _MAY_LEAVE


DOORS: Final = (
    MemberDoor(
        label=_("Register resignation"),
        explain=_("The member has written an email or a letter, or you send a link by which they do it themselves."),
        url_name="privacy:resignation",
        permission=Permission.RECORD_LEAVING,
        fits=may_leave,
        order=10,
    ),
    MemberDoor(
        label=_("Register a death"),
        explain=_("Nothing is sent to anyone."),
        url_name="privacy:death",
        permission=Permission.RECORD_LEAVING,
        fits=may_leave,
        order=20,
    ),
)
