"""The messages' lines of the access table: see tests/access_pages.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from membership.roles import Role
from tests.access_table import Page

SENDERS: Final = {
    Role.MEMBERSHIP_OFFICER,
    Role.BRANCH_LEADER,
    Role.COUNTY_SECRETARY,
    Role.COUNTY_MEMBERSHIP_OFFICER,
}

PAGES: Final[Mapping[str, Page]] = {
    "messaging:message_list": Page(200),
    "messaging:messaging_settings": Page(200, 422, data={"reply_to": "nei"}),
    "messaging:letters": Page(200, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:letters_make": Page(post=302, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:letters_posted": Page(post=302, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:message_detail": Page(200, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:message_recipients": Page(200, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:archive": Page(200),
    "messaging:message_approve": Page(post=302, args=lambda _place, own: [own.mail.queued.pk]),
    "messaging:message_send_back": Page(post=302, args=lambda _place, own: [own.mail.queued.pk]),
    "messaging:message_take_back": Page(post=302, args=lambda _place, own: [own.mail.queued.pk]),
    "messaging:message_stop": Page(post=302, args=lambda _place, own: [own.mail.queued.pk]),
    "messaging:message_retry": Page(post=302, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:message_decide": Page(post=302, args=lambda _place, own: [own.mail.sent.pk], data={"handling": "alle"}),
    "messaging:message_new": Page(200, 302, data={"to": "alle", "subject_nb": "Hei"}),
    "messaging:message_edit": Page(200, 302, args=lambda _place, own: [own.mail.draft.pk], data={"subject_nb": "Hei"}),
    "messaging:message_left_out": Page(200, args=lambda _place, own: [own.mail.draft.pk, "no_address"]),
    "messaging:message_test": Page(post=302, args=lambda _place, own: [own.mail.draft.pk]),
    "messaging:message_delete": Page(post=302, args=lambda _place, own: [own.mail.draft.pk]),
    "messaging:message_send": Page(post=422, args=lambda _place, own: [own.mail.draft.pk]),
    "messaging:template_list": Page(200),
    "messaging:template_new": Page(200, 422),
    "messaging:template_edit": Page(200, 422, args=lambda _place, own: [own.mail.template.pk]),
    "messaging:template_delete": Page(post=302, args=lambda _place, own: [own.mail.template.pk]),
    "messaging:newsletter": Page(200, args=lambda _place, own: [own.mail.sent.pk]),
    "messaging:member_messages": Page(200, args=lambda place, _own: [place.member.pk]),
    "messaging:bounce_list": Page(200),
    "messaging:block_open": Page(200, 302, args=lambda _place, own: [own.mail.blocked.pk]),
    "messaging:number_wrong": Page(post=302, args=lambda place, _own: [place.member.pk]),
    "messaging:inbox_list": Page(200),
    "messaging:inbox_detail": Page(200, args=lambda _place, own: [own.mail.inbox.pk]),
    # Its address is blocked there.
    "messaging:inbox_answer": Page(post=422, args=lambda _place, own: [own.mail.inbox.pk], data={"tekst": "Hei"}),
    "messaging:inbox_forward": Page(post=302, args=lambda _place, own: [own.mail.inbox.pk]),
    "messaging:inbox_close": Page(post=302, args=lambda _place, own: [own.mail.inbox.pk]),
    "messaging:inbox_who": Page(post=302, args=lambda _place, own: [own.mail.inbox.pk], data={"hvem": "vet-ikke"}),
}  # fmt: skip

# Whoever may take lists of members out of the house.
OUTSIDE: Final = {Role.MEMBERSHIP_OFFICER, Role.COUNTY_SECRETARY, Role.COUNTY_MEMBERSHIP_OFFICER, Role.TREASURER}

# Whoever may send to the members in the branch's name.
SENDS: Final = {
    Role.MEMBERSHIP_OFFICER, Role.BRANCH_LEADER, Role.COUNTY_SECRETARY, Role.COUNTY_MEMBERSHIP_OFFICER,
}  # fmt: skip

# The dangerous ones once more, in plain words: page → the roles that open it.
MAY: Final[Mapping[str, set[Role]]] = {
    "messaging:inbox_list": SENDERS,
    "messaging:inbox_detail": SENDERS,
    "messaging:inbox_answer": SENDERS,
    "messaging:inbox_forward": SENDERS,
    "messaging:inbox_close": SENDERS,
    "messaging:inbox_who": SENDERS,
    "messaging:block_open": {Role.MEMBERSHIP_OFFICER, Role.COUNTY_SECRETARY, Role.COUNTY_MEMBERSHIP_OFFICER},
    "messaging:number_wrong": {Role.MEMBERSHIP_OFFICER, Role.COUNTY_SECRETARY, Role.COUNTY_MEMBERSHIP_OFFICER},
    "messaging:message_approve": SENDERS,
    "messaging:message_send_back": SENDERS,
    "messaging:message_take_back": SENDERS,
    "messaging:message_stop": SENDERS,
    "messaging:message_retry": SENDERS,
    "messaging:message_decide": SENDERS,
    "messaging:message_send": SENDS,
    "messaging:letters": OUTSIDE,
    "messaging:letters_make": OUTSIDE,
    "messaging:letters_posted": OUTSIDE,
}  # fmt: skip
