"""Addresses and numbers that nothing is sent to, and what comes in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from membership.models import Branch, Member
from messaging.enums import BlockReason, Channel, InboxState
from messaging.models.delivery import Delivery


class BlockQuerySet(models.QuerySet["BlockedAddress"]):
    """Reads of what is blocked."""

    def in_force(self) -> BlockQuerySet:
        """Those that stop something: soft bounces are counted for a while first."""
        return self.filter(blocked_at__isnull=False)


class BlockedAddress(models.Model):
    """An email address or a number that nothing goes to any more, whoever has it and in whatever county."""

    channel = models.CharField(max_length=8, choices=Channel.choices)
    # In lower case, or E.164.
    address = models.CharField(max_length=254)
    reason = models.CharField(max_length=12, choices=BlockReason.choices)
    # How many soft bounces; from the third it is blocked.
    strikes = models.PositiveSmallIntegerField(default=0)
    noted_at = models.DateTimeField()
    blocked_at = models.DateTimeField(null=True)
    # The day it was first seen that no member has it; a year later it goes.
    unowned_on = models.DateField(null=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "address", "reason"], name="blocked_address_once")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.reason}"


class InboxQuerySet(models.QuerySet["InboxMessage"]):
    """Reads of the inbox."""

    def of(self, branch: Branch) -> InboxQuerySet:
        """What came to a branch, and to those under it."""
        return self.filter(**branch.scope_of())

    def open(self) -> InboxQuerySet:
        """What waits for an answer."""
        return self.filter(state=InboxState.OPEN)

    def newest_first(self) -> InboxQuerySet:
        """The latest on top."""
        return self.order_by("-received_at", "-id")


class InboxMessage(models.Model):
    """An SMS or an email that came in. One that two members may have sent is nobody's until an officer has asked."""

    branch = models.ForeignKey(Branch, models.PROTECT, related_name="inbox", db_index=False)
    municipal = models.ForeignKey(Branch, models.PROTECT, null=True, related_name="+", db_index=False)
    county = models.ForeignKey(Branch, models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    # What the gateway or the mail calls it: the same one twice is one row.
    external_id = models.CharField(max_length=200)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=InboxState.choices, default=InboxState.OPEN)
    # The one who sent it, where it can be only one; else those who may have.
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="inbox_messages")
    candidates = models.ManyToManyField(Member, blank=True, related_name="+")
    answers_to = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="answers")
    received_at = models.DateTimeField()
    handled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)
    forwarded_from = models.ForeignKey(Branch, models.SET_NULL, null=True, related_name="+")

    objects = InboxQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["branch", "state", "received_at"], name="inbox_branch"),
            models.Index(fields=["municipal", "state", "received_at"], name="inbox_municipal"),
            models.Index(fields=["county", "state", "received_at"], name="inbox_county"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="inbox_once"),
            models.CheckConstraint(condition=~Q(external_id=""), name="inbox_has_external_id"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"


class InboxReply(models.Model):
    """What was answered, by whom."""

    inbox_message = models.ForeignKey(InboxMessage, models.CASCADE, related_name="replies")
    text = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="+")
    # Made new with each form that is shown: a form sent twice is one answer.
    form_token = models.UUIDField(null=True, unique=True)

    def __str__(self) -> str:
        return str(self.inbox_message_id)
