"""Who has left and waits to be erased, and the links by which members come to us."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from accounts.models import User
from membership.models import Branch, Member
from messaging.enums import Channel
from privacy.enums import LeaveWay, LinkKind
from privacy.models.keeping import Hold

# A link whose holder has guessed wrong so often is worth nothing any more.
MOST_TRIES: Final = 5


class DepartureQuerySet(models.QuerySet["Departure"]):
    """Reads of departures."""

    def standing(self) -> DepartureQuerySet:
        """Those that have not turned out to be a mistake."""
        return self.filter(returned_at__isnull=True)

    def of(self, branch: Branch) -> DepartureQuerySet:
        """Members of a branch and the branches under it."""
        return self.filter(**branch.scope_of("member__"))

    def due(self, today: date) -> DepartureQuerySet:
        """Whose correction time is over, and whom nobody holds."""
        held = Hold.objects.in_force(today).filter(member=models.OuterRef("member"))
        return self.standing().filter(erase_on__lte=today).exclude(models.Exists(held))

    def newest_first(self) -> DepartureQuerySet:
        """The latest on top."""
        return self.order_by("-recorded_at", "-id")


class Departure(models.Model):
    """That a member has left: how, when, and the day the record is erased. It goes with the member."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="departures")
    way = models.CharField(max_length=12, choices=LeaveWay.choices)
    # The day they left: of the letter, of the death.
    left_on = models.DateField()
    recorded_at = models.DateTimeField()
    # Empty where the member did it.
    recorded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # The member's own words, where an officer wrote them down.
    text = models.TextField(blank=True)
    status_before = models.CharField(max_length=12)
    erase_on = models.DateField()
    # Nobody to write to by email or SMS: a receipt is to be printed and posted.
    receipt_by_letter = models.BooleanField(default=False)
    receipt_posted_at = models.DateTimeField(null=True)
    # It was a mistake, or not the member.
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = DepartureQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(returned_at__isnull=True), name="departure_one_standing"
            ),
            models.CheckConstraint(condition=Q(way__in=LeaveWay.values), name="departure_known_way"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["erase_on", "id"], name="departure_erase_on", condition=Q(returned_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.way}"


class AccessLink(models.Model):
    """A link sent to an address on record. The token itself is kept nowhere: `digest` is what is left of it here.

    It opens one thing, once, for whoever also knows something the message does not say. It is worth nothing when the
    address is no longer the member's.
    """

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8, choices=LinkKind.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    # As `messaging.contact.address_of` has it.
    address = models.CharField(max_length=254)
    # Empty for a link to one's own page: it may be anyone of those who share the address.
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+")
    departure = models.ForeignKey(Departure, models.CASCADE, null=True, related_name="+")
    # The dues year a wish to stay is about.
    year = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="access_link_known_kind"),
            models.CheckConstraint(
                condition=Q(kind=LinkKind.MY_PAGE) | Q(member__isnull=False), name="access_link_names_its_member"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["expires_at"], name="access_link_expires"),
            models.Index(fields=["address", "created_at"], name="access_link_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def is_open(self, now: datetime) -> bool:
        """Neither spent, nor too old, nor guessed at too often."""
        return self.spent_at is None and self.expires_at > now and self.tries < MOST_TRIES
