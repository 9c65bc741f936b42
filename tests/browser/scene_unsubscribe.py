"""Mails in two inboxes, and where the link at their foot leads."""

from __future__ import annotations

from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from membership.models import Branch, Member
from messaging.enums import Channel, DeliveryState, MessageState
from messaging.models import Delivery, Recipient
from messaging.unsubscribe import token_for
from tests.access_mail import make_message

_HOUSE = "familien@example.no"


def add_unsubscribe(urls: dict[str, str]) -> None:
    """One mail to one, one to a household of two."""
    branch = Branch.objects.get(slug="kafjord")
    reachable = Member.objects.current().filter(branch=branch, no_email=False, no_newsletter=False).exclude(email="")
    one, *two = reachable.order_by("pk")[:3]
    for member in two:
        Member.objects.filter(pk=member.pk).update(email=_HOUSE)
    urls["unsubscribe"] = f"/avmelding/{token_for(_mail(branch, one.email.lower(), one))}/"
    urls["unsubscribe_house"] = f"/avmelding/{token_for(_mail(branch, _HOUSE, *two))}/"


def _mail(branch: Branch, address: str, *members: Member) -> Delivery:
    user = User.objects.get(email="medlemsansvarlig.kafjord@demo.example")
    now = timezone.now()
    moments = {"created_at": now, "not_before_at": now, "sent_at": now, "wipe_at": now}
    message = make_message(branch, user, MessageState.DONE, expanded_at=now, finished_at=now, reached=len(members))
    delivery = Delivery.objects.create(
        key=f"scene:{uuid4()}",
        message=message,
        branch=branch,
        channel=Channel.EMAIL,
        purpose=message.purpose,
        address=address,
        state=DeliveryState.SENT,
        **moments,
    )
    for member in members:
        Recipient.objects.create(message=message, member=member, channel=Channel.EMAIL, delivery=delivery)
    return delivery
