"""Who gets a printed letter, asked again when it is printed: somebody may have left or been shielded meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from membership.models import Branch, Member
from membership.models.member import GONE
from messaging.contact import may_contact
from messaging.enums import Channel, Reason
from messaging.models import Message, Recipient, RecipientQuerySet


@dataclass(frozen=True, slots=True)
class Letter:
    """One envelope: those it is for, at one address."""

    people: tuple[Member, ...]

    @property
    def address(self) -> list[str]:
        """As it stands on an envelope."""
        first = self.people[0]
        rows = [*(member.full_name for member in self.people), first.care_of and f"c/o {first.care_of}"]
        return [row for row in (*rows, first.street, f"{first.postal_code} {first.city}".strip()) if row]


def recipients_of(message: Message) -> RecipientQuerySet:
    """Everyone who was to have a letter."""
    return message.recipients.by_letter().select_related("member__branch").order_by("member__sort_key", "id")


def shown_of(message: Message) -> RecipientQuerySet:
    """Those who are named on the page: not who has been shielded or has left since; printing leaves them out."""
    return recipients_of(message).filter(member__address_protection="").exclude(member__status__in=GONE)


def not_posted(message: Message) -> RecipientQuerySet:
    """Those whose letter nobody has put in the post."""
    return recipients_of(message).filter(posted_at__isnull=True)


def sorted_out(recipients: Sequence[Recipient], purpose: str, *, on: date) -> tuple[list[Member], dict[int, Reason]]:
    """Those who may still have a letter, and why the others may not: recipient's id → reason."""
    fine: list[Member] = []
    fallen: dict[int, Reason] = {}
    for recipient in recipients:
        if recipient.member is None:
            continue
        if reason := may_contact(recipient.member, Channel.LETTER, purpose, on=on, blocks={}):
            fallen[recipient.pk] = reason
        else:
            fine.append(recipient.member)
    return fine, fallen


def in_envelopes(members: Sequence[Member], *, is_personal: bool) -> list[Letter]:
    """One to each household, with all its names, in the order of the first; one to each where it is personal."""
    if is_personal:
        return [Letter((member,)) for member in members]
    homes: dict[object, list[Member]] = {}
    for member in members:
        homes.setdefault(_home(member), []).append(member)
    return [Letter(tuple(people)) for people in homes.values()]


def _home(member: Member) -> object:
    """Where a letter would lie in the same letter box: the household, at the same written address."""
    if not member.household_key:
        return member.pk
    return member.household_key, member.branch_id, member.care_of, member.street.casefold(), member.postal_code


def day_of(message: Message, now: datetime) -> date:
    """The day that stands on the letter: when the message was sent, today for what has not been."""
    return (message.queued_at or now).date()


def message_with_letters(branch: Branch, pk: UUID) -> Message:
    """A message of the branch's own or of one under it, that has its recipients. Raises `Message.DoesNotExist`."""
    return Message.objects.of(branch).select_related("branch").get(pk=pk, expanded_at__isnull=False)
