"""What has been written to the demo's members and by them: newsletters, an invitation, a draft, what waits, the inbox.

Made as rows, with no outbox asked: nothing of it was ever sent. A few thousand recipients at most.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from django.db.models import Count

from accounts.models import User
from demo import texts
from membership.models import Branch, Member
from membership.roles import Role
from messaging.actions.blocks import block
from messaging.actions.messages_ends import finished
from messaging.audience import users_of
from messaging.audience.plan import with_outcome
from messaging.enums import BlockReason, Channel, DeliveryState, InboxState, MessageState, Purpose, Way
from messaging.expanding import WAITING
from messaging.models import (
    Delivery,
    InboxMessage,
    InboxReply,
    Message,
    MessageTemplate,
    MessageText,
    MessagingSettings,
    Recipient,
)

# No message has more recipients than this.
_MOST: Final = 2_500
_PRICE: Final = 39
_EVERYBODY: Final = {"kind": "members", "params": {}}
_KEPT: Final = timedelta(days=3 * 365)
# What became of some of the copies: the position among them, and how it ended.
_ENDS: Final = {
    3: (DeliveryState.UNKNOWN, "silence"),
    6: (DeliveryState.BOUNCED, "550 5.1.1"),
    9: (DeliveryState.FAILED, "ConnectionError"),
    12: (DeliveryState.BOUNCED, "550 5.1.1"),
}


@dataclass(slots=True)
class Desk:
    """Makes messages, each with a number of its own that is the same every time."""

    today: date
    seed: int
    _rng: Random = field(init=False)

    def __post_init__(self) -> None:
        self._rng = Random(f"{self.seed} messages")

    def new_id(self) -> UUID:
        """The next one."""
        return UUID(int=self._rng.getrandbits(128), version=4)

    def at(self, days_ago: int, hour: int = 17, minute: int = 0) -> datetime:
        """A time of day so many days ago, in UTC."""
        return datetime.combine(self.today - timedelta(days=days_ago), time(hour, minute), UTC)

    def write(self, branch: Branch, by: User, at: datetime, *, text: Mapping[str, str], **fields: Any) -> Message:
        """A message with one text."""
        values: dict[str, Any] = {
            "audience": _EVERYBODY,
            "audience_label": f"Alle medlemmer i {branch.name}",
            "created_by": by,
            "created_at": at - timedelta(hours=1),
            "changed_by": by,
            "changed_at": at,
        }
        message = Message.objects.create(
            id=self.new_id(),
            branch=branch,
            municipal_id=branch.municipal_id,
            county_id=branch.root_id,
            **(values | fields),
        )
        MessageText.objects.create(message=message, **text)
        return message

    def send(self, branch: Branch, by: User, days_ago: int, *, text: Mapping[str, str], **fields: Any) -> Message:
        """One that is on its way: to be filled with those who get it, and finished."""
        at = self.at(days_ago)
        sent = {"state": MessageState.SENDING, "queued_by": by, "queued_at": at, "expanded_at": at, "started_at": at}
        return self.write(branch, by, at, text=text, **(sent | fields))

    def finish(self, message: Message) -> Message:
        """All of it is out: counted as it would have been."""
        began = message.started_at or message.changed_at
        ended = {"state": MessageState.DONE, "finished_at": began + timedelta(minutes=2)}
        counted = finished(message)
        confirmed = message.recipients.exclude(channel="").count()
        Message.objects.filter(pk=message.pk).update(**ended, **counted, confirmed=confirmed)
        return message

    def to_members(self, message: Message, ends: Mapping[int, tuple[DeliveryState, str]] | None = None) -> None:
        """Whoever the branch's members are, each by the channel that reaches them, or left out and why."""
        today = message.created_at.date()
        members = message.branch.members.current().filter(joined_on__lte=today)
        some = Member.objects.filter(pk__in=list(members.order_by("pk").values_list("pk", flat=True)[:_MOST]))
        people = with_outcome(some, way=message.way, with_letters=False, purpose=message.purpose, on=today)
        rows = list(people.order_by("pk").values_list("pk", "goes_by", "goes_to", "left_why"))
        copies: dict[str, Delivery] = {}
        for _pk, channel, address, _why in rows:
            if channel and address and address not in copies:
                copies[address] = self._copy(message, channel, address, (ends or {}).get(len(copies)))
        Delivery.objects.bulk_create(copies.values())
        Recipient.objects.bulk_create(
            Recipient(
                message=message,
                member_id=pk,
                channel=channel,
                left_out="" if channel else why,
                delivery=copies[address] if channel else None,
            )
            for pk, channel, address, why in rows
        )

    def to_users(self, message: Message, users: Sequence[User]) -> None:
        """Each by email."""
        for user in users:
            copy = self._copy(message, Channel.EMAIL, user.email or "", None)
            copy.save(force_insert=True)
            Recipient.objects.create(message=message, user=user, channel=Channel.EMAIL, delivery=copy)

    def _copy(self, message: Message, channel: str, address: str, end: tuple[DeliveryState, str] | None) -> Delivery:
        at = message.started_at
        state, problem = end or ((DeliveryState.SENT, "") if at else (DeliveryState.QUEUED, ""))
        parts = 1 if channel == Channel.SMS else 0
        arrived = state == DeliveryState.SENT
        created_at = message.queued_at or message.changed_at
        pk = self.new_id()
        return Delivery(
            id=pk,
            key=f"demo:{pk}",
            message=message,
            branch=message.branch,
            channel=channel,
            purpose=message.purpose,
            address=address,
            state=state,
            problem=problem,
            attempts=1 if at else 0,
            parts=parts,
            price_ore=parts * message.sms_price_ore,
            created_at=created_at,
            not_before_at=at or WAITING,
            started_at=at,
            sent_at=at + timedelta(seconds=40) if at and state in (DeliveryState.SENT, DeliveryState.BOUNCED) else None,
            delivered_at=at + timedelta(seconds=50) if at and arrived and channel == Channel.SMS else None,
            bounced_at=at + timedelta(minutes=1) if at and state == DeliveryState.BOUNCED else None,
            wipe_at=created_at + _KEPT,
        )


