"""What has been sent to one member: on the member's page, in the timeline, and on a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from membership.extensions import Event, Text
from membership.models import Branch, Member
from messaging.archive import newsletters_for
from messaging.enums import Channel, DeliveryState
from messaging.message_page import is_under
from messaging.message_words import format_moment, title_of
from messaging.models import InboxReply, Recipient
from messaging.recipient_list import TONES, word_for

# So many stand on the member's page; the rest on a page of their own.
_ON_PANEL: Final = 5
_ICONS: Final = {Channel.EMAIL: "EnvelopeClosed", Channel.SMS: "Mobile", Channel.LETTER: "EnvelopeOpen", "": "XMark"}


@dataclass(frozen=True, slots=True)
class Row:
    """One message as it was for this member. `url` is empty where the reader may not see the message itself."""

    title: str
    sender: str
    when: str
    channel: Text
    icon: str
    word: Text
    tone: str
    url: str


def received_by(member: Member) -> QuerySet[Recipient, Recipient]:
    """All that has begun to go out, the latest first; also what the member was left out of."""
    found = Recipient.objects.filter(member=member, message__started_at__isnull=False)
    return (
        found.select_related("message__branch", "delivery")
        .prefetch_related("message__texts")
        .order_by("-message__started_at", "-id")
    )


def rows_of(recipients: Iterable[Recipient], branch: Branch, today: date) -> list[Row]:
    """With the address of each message that is seen from this branch."""
    shown = list(recipients)
    above = {one.message_id for one in shown if not is_under(one.message, branch)}
    # Asked for in any case: every member's page costs the same.
    open_to_all = set(newsletters_for(branch).filter(pk__in=above).order_by().values_list("pk", flat=True))
    return [_row(one, branch, open_to_all, today) for one in shown]


def _row(recipient: Recipient, branch: Branch, open_to_all: set[Any], today: date) -> Row:
    message = recipient.message
    word, tone = word_for(recipient)
    url = ""
    if is_under(message, branch):
        url = reverse("messaging:message_detail", args=[branch.slug, message.pk])
    elif message.pk in open_to_all:
        url = reverse("messaging:newsletter", args=[branch.slug, message.pk])
    return Row(
        title_of(message),
        message.branch.name,
        format_moment(_moment(recipient), year=today.year),
        Channel(recipient.channel).label if recipient.channel else "",
        _ICONS[recipient.channel],
        word,
        tone,
        url,
    )


def _moment(recipient: Recipient) -> datetime:
    """When it left; where it did not, when the sending began."""
    sent_at = recipient.delivery.sent_at if recipient.delivery else None
    found = sent_at or recipient.posted_at or recipient.message.started_at
    if found is None:
        raise ValueError("a message that has not begun to go out")
    return found


def member_panel(member: Member, branch: Branch, today: date) -> dict[str, Any]:
    """The latest few."""
    latest = list(received_by(member)[: _ON_PANEL + 1])
    return {
        "rows": rows_of(latest[:_ON_PANEL], branch, today),
        "more": len(latest) > _ON_PANEL,
        "url": reverse("messaging:member_messages", args=[branch.slug, member.pk]),
    }


def replies_to(member: Member) -> QuerySet[InboxReply, InboxReply]:
    """What has been answered to what the member wrote."""
    found = InboxReply.objects.filter(inbox_message__member=member)
    return found.select_related("inbox_message", "by", "delivery").order_by("-at", "-id")


def reply_rows(member: Member, today: date) -> list[Row]:
    """Answers in the same shape; their text stands in the inbox."""
    return [_reply(reply, today) for reply in replies_to(member)]


def _reply(reply: InboxReply, today: date) -> Row:
    state = DeliveryState(reply.delivery.state) if reply.delivery else DeliveryState.SENT
    channel = reply.inbox_message.channel
    return Row(
        _("Answer"),
        reply.by.name,
        format_moment(reply.at, year=today.year),
        Channel(channel).label,
        _ICONS[channel],
        state.label,
        TONES.get(state, "neutral"),
        "",
    )


# --- The timeline ----------------------------------------------------------------------------------------------------


def events_of(member: Member, _branch: Branch, _today: date) -> Iterator[Event]:
    """What was sent to the member, and what was answered. What they were left out of is no event."""
    for recipient in received_by(member).exclude(channel=""):
        at = _moment(recipient)
        texts = {"channel": Channel(recipient.channel).label, "title": title_of(recipient.message)}
        word, _tone = word_for(recipient)
        detail = f"{recipient.message.branch.name}. {word}"
        yield Event(_ICONS[recipient.channel], _("%(channel)s: %(title)s") % texts, localtime(at).date(), detail, at)
    for reply in replies_to(member):
        channel = reply.inbox_message.channel
        text = _("Got an answer by %(channel)s") % {"channel": Channel(channel).label}
        yield Event(_ICONS[channel], text, localtime(reply.at).date(), reply.by.name, reply.at)
