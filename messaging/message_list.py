"""The list of messages: tabs, the county's branches, how long since the last newsletter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, Q
from django.urls import NoReverseMatch, reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common import listing
from common.clock import machine_time
from membership.access import BranchRequest
from membership.extensions import Text
from membership.models import Branch
from membership.roles import Permission
from messaging.approval import waiting_for
from messaging.budget import spending_of
from messaging.enums import DeliveryState, MessageState, Purpose, Way
from messaging.message_words import TONES, TROUBLE, state_label, title_of, when
from messaging.models import Delivery, InboxMessage, Message, MessageQuerySet

TAB: Final = "vis"
BRANCH: Final = "lag"
_WAITING_SHOWN: Final = 5
_UNDER_WAY: Final = (MessageState.APPROVAL, MessageState.QUEUED, MessageState.SENDING)
_OVER: Final = (MessageState.DONE, MessageState.STOPPED, MessageState.EXPIRED)
TABS: Final[Mapping[str, tuple[Text, tuple[MessageState, ...]]]] = {
    "": (gettext_lazy("All messages"), tuple(MessageState)),
    "utkast": (gettext_lazy("Drafts"), (MessageState.DRAFT,)),
    "venter": (gettext_lazy("On their way"), _UNDER_WAY),
    "sendt": (gettext_lazy("Sent messages"), _OVER),
}
_ICONS: Final = {Way.EMAIL: "EnvelopeClosed", Way.SMS: "Mobile", Way.BOTH: "Chat"}


@dataclass(frozen=True, slots=True)
class Row:
    """One message in the list. `people` is None while nobody has counted them."""

    message: Message
    title: str
    icon: str
    state: Text
    tone: str
    when: str
    people: int | None
    lost: int
    unknown: int


def seen_from(branch: Branch, *, also: Q | None = None) -> MessageQuerySet:
    """A branch's own messages, and of those under it what is no mere draft; and `also` others."""
    seen = Q(**branch.scope_of()) & (Q(branch=branch) | ~Q(state=MessageState.DRAFT))
    return Message.objects.filter(seen | also if also else seen)


def list_page(request: BranchRequest) -> dict[str, Any]:
    """Everything the page prints; the queries are the same for one row and for fifty."""
    branch = request.branch
    under = list(branch.subtree.in_force(request.today).in_order())
    chosen = next((one for one in under if one.slug == request.GET.get(BRANCH)), None)
    tab = request.GET.get(TAB, "")
    tab = tab if tab in TABS else ""
    found = _of(branch, chosen)
    page = listing.fetch_page(_page_of(found, tab), listing.page_number(request.GET))
    return {
        "page": "meldinger",
        "listing": page,
        "rows": _rows(page.rows, request.today),
        "tabs": _tabs(found, tab, chosen),
        "tab": tab,
        "query": listing.kept(request.GET),
        "branches": under if len(under) > 1 else [],
        "chosen": chosen,
        "rhythm": rhythm(chosen or branch, request.today),
        "links": _links(request),
        "to_approve": _to_approve(request),
        "unanswered": _unanswered(request),
        "spending": spending_of(branch, machine_time()),
    }


def _of(branch: Branch, chosen: Branch | None) -> MessageQuerySet:
    """All that is seen from a branch; of one that is chosen and those under it; or the branch's own alone."""
    found = seen_from(branch)
    if chosen is None:
        return found
    return found.filter(branch=branch) if chosen == branch else found.of(chosen)


def _page_of(found: MessageQuerySet, tab: str) -> MessageQuerySet:
    rows = found.filter(state__in=TABS[tab][1]).select_related("branch", "changed_by", "queued_by", "stopped_by")
    rows = rows.prefetch_related("texts")
    return rows.order_by("due_at", "id") if tab == "venter" else rows.newest_first()


def _rows(found: Sequence[Message], today: date) -> list[Row]:
    trouble = _trouble(found)
    return [
        Row(
            message,
            title_of(message),
            _ICONS[Way(message.way)],
            state_label(message),
            TONES[message.state],
            when(message, year=today.year),
            message.reached if message.state in {*_OVER, MessageState.SENDING} else message.confirmed or None,
            trouble.get((message.pk, DeliveryState.FAILED), 0) + trouble.get((message.pk, DeliveryState.BOUNCED), 0),
            trouble.get((message.pk, DeliveryState.UNKNOWN), 0),
        )
        for message in found
    ]


def _trouble(found: Sequence[Message]) -> dict[tuple[Any, str], int]:
    """How many deliveries of each message did not arrive, or nobody knows of: one query by its index."""
    rows = Delivery.objects.filter(message__in=found, state__in=TROUBLE).order_by()
    counted = rows.values_list("message_id", "state").annotate(n=Count("pk"))
    return {(message_id, state): n for message_id, state, n in counted}


def _tabs(found: MessageQuerySet, current: str, chosen: Branch | None) -> list[dict[str, Any]]:
    counts = found.order_by().aggregate(**{name or "alle": _count(states) for name, (_label, states) in TABS.items()})
    kept = f"{BRANCH}={chosen.slug}&" if chosen else ""
    return [
        {
            "url": f"?{kept}{f'{TAB}={name}' if name else ''}",
            "label": label,
            "count": counts[name or "alle"],
            "current": name == current,
        }
        for name, (label, _states) in TABS.items()
    ]


def _count(states: Sequence[MessageState]) -> Count:
    return Count("pk", filter=Q(state__in=states))


def rhythm(branch: Branch, today: date) -> str:
    """How long it is since the branch's last newsletter went out."""
    newsletters = Message.objects.filter(branch=branch, purpose=Purpose.NEWSLETTER, state=MessageState.DONE)
    last = newsletters.order_by("-started_at", "-id").values_list("started_at", flat=True).first()
    if last is None:
        return _("No newsletter has been sent yet.")
    days = max(0, (today - localtime(last).date()).days)
    if days < 2:
        return _("Last newsletter today.") if days == 0 else _("Last newsletter yesterday.")
    if days < 14:
        return _("Last newsletter %(days)s days ago.") % {"days": days}
    weeks = days // 7
    return ngettext("Last newsletter %(weeks)s week ago.", "Last newsletter %(weeks)s weeks ago.", weeks) % {
        "weeks": weeks
    }


def _to_approve(request: BranchRequest) -> list[dict[str, Any]]:
    """What waits for this user to say yes, the oldest first."""
    if Permission.SEND_MESSAGES not in request.access:
        return []
    return [
        {"title": title_of(one), "message": one, "name": one.queued_by.name if one.queued_by else ""}
        for one in waiting_for(request.user, request.branch)[:_WAITING_SHOWN]
    ]


def _unanswered(request: BranchRequest) -> int:
    if Permission.ANSWER_INBOX not in request.access:
        return 0
    return InboxMessage.objects.of(request.branch).open().count()


_LINKS: Final = {
    "message_new": Permission.WRITE_MESSAGES,
    "inbox_list": Permission.ANSWER_INBOX,
    "bounce_list": Permission.EDIT_MEMBERS,
    "template_list": Permission.WRITE_MESSAGES,
    "archive": Permission.VIEW_MESSAGES,
    "messaging_settings": Permission.EDIT_BRANCH,
}


def _links(request: BranchRequest) -> dict[str, str]:
    """Addresses of the pages beside, by their names; those that this user may open."""
    found = {}
    for name, permission in _LINKS.items():
        if permission in request.access:
            with suppress(NoReverseMatch):
                found[name] = reverse(f"messaging:{name}", args=[request.branch.slug])
    return found
