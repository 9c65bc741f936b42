"""What an officer writes to many, and the texts that are kept for another time."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from membership.models import Branch
from messaging.enums import MessageState, Purpose, TemplateKind, Way


class MessageQuerySet(models.QuerySet["Message"]):
    """Reads of messages."""

    def of(self, branch: Branch) -> MessageQuerySet:
        """A branch's own, and those of the branches under it."""
        return self.filter(**branch.scope_of())

    def newest_first(self) -> MessageQuerySet:
        """The latest on top."""
        return self.order_by("-changed_at", "-id")


class Message(models.Model):
    """One message to many people. Its text stands in `MessageText`, one for each language it is written in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="messages", db_index=False)
    municipal = models.ForeignKey(Branch, models.PROTECT, null=True, related_name="+", db_index=False)
    county = models.ForeignKey(Branch, models.PROTECT, related_name="+", db_index=False)
    purpose = models.CharField(_("kind of message"), max_length=12, choices=Purpose.choices, default=Purpose.NEWSLETTER)
    way = models.CharField(_("how it is sent"), max_length=8, choices=Way.choices, default=Way.EMAIL)
    # A printed letter to those whom neither reaches.
    with_letters = models.BooleanField(default=False)
    # {"kind": …, …}, read by messaging.audience; and what it is called on pages.
    audience = models.JSONField(default=dict)
    audience_label = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=MessageState.choices, default=MessageState.DRAFT)
    # Why it came back to be a draft, or did not go.
    problem = models.CharField(max_length=200, blank=True)

    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    # Made new with each form that is shown: a form sent twice makes one draft.
    form_token = models.UUIDField(null=True, unique=True)

    # As the sender asked: when, and how late at most. Empty: now, and whenever.
    send_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # When it goes: after the minutes of regret, or when it was held for want of a second person.
    due_at = models.DateTimeField(null=True)
    is_held = models.BooleanField(default=False)
    queued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    queued_at = models.DateTimeField(null=True)
    # How many the sender saw that it would go to.
    confirmed = models.PositiveIntegerField(default=0)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    # From then on it has all its recipients.
    expanded_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    # How many people it went to, and what its SMS cost in all, at the price of the day.
    reached = models.PositiveIntegerField(default=0)
    cost_ore = models.PositiveIntegerField(default=0)
    sms_price_ore = models.PositiveIntegerField(default=0)
    # Counts by state and reason that stay when the rows are erased.
    totals = models.JSONField(default=dict)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["branch", "changed_at"], name="message_branch"),
            models.Index(fields=["municipal", "changed_at"], name="message_municipal"),
            models.Index(fields=["county", "changed_at"], name="message_county"),
            models.Index(
                fields=["due_at"], name="message_open", condition=Q(state__in=["approval", "queued", "sending"])
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(state__in=["queued", "sending", "done"]) | Q(queued_by__isnull=False),
                name="message_sent_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"

    @property
    def is_draft(self) -> bool:
        """Whether its text and its recipients may be changed."""
        return self.state == MessageState.DRAFT


class MessageText(models.Model):
    """A message in one language. The first one written, in bokmål as a rule, is for all who have no other."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="texts", db_index=False)
    language = models.CharField(max_length=8, default="nb")
    subject = models.CharField(_("subject"), max_length=150, blank=True)
    # Markdown, with placeholders from the list in messaging.writing.
    body = models.TextField(_("text"), blank=True)
    sms = models.TextField(_("SMS"), blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["message", "language"], name="message_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.language}"


class TemplateQuerySet(models.QuerySet["MessageTemplate"]):
    """Reads of saved texts."""

    def seen_from(self, branch: Branch) -> TemplateQuerySet:
        """A branch's own, and those of the branches above it."""
        return self.filter(branch_id__in=branch.ancestor_ids)


class MessageTemplate(models.Model):
    """A text kept for another time: a message, or an answer. Those of the county's are for all its branches."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="message_templates")
    kind = models.CharField(max_length=8, choices=TemplateKind.choices, default=TemplateKind.MESSAGE)
    name = models.CharField(_("name"), max_length=60)
    purpose = models.CharField(max_length=12, choices=Purpose.choices, blank=True)
    subject = models.CharField(_("subject"), max_length=150, blank=True)
    body = models.TextField(_("text"), blank=True)
    sms = models.TextField(_("SMS"), blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    objects = TemplateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["branch", "kind", "name"], name="message_template_once")
        ]

    def __str__(self) -> str:
        return self.name


class MessagingSettings(models.Model):
    """How a branch writes. Limits, hours and the price are the county's; a branch without a row has the defaults."""

    branch = models.OneToOneField(Branch, models.CASCADE, primary_key=True, related_name="messaging_settings")
    # The name an email comes from, and where answers go; empty: the branch's name, and the house's inbox.
    sender_name = models.CharField(_("sender"), max_length=80, blank=True)
    reply_to = models.EmailField(_("answers go to"), blank=True)
    # Shown on a locked phone: 3–11 letters, digits and spaces. Service texts come from a name that tells nothing.
    sms_sender = models.CharField(_("SMS sender"), max_length=11, blank=True)
    service_sms_sender = models.CharField(_("SMS sender of dues"), max_length=11, blank=True)
    # Øre in a calendar month; empty: no budget. Zero: no SMS at all.
    sms_budget_ore = models.PositiveIntegerField(_("SMS budget"), null=True, blank=True)
    # Who approves in place of a second person of the branch's own.
    substitute = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    # The county's from here on.
    sms_price_ore = models.PositiveIntegerField(_("price of one SMS"), default=39)
    # Over how many one types the number, has five minutes of regret, needs a second person.
    type_over = models.PositiveIntegerField(default=20)
    regret_over = models.PositiveIntegerField(default=200)
    approve_over = models.PositiveIntegerField(default=1000)
    # Whole hours in Norway, the last one not included; Sundays and public holidays only for meetings.
    weekday_from = models.PositiveSmallIntegerField(default=9)
    weekday_to = models.PositiveSmallIntegerField(default=21)
    saturday_from = models.PositiveSmallIntegerField(default=10)
    saturday_to = models.PositiveSmallIntegerField(default=18)
    holiday_from = models.PositiveSmallIntegerField(default=12)
    holiday_to = models.PositiveSmallIntegerField(default=20)

    def __str__(self) -> str:
        return str(self.branch_id)


def settings_of(branch: Branch) -> MessagingSettings:
    """A branch's settings, with the county's limits, hours and price: one query. Not to be saved."""
    rows = {row.branch_id: row for row in MessagingSettings.objects.filter(branch_id__in={branch.pk, branch.root_id})}
    own = rows.get(branch.pk) or MessagingSettings(branch=branch)
    county = rows.get(branch.root_id) or MessagingSettings(branch_id=branch.root_id)
    for name in COUNTY_FIELDS:
        setattr(own, name, getattr(county, name))
    return own


COUNTY_FIELDS: tuple[str, ...] = (
    "sms_price_ore",
    "type_over",
    "regret_over",
    "approve_over",
    *(f"{day}_{end}" for day in ("weekday", "saturday", "holiday") for end in ("from", "to")),
)
