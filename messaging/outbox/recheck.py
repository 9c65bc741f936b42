"""Asked again at the moment of sending, of a handful at a time: is it still to go, to whom of them, and where to?"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import DatabaseError, transaction

from common.clock import machine_time
from membership.models import Branch
from messaging.audience import still_asked
from messaging.audience.plan import address_of_user
from messaging.contact import address_of, blocks_of, may_contact
from messaging.enums import BlockReason, Channel, DeliveryState, MessageState, Purpose, Reason
from messaging.models import Delivery, InboxMessage, Message, MessagingSettings, Recipient, settings_of
from messaging.outbox.keys import AUTOMATIC
from messaging.outbox.leasing import let_go
from messaging.outbox.moving import move, owner_of
from messaging.outbox.rendering import Renderer, outgoing_alone, renderer_of
from messaging.quiet import next_allowed
from messaging.rerouting import detour_for
from messaging.transports.base import Outgoing

log = logging.getLogger(__name__)

_ENDED: Final = {MessageState.STOPPED: Reason.STOPPED_BY_HAND, MessageState.EXPIRED: Reason.EXPIRED}
_NOT_YET: Final = frozenset({MessageState.DRAFT, MessageState.APPROVAL})
_SAID_NO: Final = {BlockReason.STOPP.value, BlockReason.COMPLAINT.value}
# About the telephone, not about the message: there may be another way.
_ANOTHER_WAY: Final = (Reason.STOPPED, Reason.NO_CHANNEL, Reason.WRONG, Reason.NO_ADDRESS, Reason.PROTECTED)
_ASKED_AGAIN: Final = timedelta(minutes=1)
# An answer to somebody who wrote just now goes at once, whatever the hour: they are awake, and waiting for it.
_TALKING: Final = timedelta(minutes=30)
_NO_ROW: Final = UUID(int=0)

Ready = tuple[Delivery, Outgoing]


@dataclass
class Fallen:
    """Who gets nothing after all, and which deliveries nobody is left of."""

    recipients: dict[Reason, list[int]] = field(default_factory=lambda: defaultdict(list))
    unlinked: list[int] = field(default_factory=list)
    deliveries: dict[Reason, list[UUID]] = field(default_factory=lambda: defaultdict(list))


class Recheck:
    """One for each run; `ready` may be asked any number of times."""

    def __init__(self, run: UUID, channel: str) -> None:
        self.run = run
        self.channel = channel
        self._known: dict[UUID, Renderer] = {}
        self._branches: dict[int, Branch] = {}

    def ready(self, deliveries: Sequence[Delivery], *, now: datetime, today: date) -> list[Ready]:
        """Those of them that may go now, as they leave. The others are put off or cancelled here, and it is committed.

        `now` is the true time; `today` the day on which people are asked for.
        """
        by_message: dict[UUID | None, list[Delivery]] = defaultdict(list)
        for delivery in deliveries:
            by_message[delivery.message_id].append(delivery)
        ready = list(self._alone(by_message.pop(None, []), now))
        states = {
            row["pk"]: row
            for row in Message.objects.filter(pk__in=[pk for pk in by_message if pk]).values(
                "pk", "state", "expires_at"
            )
        }
        for pk, rows in by_message.items():
            if pk in states and self._may_go(rows, states[pk]["state"], states[pk]["expires_at"], now):
                ready += self._of_message(self._knows(pk), rows, today)
        return ready

    # --- Codes, notices, answers ------------------------------------------------------------------------------------

    def _alone(self, rows: list[Delivery], now: datetime) -> Iterator[Ready]:
        blocks: dict[tuple[str, str], set[str]] = {}
        if any(row.channel == Channel.SMS for row in rows):
            blocks = blocks_of((row.channel, row.address) for row in rows if row.channel == Channel.SMS)
        for row in rows:
            if row.purpose == Purpose.SIGN_IN and row.wipe_at <= now:
                self._cancel([row.pk], "too late")
            elif why := _blocked(row, blocks.get((row.channel, row.address), set())):
                self._cancel([row.pk], why)
            elif not self._is_put_off([row], now, self._hours_of(row), None):
                yield from self._written(row, outgoing_alone, row)

    def _hours_of(self, row: Delivery) -> MessagingSettings | None:
        """None where the hour does not matter."""
        if row.channel != Channel.SMS or row.purpose in {Purpose.SIGN_IN, Purpose.TEST}:
            return None
        since = row.created_at - _TALKING
        wrote = InboxMessage.objects.filter(channel=row.channel, address=row.address, received_at__gte=since)
        if row.purpose == Purpose.REPLY and wrote.exists():
            return None
        return settings_of(row.branch) if row.branch else MessagingSettings()

    # --- Messages to many -------------------------------------------------------------------------------------------

    def _may_go(self, rows: list[Delivery], state: str, expires_at: datetime | None, now: datetime) -> bool:
        """Whether the message is on its way, and the hour is right; if not, its rows are taken care of."""
        why = Reason.EXPIRED if expires_at and expires_at <= now else _ENDED.get(MessageState(state))
        if why:
            self._drop_all(rows, why)
            return False
        if state in _NOT_YET:
            let_go(self.run, [row.pk for row in rows], not_before_at=now + _ASKED_AGAIN)
            return False
        message_id = rows[0].message_id
        assert message_id is not None  # noqa: S101 - those without one are alone
        hours = self._knows(message_id).settings if self.channel == Channel.SMS else None
        return not self._is_put_off(rows, now, hours, expires_at)

    def _is_put_off(
        self, rows: list[Delivery], now: datetime, hours: MessagingSettings | None, expires_at: datetime | None
    ) -> bool:
        """Whether the hour is wrong for an SMS; then they go at the first right one, or not at all."""
        then = next_allowed(now, rows[0].purpose, hours) if hours else now
        if then <= now:
            return False
        if expires_at and then >= expires_at:
            self._drop_all(rows, Reason.EXPIRED)
        else:
            let_go(self.run, [row.pk for row in rows], not_before_at=then)
        return True

    def _drop_all(self, rows: list[Delivery], why: Reason) -> None:
        ids = [row.pk for row in rows]
        people = Recipient.objects.filter(delivery__in=ids, left_out="").values_list("pk", flat=True)
        self._write(Fallen({why: list(people)}, deliveries={why: ids}))

    def _cancel(self, ids: list[UUID], why: str) -> None:
        let_go(self.run, ids, state=DeliveryState.CANCELLED, problem=why)

    def _of_message(self, known: Renderer, rows: list[Delivery], today: date) -> Iterator[Ready]:
        recipients = self._recipients(rows)
        reasons = self._reasons(known.composer.message, [one for some in recipients.values() for one in some], today)
        fallen, going = Fallen(), []
        for row in rows:
            left = self._left(row, recipients.get(row.pk, []), reasons, fallen, known)
            if left:
                going.append((row, left))
        self._write_out(known, fallen, today)
        members = [one.member for _row, left in going for one in left if one.member is not None]
        if members:
            known.composer.load(members)
        return self._rendered(known, going)

    def _recipients(self, rows: Iterable[Delivery]) -> dict[UUID, list[Recipient]]:
        """Whom each is for, read anew with their members; whoever has fallen out before is not among them."""
        found: dict[UUID, list[Recipient]] = defaultdict(list)
        ids = [row.pk for row in rows]
        query = Recipient.objects.filter(delivery__in=ids, left_out="").select_related("member", "user").order_by("pk")
        for recipient in query:
            found[recipient.delivery_id or _NO_ROW].append(recipient)
        members = [one.member for some in found.values() for one in some if one.member is not None]
        if unknown := {member.branch_id for member in members} - self._branches.keys():
            self._branches |= Branch.objects.in_bulk(unknown)
        for member in members:
            member.branch = self._branches[member.branch_id]
        return found

    def _reasons(self, message: Message, recipients: Sequence[Recipient], today: date) -> dict[int, Reason]:
        """By recipient: why not; empty where we may."""
        members = [one.member for one in recipients if one.member is not None]
        asked = still_asked(message, [member.pk for member in members], today) if members else set()
        blocks = blocks_of((self.channel, self._address(one)) for one in recipients)
        reasons = {}
        for one in recipients:
            if one.member is not None:
                why = may_contact(one.member, self.channel, message.purpose, on=today, blocks=blocks)
                reasons[one.pk] = why or (Reason.NONE if one.member_id in asked else Reason.NOT_IN_AUDIENCE)
            else:
                reasons[one.pk] = self._reason_of_officer(one, blocks)
        return reasons

    def _reason_of_officer(self, one: Recipient, blocks: dict[tuple[str, str], set[str]]) -> Reason:
        address = self._address(one)
        if one.user is None or not one.user.is_active:
            return Reason.LEFT
        if not address:
            return Reason.NO_ADDRESS
        why = blocks.get((self.channel, address), set())
        return Reason.STOPPED if why & _SAID_NO else Reason.WRONG if why else Reason.NONE

    def _address(self, one: Recipient) -> str:
        if one.member is not None:
            return address_of(one.member, self.channel)
        return address_of_user(one.user, self.channel) if one.user else ""

    def _left(
        self, row: Delivery, some: list[Recipient], reasons: dict[int, Reason], fallen: Fallen, known: Renderer
    ) -> list[Recipient]:
        """Those of a delivery that it goes to, by the address they have now."""
        here = []
        for one in some:
            if not reasons[one.pk] and self._address(one) != row.address:
                # It was corrected after the message was queued.
                owner = owner_of(one, known.composer)
                if not move(row, one, self._address(one), alone=len(some) == 1, owner=owner, run=self.run):
                    reasons[one.pk] = Reason.SHARED
            if not reasons[one.pk] and one.delivery_id == row.pk:
                here.append(one)
        out = [one for one in some if reasons[one.pk]]
        for one in out:
            fallen.recipients[reasons[one.pk]].append(one.pk)
        if here:
            fallen.unlinked += [one.pk for one in out]
        else:
            # Nobody is out: all of them have a delivery of their own by now. Nobody at all: they have been erased.
            why = reasons[out[0].pk] if out else Reason.SHARED if some else Reason.LEFT
            fallen.deliveries[why].append(row.pk)
        return here

    def _write_out(self, known: Renderer, fallen: Fallen, today: date) -> None:
        """A notice that may not go by SMS goes by email or letter, in the same moment as the SMS is cancelled."""
        message = known.composer.message
        others = [pk for why in _ANOTHER_WAY for pk in fallen.recipients.get(why, [])]
        if not others or self.channel != Channel.SMS or message.purpose != Purpose.SERVICE:
            self._write(fallen)
            return
        with transaction.atomic():
            detour = detour_for(message.pk, now=machine_time(), on=today)
            self._write(fallen)
            if detour:
                detour.move(Recipient.objects.filter(pk__in=others))

    def _write(self, fallen: Fallen) -> None:
        if not fallen.recipients and not fallen.deliveries:
            return
        with transaction.atomic():
            for why, deliveries in fallen.deliveries.items():
                self._cancel(deliveries, why)
            for why, recipients in fallen.recipients.items():
                # Those that somebody holds are being left out by whoever stops the message.
                free = Recipient.objects.filter(pk__in=recipients).select_for_update(skip_locked=True)
                Recipient.objects.filter(pk__in=[one.pk for one in free.only("pk")]).update(left_out=why, channel="")
            Recipient.objects.filter(pk__in=fallen.unlinked).update(delivery=None)

    def _rendered(self, known: Renderer, going: list[tuple[Delivery, list[Recipient]]]) -> Iterator[Ready]:
        for row, left in going:
            yield from self._written(row, known.outgoing, row, left)

    def _written(self, row: Delivery, write: Callable[..., Outgoing], *arguments: object) -> Iterator[Ready]:
        try:
            outgoing = write(*arguments)
        except DatabaseError:
            raise
        except Exception:
            # A fault of ours in one letter; the others go.
            log.exception("Delivery %s could not be written", row.pk)
            let_go(self.run, [row.pk], state=DeliveryState.FAILED, problem="not written")
        else:
            yield row, outgoing

    def _knows(self, message_id: UUID) -> Renderer:
        if message_id not in self._known:
            message = Message.objects.select_related("branch", "queued_by", "approved_by").get(pk=message_id)
            self._known[message_id] = renderer_of(message)
        return self._known[message_id]


def _blocked(row: Delivery, reasons: set[str]) -> Reason:
    """Why an SMS to one person does not go: a STOPP holds for all but a code asked for just now, and its own answer."""
    if row.purpose == Purpose.SIGN_IN:
        return Reason.NONE
    if BlockReason.WRONG in reasons:
        return Reason.WRONG
    is_ours = row.key.startswith(AUTOMATIC)
    return Reason.STOPPED if BlockReason.STOPP in reasons and not is_ours else Reason.NONE
