"""Links to members, and how a browser goes through one."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.test import Client
from time_machine import Traveller

from membership.enums import MemberStatus
from membership.models import Branch, Member
from messaging.enums import BlockReason, Channel
from messaging.models import BlockedAddress, Delivery
from privacy.actions.links import make_link
from privacy.enums import LinkKind
from privacy.models import AccessLink
from tests.factories import NOW, make_member

BORN = 1987


def member_of(branch: Branch, first_name: str = "Ane", **fields: Any) -> Member:
    """A member who knows when they were born."""
    return make_member(branch, first_name, **{"birth_year": BORN, **fields})


def block(channel: Channel, address: str, reason: BlockReason) -> None:
    BlockedAddress.objects.create(channel=channel, address=address, reason=reason, noted_at=NOW, blocked_at=NOW)


def my_page_link_of(member: Member) -> str:
    """The path of one to the member's email."""
    return f"/min-side/l/{make_link(LinkKind.MY_PAGE, channel=Channel.EMAIL, address=member.email, now=NOW)}/"


def resign_link_of(member: Member) -> str:
    token = make_link(LinkKind.RESIGN, channel=Channel.EMAIL, address=member.email, member=member, now=NOW)
    return f"/utmelding/{token}/"


def link_in(delivery: Delivery) -> str:
    """The path of the link in a text that was sent."""
    found = re.search(r"https?://[^/\s]+(/\S+)", delivery.body)
    assert found, delivery.body
    return found[1]


def text_of(response: Any) -> str:
    """What stands on the page, without what differs by token."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html.unescape(response.content.decode()))


def opened(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return text_of(response)


# --- What makes a link open nothing: each gives the path to try instead ----------------------------------------------


def _twice(path: str, member: Member, clock: Traveller) -> str:
    assert Client().post(path, {"proof": str(BORN)}).status_code == 302
    return path


def _late(path: str, member: Member, clock: Traveller) -> str:
    clock.move_to(AccessLink.objects.latest("pk").expires_at)
    return path


def _changed(path: str, member: Member, clock: Traveller) -> str:
    Member.objects.filter(pk=member.pk).update(email="ny@example.no")
    return path


def _another_has_it(path: str, member: Member, clock: Traveller) -> str:
    """The address went to somebody else, who is a member too, born in the same year."""
    email = member.email
    _changed(path, member, clock)
    make_member(member.branch, "Berit", email=email, birth_year=BORN, status=MemberStatus.RESIGNED)
    return path


def _erased(path: str, member: Member, clock: Traveller) -> str:
    Member.objects.filter(pk=member.pk).delete()
    return path


SPOIL: Mapping[str, Callable[[str, Member, Traveller], str]] = {
    "twice": _twice,
    "late": _late,
    "changed": _changed,
    "another": _another_has_it,
    "erased": _erased,
    "cut": lambda path, _member, _clock: f"{path[:-3]}/",
    "forged": lambda path, _member, _clock: f"{path.rstrip('/').rpartition('/')[0]}/{'x' * 43}/",
    "strange": lambda path, _member, _clock: f"{path.rstrip('/').rpartition('/')[0]}/%00%F0%9F%99%82'%22%3Cb%3E/",
}