def correspond(branches: Sequence[Branch], users: Mapping[str, User], *, today: date, seed: int) -> None:
    """Let the county, Kåfjord and Tromsø have written to their members, and members to Kåfjord."""
    desk = Desk(today, seed)
    by_place = {branch.place: branch for branch in branches}
    county, kafjord, tromso = branches[0], by_place["Kåfjord"], by_place["Tromsø"]
    secretary, aile = users["fylkessekretaer"], users["medlemsansvarlig.kafjord"]
    MessagingSettings.objects.create(branch=kafjord, sms_sender="Kafjord Ap", sms_budget_ore=20_000)
    _stop_one(kafjord, desk)
    autumn = {"subject": "Høsten i Kåfjord", "body": texts.SUMMER}
    _newsletter(desk, kafjord, aile, 63, autumn)
    _newsletter(desk, tromso, users["medlemsansvarlig.tromso"], 33, autumn | {"subject": "Høsten i Tromsø"})
    _newsletter(desk, county, secretary, 19, {"subject": "Nytt fra fylkespartiet", "body": texts.FROM_THE_COUNTY})
    _to_officers(desk, county, secretary)
    invitation = _invitation(desk, kafjord, aile)
    _day_before(desk, kafjord, aile)
    draft = {"subject": "Før jul", "body": texts.BEFORE_CHRISTMAS}
    desk.write(kafjord, aile, desk.at(1, 20), text=draft)
    MessageTemplate.objects.create(
        branch=kafjord, name="Svar om møtet", kind="reply", body=texts.ANSWER, created_by=aile, changed_at=desk.at(20)
    )
    _inbox(desk, kafjord, aile, invitation)


def _newsletter(desk: Desk, branch: Branch, by: User, days_ago: int, text: Mapping[str, str]) -> None:
    message = desk.send(branch, by, days_ago, text=text)
    desk.to_members(message)
    desk.finish(message)


def _to_officers(desk: Desk, county: Branch, by: User) -> None:
    audience = {"kind": "officers", "roles": [Role.MEMBERSHIP_OFFICER.value]}
    label = "Medlemsansvarlige"
    text = {"subject": "Tallene til årsmøtet", "body": texts.TO_THE_OFFICERS}
    message = desk.send(county, by, 9, text=text, purpose=Purpose.SERVICE, audience=audience, audience_label=label)
    desk.to_users(message, users_of(county, audience, desk.today))
    desk.finish(message)


def _invitation(desk: Desk, branch: Branch, by: User) -> Message:
    """With some that came back, one that failed, and one of whom nobody knows."""
    text = {"subject": "Medlemsmøte 26. november", "body": texts.INVITATION}
    message = desk.send(branch, by, 6, text=text, purpose=Purpose.MEETINGS)
    desk.to_members(message, _ENDS)
    desk.finish(message)
    returned = message.deliveries.filter(state=DeliveryState.BOUNCED).order_by("pk")
    for address in returned.values_list("address", flat=True):
        block(Channel.EMAIL, address, BlockReason.HARD, now=desk.at(6, 17, 1))
    return message


