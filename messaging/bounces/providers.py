"""What a provider of django-anymail reports: its own view checks and reads, and we do what it says.

Anymail hands events on by Django signals. This house has none: the view is asked for its events instead.
"""

from __future__ import annotations

import re
from datetime import datetime
from importlib import import_module
from typing import Any, Final
from uuid import UUID

from anymail.exceptions import AnymailError
from anymail.signals import EventType, RejectReason
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from common.clock import OSLO
from messaging.actions.reservations import say_no
from messaging.actions.returned import note_bounce, note_complaint, note_delivered, note_failed
from messaging.enums import Channel
from messaging.models import Delivery
from messaging.unsubscribe import can_leave, readers_of

_BACKEND: Final = re.compile(r"anymail\.backends\.(\w+)\.EmailBackend")
# Of a bounce these say something of the address; the rest (a policy, spam, a time that ran out) of the mail or the day.
_OF_THE_ADDRESS: Final = frozenset({RejectReason.INVALID, RejectReason.BOUNCED})
_NO_SUCH: Final = re.compile(r"\b5\.1\.\d{1,3}\b")
# Permanent by the provider's word, and passing by the server's: Postmark's soft bounces and the like.
_PASSING: Final = re.compile(r"\b4\.\d{1,3}\.\d{1,3}\b|\b4\d\d[ -]|soft ?bounce|mailbox full|over quota", re.IGNORECASE)


def provider() -> str:
    """The provider that mail goes out by, as in anymail's names: postmark, mailgun; empty where it is none."""
    found = _BACKEND.fullmatch(settings.EMAIL_BACKEND)
    return found[1] if found else ""


def read_events(request: HttpRequest) -> tuple[HttpResponseBase, list[Any]]:
    """The provider's events, once anymail has found the password and the signature right; and its answer.

    Raises `SuspiciousOperation` where they are not, and `ValueError` for what is no report.
    """
    reader, events = _reader(provider())
    try:
        return reader.as_view()(request), events
    except (AnymailError, AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # What comes from another may have any shape: the text of the error would repeat it.
        raise ValueError(type(error).__name__) from None


def _reader(name: str) -> tuple[Any, list[Any]]:
    """Anymail's view of the provider, and the list that it fills instead of telling Django's signals."""
    module = import_module(f"anymail.webhooks.{name}")
    ending = ("TrackingWebhookView", "CombinedWebhookView")
    views = [one for key, one in vars(module).items() if key.endswith(ending)]
    view: Any = next(one for one in views if one.__module__ == module.__name__)
    events: list[Any] = []

    def parse_events(self: Any, request: HttpRequest) -> list[Any]:
        events.extend(view.parse_events(self, request))
        return []

    return type(view.__name__, (view,), {"parse_events": parse_events}), events


def take(event: Any, *, now: datetime) -> bool:
    """Do what an event says; whether it changed anything. One about what we did not send changes nothing."""
    delivery = _delivery_of(event)
    if delivery is None:
        return False
    kind, why = event.event_type, getattr(event, "reject_reason", None)
    if kind == EventType.DELIVERED:
        return note_delivered(delivery.pk, now=now)
    if kind == EventType.COMPLAINED or (kind == EventType.REJECTED and why == RejectReason.SPAM):
        return note_complaint(delivery.pk, now=now)
    if kind == EventType.UNSUBSCRIBED:
        return _leave(delivery, now)
    return _note_lost(delivery, event, kind, str(why or ""), now)


def _leave(delivery: Delivery, now: datetime) -> bool:
    """By the provider's own link or button: no to more of this kind."""
    if not can_leave(delivery):
        return False
    return bool(say_no(readers_of(delivery).values(), delivery=delivery, now=now, today=now.astimezone(OSLO).date()))


def _note_lost(delivery: Delivery, event: Any, kind: str, why: str, now: datetime) -> bool:
    if kind not in {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED}:
        return False
    of_the_address = why in _OF_THE_ADDRESS or bool(_NO_SUCH.search(_said(event)))
    if kind == EventType.BOUNCED or (kind == EventType.REJECTED and of_the_address):
        return note_bounce(delivery.pk, hard=of_the_address and not _is_passing(event), status=why, now=now)
    return note_failed(delivery.pk, problem=f"{kind} {why}".strip(), now=now)


def _is_passing(event: Any) -> bool:
    return bool(_PASSING.search(_said(event)))


def _said(event: Any) -> str:
    return " ".join(str(getattr(event, name, "") or "") for name in ("mta_response", "description"))[:2_000]


def _delivery_of(event: Any) -> Delivery | None:
    """By the id that we sent along, else by the provider's own; and only if it went to the one it is said of."""
    ours = Delivery.objects.filter(channel=Channel.EMAIL).select_related("message")
    metadata = getattr(event, "metadata", None)
    try:
        found = ours.filter(pk=UUID(str(metadata["delivery"]))).first() if metadata else None
    except (KeyError, TypeError, ValueError):
        found = None
    message_id = str(getattr(event, "message_id", None) or "")
    if found is None and message_id:
        found = ours.filter(provider_id=message_id).order_by("-created_at", "-pk").first()
    recipient = str(getattr(event, "recipient", None) or "").strip().lower()
    return found if found and recipient in {"", found.address} else None
