"""The outbox: everything that leaves the house is a row here first."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from membership.models import Branch
from messaging.enums import Channel, DeliveryState, Purpose
from messaging.models.message import Message

_MOVING = (DeliveryState.QUEUED, DeliveryState.SENDING)


class SendingRun(models.Model):
    """A worker that is sending a chunk. One that gives no sign of life is dead: its row in SENDING is unknown, and
    the rows it had leased are anybody's again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["heartbeat_at"], name="sending_run_heartbeat")]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Reads of the outbox."""

    def due(self, now: datetime) -> DeliveryQuerySet:
        """Waiting, and whose time has come."""
        return self.filter(state=DeliveryState.QUEUED, not_before_at__lte=now)

    def stuck_since(self, moment: datetime) -> DeliveryQuerySet:
        """Begun before `moment` and never ended: nobody knows whether it arrived."""
        return self.filter(state=DeliveryState.SENDING, started_at__lt=moment)

    def stale(self, now: datetime) -> DeliveryQuerySet:
        """Codes, links and notices that did not get away while their text held."""
        return self.alone().filter(state=DeliveryState.QUEUED, wipe_at__lte=now)

    def to_wipe(self, now: datetime) -> DeliveryQuerySet:
        """At rest, with a text whose time is over."""
        return self.filter(wipe_at__lte=now).exclude(body="").exclude(state__in=_MOVING)

    def in_mailbox(self, *, after: datetime) -> DeliveryQuerySet:
        """What the demo “sent” after a moment, newest first."""
        return self.filter(created_at__gt=after, state=DeliveryState.SENT).order_by("-created_at", "-id")

    def alone(self) -> DeliveryQuerySet:
        """Codes, notices, answers: what belongs to no message, and carries its own text."""
        return self.filter(message__isnull=True)


class Delivery(models.Model):
    """One message to one address. The key is unique: the same thing can be asked for twice and goes out once.

    Those of a `Message` are made by `key_of` and written as they are sent, from its text; the others carry their text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=120, unique=True)
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="deliveries", db_index=False)
    # Which branch pays for it: the message's own, or that of whoever answered from the inbox.
    branch = models.ForeignKey(Branch, models.SET_NULL, null=True, related_name="+", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    # An email address in lower case, or a number in E.164.
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=250, blank=True)
    body = models.TextField(blank=True)
    body_html = models.TextField(blank=True)
    # Whose name it goes out under; empty: the house's own.
    sender_name = models.CharField(max_length=80, blank=True)
    reply_to = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=12, choices=DeliveryState.choices, default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    # An SMS: of how many parts, and what it costs in all.
    parts = models.PositiveSmallIntegerField(default=0)
    price_ore = models.PositiveIntegerField(default=0)
    # What the gateway or the provider calls it: its reports come under that name.
    provider_id = models.CharField(max_length=120, blank=True)
    # The run that has leased it; it stays queued until its own turn.
    run = models.ForeignKey(SendingRun, models.SET_NULL, null=True, related_name="deliveries")
    created_at = models.DateTimeField()
    not_before_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    # The receiving end says that it has arrived; or that it has come back.
    delivered_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    # When the body is emptied; codes at once, others after their time.
    wipe_at = models.DateTimeField()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["not_before_at"], name="delivery_open", condition=Q(state__in=["queued", "sending"])),
            # Codes and notices: looked for each second while a long queue goes out.
            models.Index(fields=["state", "not_before_at"], name="delivery_alone", condition=Q(message__isnull=True)),
            models.Index(fields=["created_at"], name="delivery_created"),
            models.Index(fields=["wipe_at"], name="delivery_wipe", condition=~Q(body="")),
            models.Index(fields=["message", "state"], name="delivery_message", condition=Q(message__isnull=False)),
            models.Index(fields=["provider_id"], name="delivery_provider", condition=~Q(provider_id="")),
            # The latest to an address: what an answer is an answer to.
            models.Index(fields=["address", "created_at"], name="delivery_address"),
            # What a branch has spent in a month.
            models.Index(fields=["branch", "created_at"], name="delivery_spent", condition=Q(price_ore__gt=0)),
            models.Index(
                fields=["message", "bounced_at"], name="delivery_bounced", condition=Q(bounced_at__isnull=False)
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(address=""), name="delivery_has_address")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"


class RecipientQuerySet(models.QuerySet["Recipient"]):
    """Reads of who a message is for."""

    def by_letter(self) -> RecipientQuerySet:
        """Those who are to have it on paper."""
        return self.filter(channel=Channel.LETTER)


class Recipient(models.Model):
    """One person whom a message is for, as it was when it was sent: by which delivery, or why not.

    Several share a delivery where they share an address and the text has nothing personal in it.
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="recipients", db_index=False)
    member = models.ForeignKey(
        "membership.Member", models.CASCADE, null=True, related_name="received_messages", db_index=False
    )
    # An officer who is written to as such.
    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="+", db_index=False)
    # Empty where they were left out.
    channel = models.CharField(max_length=8, choices=Channel.choices, blank=True)
    left_out = models.CharField(max_length=12, blank=True)
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="recipients")
    # A letter that an officer has put in the post.
    posted_at = models.DateTimeField(null=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["message", "left_out", "channel"], name="recipient_message"),
            models.Index(fields=["member"], name="recipient_member"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Whatever the channel: nobody gets the same message twice.
            models.UniqueConstraint(
                fields=["message", "member"], condition=Q(member__isnull=False), name="recipient_member_once"
            ),
            models.UniqueConstraint(
                fields=["message", "user"], condition=Q(user__isnull=False), name="recipient_user_once"
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False) ^ Q(user__isnull=False), name="recipient_is_one_person"
            ),
            models.CheckConstraint(condition=Q(left_out="") ^ Q(channel=""), name="recipient_reached_or_left_out"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.channel or self.left_out}"
