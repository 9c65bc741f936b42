"""The messages' lines of the access table: see tests/access_pages.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from membership.roles import Role
from tests.access_table import Page

PAGES: Final[Mapping[str, Page]] = {
    "messaging:message_list": Page(200),
    "messaging:messaging_settings": Page(200, 422, data={"reply_to": "nei"}),
    "messaging:letters": Page(200, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:letters_make": Page(post=302, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:letters_posted": Page(post=302, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:message_detail": Page(200, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:message_recipients": Page(200, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:archive": Page(200),
    "messaging:newsletter": Page(200, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:member_messages": Page(200, args=lambda place, _own: [place.member.pk]),
}  # fmt: skip

# Whoever may take lists of members out of the house.
OUTSIDE: Final = {Role.MEMBERSHIP_OFFICER, Role.COUNTY_SECRETARY, Role.COUNTY_MEMBERSHIP_OFFICER, Role.TREASURER}

# The dangerous ones once more, in plain words: page → the roles that open it.
MAY: Final[Mapping[str, set[Role]]] = {
    "messaging:letters": OUTSIDE,
    "messaging:letters_make": OUTSIDE,
    "messaging:letters_posted": OUTSIDE,
}  # fmt: skip
