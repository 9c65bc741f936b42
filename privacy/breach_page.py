"""What the pages of breaches print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import listing
from membership.access import BranchRequest
from membership.extensions import Text
from membership.links import url_if_there
from membership.models import Branch
from membership.roles import Permission
from messaging.audience import MOST_PICKED
from messaging.enums import Channel, DeliveryState, MessageState
from messaging.message_list import seen_from
from messaging.message_page import texts_of
from messaging.message_words import title_of
from messaging.models import Message, Recipient
from privacy.breach_forms import BreachForm, breach_form
from privacy.breach_words import clock_of
from privacy.models import Breach, BreachQuerySet
from privacy.refusals import Refused

# What has reached nobody cannot have reached the wrong ones.
_BEFORE_SENDING = (MessageState.DRAFT, MessageState.APPROVAL)


class TooMany(Refused):
    """More than a message can be picked for, one by one."""

    sentence = gettext_lazy(
        "It went to more people than one message can be picked for. Copy the letter, and write to all the members."
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One breach in the list."""

    pk: int
    kind: Text
    place: str
    found_at: datetime
    word: Text
    tone: str


def breaches_of(request: BranchRequest) -> BreachQuerySet:
    """Those of the branch and under it, with all that a row prints."""
    return Breach.objects.of(request.branch).select_related("branch")


def list_page(request: BranchRequest, now: datetime) -> dict[str, Any]:
    """Everything the list prints; the queries are the same for one row and for fifty."""
    page = listing.fetch_page(breaches_of(request).newest_first(), listing.page_number(request.GET))
    return {
        "page": "personvern",
        "listing": page,
        "query": listing.kept(request.GET),
        "rows": [_row(one, request.branch, now) for one in page.rows],
        "may_report": Permission.REPORT_BREACH in request.access,
    }


def _row(one: Breach, branch: Branch, now: datetime) -> Row:
    place = one.branch.place if one.branch_id != branch.pk else ""
    return Row(one.pk, one.get_kind_display(), place, one.found_at, *clock_of(one, now))


def breach_in(request: BranchRequest, pk: int) -> Breach:
    """One that is seen from the branch; 404 for any other."""
    people = ("county", "reported_by", "closed_by", "message__branch")
    found: Breach = get_object_or_404(breaches_of(request).select_related(*people), pk=pk)
    return found


def message_asked(request: BranchRequest) -> Message | None:
    """The message in the address, where one was named: of this branch or under it, and on its way; else 404."""
    asked = request.GET.get("melding")
    if not asked:
        return None
    try:
        pk = UUID(asked)
    except ValueError:
        raise Http404
    sent = seen_from(request.branch).exclude(state__in=_BEFORE_SENDING)
    found: Message = get_object_or_404(sent.select_related("branch").prefetch_related("texts"), pk=pk)
    return found


def detail_page(
    request: BranchRequest, one: Breach, now: datetime, form: BreachForm | None = None, *, theirs: bool = False
) -> dict[str, Any]:
    """Everything a breach's page prints. `theirs`: what somebody else saved meanwhile is shown beside the form."""
    word, tone = clock_of(one, now)
    handles = Permission.MANAGE_PRIVACY in request.access and one.closed_at is None
    return {
        "page": "personvern",
        "one": one,
        "word": word,
        "tone": tone,
        "form": form or breach_form(one),
        "handles": handles,
        "theirs": theirs,
        "sent": sent_part(request, one.message) if one.message else None,
        "may_write": handles and Permission.WRITE_MESSAGES in request.access and bool(one.message),
        "letters": Permission.MANAGE_PRIVACY in request.access,
    }


def sent_part(request: BranchRequest, message: Message) -> dict[str, Any]:
    """The message as it was sent, and how many got it by which channel; who they are stands on a page of its own."""
    rows = Recipient.objects.filter(message=message, left_out="").order_by()
    counted = rows.values_list("channel", "delivery__state").annotate(n=Count("pk")).order_by("channel", "-n")
    names = {Permission.MANAGE_PRIVACY, Permission.SEND_MESSAGES} & request.access.permissions
    sees = Permission.VIEW_MESSAGES in request.access and bool(names)
    url = url_if_there("messaging:message_recipients", request.branch.slug, message.pk) if sees else ""
    return {
        "title": title_of(message),
        "message": message,
        "texts": texts_of(message),
        "counts": [(_channel(channel), _state(channel, state), n) for channel, state, n in counted],
        "recipients_url": url,
        "message_url": reverse("messaging:message_detail", args=[request.branch.slug, message.pk]) if sees else "",
    }


def _channel(channel: str) -> Text:
    return Channel(channel).label if channel in Channel.values else _("Not decided")


def _state(channel: str, state: str | None) -> Text:
    if channel == Channel.LETTER:
        return _("on paper")
    return DeliveryState(state).label if state in DeliveryState.values else DeliveryState.QUEUED.label


def ids_who_got_it(message: Message, branch: Branch) -> list[int]:
    """Members of the branch whom the message reached or may have reached. Raises `TooMany`: none is left out unsaid."""
    rows = Recipient.objects.filter(message=message, left_out="", member__isnull=False).exclude(
        delivery__state__in=[DeliveryState.CANCELLED, DeliveryState.FAILED]
    )
    ids = rows.filter(**branch.scope_of("member__")).order_by("member_id").values_list("member_id", flat=True)
    found = [pk for pk in ids[: MOST_PICKED + 1] if pk]
    if len(found) > MOST_PICKED:
        raise TooMany
    return found
