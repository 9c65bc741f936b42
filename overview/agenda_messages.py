"""What waits among the messages: to be approved, to be answered, to be looked into, to be finished."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from common.clock import OSLO
from common.numbers import format_int
from membership.access import Access
from membership.links import url_if_there
from membership.models import Branch
from membership.roles import Permission
from messaging.approval import waiting_for
from messaging.enums import DeliveryState, MessageState
from messaging.message_words import title_of
from messaging.models import Delivery, InboxMessage, Message
from overview.agenda_item import Item

# Who did not get something so long ago will not be told of it here any more.
_LATELY: Final = timedelta(days=14)


def to_approve(branch: Branch, user: User, access: Access) -> list[Item]:
    """Somebody else waits for this user's yes."""
    if Permission.SEND_MESSAGES not in access:
        return []
    waiting = list(waiting_for(user, branch)[:2])
    if not waiting:
        return []
    first = waiting[0]
    title = _("“%(title)s” waits for you to approve it") if len(waiting) == 1 else _("Messages wait for you to approve")
    name = first.queued_by.name if first.queued_by else ""
    return [
        Item(
            "Paperplane",
            title % {"title": title_of(first)},
            _("%(name)s wants to send it to %(count)s.") % {"name": name, "count": format_int(first.confirmed)},
            _("Look at it"),
            reverse("messaging:message_detail", args=[branch.slug, first.pk]),
            level="warning",
        )
    ]


def unanswered(branch: Branch, access: Access) -> list[Item]:
    """What members have written, and nobody has answered."""
    url = url_if_there("messaging:inbox_list", branch.slug)
    if Permission.ANSWER_INBOX not in access or not url:
        return []
    count = InboxMessage.objects.of(branch).open().count()
    if not count:
        return []
    title = ngettext("%(count)s message is not answered", "%(count)s messages are not answered", count)
    return [
        Item("Chat", title % {"count": count}, _("From members, in the inbox."), _("Answer"), url),
    ]


def not_arrived(branch: Branch, access: Access, today: date) -> list[Item]:
    """What could not be sent lately, or of which nobody knows whether it arrived."""
    if Permission.SEND_MESSAGES not in access:
        return []
    since = datetime.combine(today - _LATELY, time.min, OSLO)
    lately = Message.objects.filter(branch=branch, started_at__gte=since).exclude(state=MessageState.STOPPED)
    rows = Delivery.objects.filter(
        message__in=lately.values("pk"), state__in=[DeliveryState.FAILED, DeliveryState.UNKNOWN]
    )
    counted = list(rows.values_list("message_id").annotate(n=Count("pk")).order_by("-n", "message_id"))
    if not counted:
        return []
    count = sum(n for _message_id, n in counted)
    title = ngettext("%(count)s message may not have arrived", "%(count)s messages may not have arrived", count)
    return [
        Item(
            "ExclamationmarkTriangle",
            title % {"count": format_int(count)},
            _("Try again, or decide what to do about those nobody knows of."),
            _("See who"),
            reverse("messaging:message_detail", args=[branch.slug, counted[0][0]]),
            level="warning",
        )
    ]


def own_draft(branch: Branch, user: User, access: Access) -> list[Item]:
    """The last thing this user began to write."""
    if Permission.WRITE_MESSAGES not in access:
        return []
    mine = Message.objects.filter(Q(created_by=user) | Q(changed_by=user), branch=branch, state=MessageState.DRAFT)
    draft = mine.prefetch_related("texts").newest_first().first()
    if draft is None:
        return []
    url = url_if_there("messaging:message_edit", branch.slug, draft.pk)
    return [
        Item(
            "NotePencil",
            _("A draft: “%(title)s”") % {"title": title_of(draft)},
            draft.problem or _("You have begun, and not sent it."),
            _("Write on"),
            url or reverse("messaging:message_detail", args=[branch.slug, draft.pk]),
        )
    ]
