"""What members were sent, and what came in from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from membership.models import Member
from messaging.message_words import title_of
from messaging.models import BlockedAddress, Delivery, InboxMessage, Recipient
from messaging.recipient_list import word_for
from privacy.exporting.values import Item, Record, Section
from privacy.own_addresses import sent_to


def _received(member: Member) -> Sequence[Record]:
    rows = Recipient.objects.filter(member=member).select_related("message__branch", "delivery")
    return [_message(row) for row in rows.prefetch_related("message__texts").order_by("-message__created_at", "-id")]


def _message(row: Recipient) -> Record:
    sent = row.delivery
    return [
        Item("title", _("Message"), title_of(row.message)),
        Item("branch", _("From"), row.message.branch.name),
        Item("purpose", _("What for"), row.message.purpose, row.message.get_purpose_display()),
        Item("channel", _("By"), row.channel, row.get_channel_display() if row.channel else ""),
        Item("address", _("Sent to"), sent.address if sent else None),
        Item("result", _("Result"), sent.state if sent else row.left_out, word_for(row)[0]),
        Item("sent_at", _("Sent"), sent.sent_at if sent else row.posted_at),
        Item("delivered_at", _("Arrived"), sent.delivered_at if sent else None),
        Item("bounced_at", _("Came back"), sent.bounced_at if sent else None),
    ]


def _notices(member: Member) -> Sequence[Record]:
    """Codes, links and notices. What stood in them is not given: a code or a link would open something."""
    rows = Delivery.objects.alone().filter(sent_to(member, "created_at")).order_by("-created_at", "-id")
    return [
        [
            Item("purpose", _("What for"), row.purpose, row.get_purpose_display()),
            Item("channel", _("By"), row.channel, row.get_channel_display()),
            Item("address", _("Sent to"), row.address),
            Item("created_at", _("Made"), row.created_at),
            Item("state", _("Result"), row.state, row.get_state_display()),
            Item("sent_at", _("Sent"), row.sent_at),
        ]
        for row in rows
    ]


def _inbox(member: Member) -> Sequence[Record]:
    rows = InboxMessage.objects.filter(member=member).prefetch_related("replies").newest_first()
    return [
        [
            Item("received_at", _("Came in"), row.received_at),
            Item("channel", _("By"), row.channel, row.get_channel_display()),
            Item("address", _("From"), row.address),
            Item("subject", _("Subject"), row.subject),
            Item("text", _("Text"), row.text),
            Item("state", _("Status"), row.state, row.get_state_display()),
            Item(
                "answers", _("The answer"), [reply.text for reply in sorted(row.replies.all(), key=lambda one: one.pk)]
            ),
        ]
        for row in rows
    ]


def _blocks(member: Member) -> Sequence[Record]:
    """Only what came of an address while it was the member's: a stranger's STOPP or complaint is the stranger's."""
    return [
        [
            Item("channel", _("By"), row.channel, row.get_channel_display()),
            Item("address", _("Address"), row.address),
            Item("reason", _("Reason"), row.reason, row.get_reason_display()),
            Item("noted_at", _("Noted"), row.noted_at),
            Item("blocked_at", _("Nothing is sent since"), row.blocked_at),
        ]
        for row in BlockedAddress.objects.filter(sent_to(member, "noted_at")).order_by("pk")
    ]


SECTIONS: Final = (
    Section("messages", gettext_lazy("Messages to you"), frozenset({"messaging.Recipient"}), _received),
    Section("notices", gettext_lazy("Codes, links and notices to you"), frozenset({"messaging.Delivery"}), _notices),
    Section(
        "inbox",
        gettext_lazy("Messages from you"),
        frozenset({"messaging.InboxMessage", "messaging.InboxReply"}),
        _inbox,
    ),
    Section("blocked", gettext_lazy("Addresses nothing is sent to"), frozenset({"messaging.BlockedAddress"}), _blocks),
)