def _day_before(desk: Desk, branch: Branch, by: User) -> None:
    """An SMS that waits for the day before the annual meeting: so far ahead that the true clock is not there yet."""
    queued_at = desk.at(2, 19)
    send_at = desk.at(-96, 16)
    message = desk.write(
        branch,
        by,
        queued_at,
        text={"sms": texts.THE_DAY_BEFORE},
        purpose=Purpose.MEETINGS,
        way=Way.SMS,
        state=MessageState.QUEUED,
        send_at=send_at,
        due_at=send_at,
        expires_at=send_at + timedelta(hours=20),
        queued_by=by,
        queued_at=queued_at,
        expanded_at=queued_at,
        sms_price_ore=_PRICE,
    )
    desk.to_members(message)
    reached = message.recipients.exclude(channel="").count()
    cost = message.deliveries.count() * _PRICE
    Message.objects.filter(pk=message.pk).update(reached=reached, confirmed=reached, cost_ore=cost)


# --- What came in ----------------------------------------------------------------------------------------------------


def _some(branch: Branch, first: int, count: int, **having: Any) -> list[Member]:
    found = branch.members.current().filter(address_protection="", **having).order_by("pk")
    return list(found[first : first + count])


def _stop_one(branch: Branch, desk: Desk) -> None:
    """Somebody has answered STOPP, and it is kept in the inbox as handled."""
    for member in _some(branch, 15, 1, mobile_ok=True):
        at = desk.at(40, 18)
        block(Channel.SMS, member.mobile, BlockReason.STOPP, now=at)
        _receive(desk, branch, at, member=member, text="STOPP", address=member.mobile, state=InboxState.AUTOMATIC)


def _receive(desk: Desk, branch: Branch, at: datetime, **fields: Any) -> InboxMessage:
    values: dict[str, Any] = {"channel": Channel.SMS, "external_id": f"demo:{desk.new_id()}", "received_at": at}
    return InboxMessage.objects.create(
        branch=branch, municipal_id=branch.municipal_id, county_id=branch.root_id, **(values | fields)
    )


def _inbox(desk: Desk, branch: Branch, officer: User, invitation: Message) -> None:
    for member in _some(branch, 17, 1, mobile_ok=True):
        _receive(desk, branch, desk.at(1, 16, 12), member=member, address=member.mobile, text=texts.RIDE)
    _coming(desk, branch, invitation)
    _shared(desk, branch)
    for member in _some(branch, 19, 1, mobile_ok=True):
        asked = _receive(
            desk,
            branch,
            desk.at(5, 15),
            member=member,
            address=member.mobile,
            text=texts.WHEN,
            state=InboxState.ANSWERED,
            handled_by=officer,
            handled_at=desk.at(5, 17),
        )
        InboxReply.objects.create(inbox_message=asked, text=texts.ANSWER, by=officer, at=desk.at(5, 17))


def _coming(desk: Desk, branch: Branch, invitation: Message) -> None:
    """An answer by email to the invitation."""
    got_it = invitation.recipients.filter(delivery__state=DeliveryState.SENT, member__isnull=False)
    recipient = got_it.select_related("member", "delivery").order_by("member_id")[4:5].first()
    if recipient is None or recipient.member is None or recipient.delivery is None:
        return
    _receive(
        desk,
        branch,
        desk.at(4, 19, 40),
        channel=Channel.EMAIL,
        member=recipient.member,
        address=recipient.delivery.address,
        subject="Sv: Medlemsmøte 26. november",
        text=f"{texts.COMING}\n{recipient.member.first_name}",
        answers_to=recipient.delivery,
    )


def _shared(desk: Desk, branch: Branch) -> None:
    """From an address that two members have: nobody knows which of them wrote."""
    members = branch.members.current().filter(address_protection="")
    found = members.exclude(email="").values("email").annotate(n=Count("pk")).filter(n=2).order_by("email").first()
    if found is None:
        return
    asked = _receive(
        desk,
        branch,
        desk.at(2, 18, 5),
        channel=Channel.EMAIL,
        address=found["email"],
        text=texts.BOTH,
        subject="Torsdag",
    )
    asked.candidates.add(*members.filter(email=found["email"]).order_by("pk"))
