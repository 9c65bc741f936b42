"""The outbox: everything that leaves the house is a row here first."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from messaging.enums import Channel, DeliveryState, Purpose

_MOVING = (DeliveryState.QUEUED, DeliveryState.SENDING)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Reads of the outbox."""

    def due(self, now: datetime) -> DeliveryQuerySet:
        """Waiting, and whose time has come."""
        return self.filter(state=DeliveryState.QUEUED, not_before_at__lte=now)

    def stuck_since(self, moment: datetime) -> DeliveryQuerySet:
        """Begun before `moment` and never ended: nobody knows whether it arrived."""
        return self.filter(state=DeliveryState.SENDING, started_at__lt=moment)

    def stale_codes(self, now: datetime) -> DeliveryQuerySet:
        """Sign-in codes and links that did not get away while they held."""
        return self.filter(state=DeliveryState.QUEUED, purpose=Purpose.SIGN_IN, wipe_at__lte=now)

    def to_wipe(self, now: datetime) -> DeliveryQuerySet:
        """At rest, with a text whose time is over."""
        return self.filter(wipe_at__lte=now).exclude(body="").exclude(state__in=_MOVING)

    def in_mailbox(self, *, after: datetime) -> DeliveryQuerySet:
        """What the demo “sent” after a moment, newest first."""
        return self.filter(created_at__gt=after, state=DeliveryState.SENT).order_by("-created_at", "-id")


class Delivery(models.Model):
    """One message to one address. The key is unique: the same thing can be asked for twice and goes out once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=250, blank=True)
    body = models.TextField(blank=True)
    body_html = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    not_before_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    # When the body is emptied; codes at once, others after their time.
    wipe_at = models.DateTimeField()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["not_before_at"], name="delivery_open", condition=Q(state__in=["queued", "sending"])),
            models.Index(fields=["created_at"], name="delivery_created"),
            models.Index(fields=["wipe_at"], name="delivery_wipe", condition=~Q(body="")),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(address=""), name="delivery_has_address")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"
