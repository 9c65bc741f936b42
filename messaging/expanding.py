"""From a message that was sent to the rows of its recipients: who gets it, by which delivery, or why not.

A thousand people at a time, each chunk a transaction that first takes hold of the message's row: so a message that is
taken back or stopped meanwhile gets no more rows, and a worker that was killed leaves whole chunks, which the next one
passes by. Those who share an address come together. Nothing goes out until the last chunk is there and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Protocol
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import User
from common import clock
from common.policy import keep
from jobs import actions as jobs
from jobs.models import Job
from membership.models import Member
from membership.roles import Permission
from messaging.actions.messages_checks import EXPAND, names_branch, words_of
from messaging.actions.messages_ends import back_to_draft
from messaging.actions.messages_refusals import said_too_many
from messaging.actions.messages_settling import settle_one
from messaging.audience import NotAnAudience, is_officers, members_of, rights_behind, users_of
from messaging.audience.plan import outcomes_of_users, with_outcome
from messaging.budget import spending_of
from messaging.enums import Channel, MessageState
from messaging.extensions import registry
from messaging.models import Delivery, Message, Recipient
from messaging.outbox.keys import key_of
from messaging.writing.compose import Composer, Person
from messaging.writing.segments import count as count_sms

CHUNK: Final = 1_000
# Until the message begins: whatever else looks for what is due does not find it.
WAITING: Final = datetime(2999, 1, 1, tzinfo=UTC)
_COLUMNS: Final = ("pk", "first_name", "last_name", "member_number", "language", "branch_id", "branch__name")


class Progress(Protocol):
    """Says how far it has come, and at the beginning of how many."""

    def __call__(self, done: int, total: int | None = None, /) -> None: ...


class ComesToNothing(Exception):
    """It cannot go out as it is; the text tells its writer why."""


class NotWaiting(Exception):
    """It was taken back, stopped or has run out meanwhile: there is nothing left to do."""


@dataclass(frozen=True, slots=True)
class _Reached:
    """One person, and how: `channel` is empty where they are left out, `address` for a letter too."""

    person: Person
    channel: str
    address: str
    why: str


def _message_of(job: Job) -> Message | None:
    """As it was sent when the job was started; None where it was taken back since then."""
    found = Message.objects.filter(
        pk=UUID(job.params["message"]),
        state=MessageState.QUEUED,
        queued_at=datetime.fromisoformat(job.params["queued_at"]),
        expanded_at__isnull=True,
    )
    return found.select_related("branch", "queued_by", "approved_by").first()


def _give_up(job: Job) -> None:
    if message := _message_of(job):
        _give_back(message, _went_wrong())


def _went_wrong() -> str:
    return _("Something went wrong on our side, and nothing was sent. Send it again.")


def _give_back(message: Message, problem: str) -> None:
    with transaction.atomic():
        back_to_draft(message, problem, now=clock.machine_time())


# Each goes on where the last was broken off: it takes many to be sure that it never will.
@jobs.handles(EXPAND, given_up=_give_up, attempts=20)
def expand(job: Job) -> None:
    """Make the rows of one message; may be run again after a dead worker."""
    message = _message_of(job)
    if message is None:
        return
    try:
        Expansion(message, today=clock.today()).run(lambda done, total=None: jobs.progress(job, done, total=total))
    except NotWaiting:
        return
    except ComesToNothing as problem:
        _give_back(message, str(problem))
    except (jobs.JobLost, OperationalError, InterfaceError):
        # Another worker goes on with it; or `settle` finds that there is none.
        raise
    except Exception:
        _give_back(message, _went_wrong())
        raise


class Expansion:
    """The rows of one message. Raises `ComesToNothing` and `NotWaiting`."""

    def __init__(self, message: Message, *, today: date) -> None:
        self.message = message
        self.today = today
        self.composer = Composer(message)
        self.is_personal = self.composer.is_personal
        self.same_branch = names_branch(self.composer)
        # What apps above put in may be made of anything a member has.
        self.uses_added = bool(words_of(self.composer) & {added.name for added in registry.placeholders})

    def run(self, progress: Progress) -> None:
        """Make them all, and let the message go when its time has come."""
        rights = rights_behind(self.message, self.today)
        if Permission.SEND_MESSAGES not in rights:
            raise ComesToNothing(_("Whoever sent this may not send here any more. Look it over, and send it again."))
        try:
            self._expand_users(progress) if is_officers(self.message.audience) else self._expand_members(
                rights, progress
            )
        except NotAnAudience as error:
            raise ComesToNothing(_("We can no longer tell whom this is for. Choose the recipients again.")) from error
        self._complete()

    def _expand_members(self, rights: frozenset[Permission], progress: Progress) -> None:
        found = members_of(self.message.branch, self.message.audience, self.today, may=rights)
        people = with_outcome(
            found,
            way=self.message.way,
            with_letters=self.message.with_letters,
            purpose=self.message.purpose,
            on=self.today,
        )
        chunks, reached = _chunks(people)
        self._refuse_more(reached)
        done = 0
        progress(0, sum(map(len, chunks)))
        for ids in chunks:
            self._add(self._read(people, ids))
            done += len(ids)
            progress(done)

    def _read(self, people: Any, ids: Sequence[int]) -> list[_Reached]:
        """Those of a chunk that have no row yet, with what a text may say of them."""
        there = set(Recipient.objects.filter(message=self.message, member__in=ids).values_list("member_id", flat=True))
        missing = [pk for pk in ids if pk not in there]
        rows = people.filter(pk__in=missing).select_related("branch").order_by("goes_to", "pk")
        if not self.uses_added:
            rows = rows.only(*_COLUMNS)
        return [_Reached(member, member.goes_by, member.goes_to, member.left_why) for member in rows]

    def _expand_users(self, progress: Progress) -> None:
        users = users_of(self.message.branch, self.message.audience, self.today)
        outcomes = outcomes_of_users(users, self.message.way)
        self._refuse_more(sum(bool(channel) for channel, _address, _why in outcomes.values()))
        there = set(
            Recipient.objects.filter(message=self.message, user__isnull=False).values_list("user_id", flat=True)
        )
        progress(0, len(users))
        for start in range(0, len(users), CHUNK):
            chunk = [user for user in users[start : start + CHUNK] if user.pk not in there]
            self._add([_Reached(user, *outcomes[user.pk]) for user in chunk])
            progress(start + len(chunk))

    def _refuse_more(self, reached: int) -> None:
        """More people than the sender saw is another message; none at all is none."""
        if reached > self.message.confirmed:
            raise ComesToNothing(said_too_many(reached, self.message.confirmed))
        if not reached:
            raise ComesToNothing(
                _("Nobody would get this message. Choose other recipients, or another way to send it.")
            )

    @transaction.atomic
    def _add(self, people: Sequence[_Reached]) -> None:
        self._hold()
        if not people:
            return
        now = clock.machine_time()
        shares: dict[str, list[_Reached]] = {}
        for one in people:
            if one.channel and one.channel != Channel.LETTER:
                shares.setdefault(self._key(one), []).append(one)
        self.composer.load([one.person for one in people if isinstance(one.person, Member)])
        Delivery.objects.bulk_create(
            [self._delivery(key, sharing, now) for key, sharing in shares.items()], ignore_conflicts=True
        )
        made = dict(Delivery.objects.filter(key__in=list(shares)).values_list("key", "pk"))
        delivery_of = {one.person: made[key] for key, sharing in shares.items() for one in sharing}
        Recipient.objects.bulk_create(
            [_recipient(self.message, one, delivery_of.get(one.person)) for one in people], ignore_conflicts=True
        )

    def _hold(self, **changes: Any) -> None:
        """Take hold of the message's row until the transaction ends, if it is still ours to work on."""
        mine = Message.objects.filter(
            pk=self.message.pk,
            state=MessageState.QUEUED,
            queued_at=self.message.queued_at,
            expanded_at__isnull=True,
        )
        if not mine.update(**(changes or {"problem": ""})):
            raise NotWaiting

    def _key(self, one: _Reached) -> str:
        """The same for those who get one copy together."""
        return key_of(self.message.pk, one.channel, one.address, self._personal(one.person))

    def _personal(self, person: Person) -> str:
        if isinstance(person, User):
            return f"user {person.pk}" if self.is_personal else ""
        if self.is_personal:
            return str(person.pk)
        return f"branch {person.branch_id}" if self.same_branch else ""

    def _delivery(self, key: str, sharing: Sequence[_Reached], now: datetime) -> Delivery:
        first, parts = sharing[0], 0
        if first.channel == Channel.SMS:
            parts = count_sms(self.composer.compose([one.person for one in sharing]).sms).parts
        return Delivery(
            key=key,
            message=self.message,
            branch=self.message.branch,
            channel=first.channel,
            purpose=self.message.purpose,
            address=first.address,
            parts=parts,
            price_ore=parts * self.message.sms_price_ore,
            created_at=now,
            not_before_at=WAITING,
            # The text is the message's own, so there is nothing to wipe.
            wipe_at=now + keep("who_got"),
        )

    def _complete(self) -> None:
        """Count what it comes to; within the budget, it waits for its time from now on, or begins."""
        now = clock.machine_time()
        price = Delivery.objects.filter(message=self.message).aggregate(price=Sum("price_ore"))["price"] or 0
        if price and spending_of(self.message.branch, now).is_over:
            raise ComesToNothing(
                _("The SMS cost more than what is left of this month's budget. Write shorter, or send by email.")
            )
        reached = Recipient.objects.filter(message=self.message).exclude(channel="").count()
        self._hold(expanded_at=now, reached=reached, cost_ore=price)
        self.message.refresh_from_db(fields=["expanded_at"])
        settle_one(self.message, now)


def _chunks(people: Any) -> tuple[list[list[int]], int]:
    """The ids in chunks, none of which cuts in two those who share an address; and how many are reached."""
    chunks: list[list[int]] = [[]]
    reached, before = 0, ""
    rows: Iterator[tuple[int, str, str]] = (
        people.order_by("goes_to", "pk").values_list("pk", "goes_by", "goes_to").iterator(chunk_size=5_000)
    )
    for pk, channel, address in rows:
        if len(chunks[-1]) >= CHUNK and not (address and address == before):
            chunks.append([])
        chunks[-1].append(pk)
        reached += bool(channel)
        before = address
    return chunks, reached


def _recipient(message: Message, one: _Reached, delivery: UUID | None) -> Recipient:
    is_member = isinstance(one.person, Member)
    return Recipient(
        message=message,
        member_id=one.person.pk if is_member else None,
        user_id=None if is_member else one.person.pk,
        channel=one.channel,
        left_out="" if one.channel else one.why,
        delivery_id=delivery,
    )
