"""Notice to those whose dues are long unpaid: by email, else SMS, else a letter. Nobody is struck off without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import override

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common.dates import format_long
from common.money import format_kr
from dues.models import Claim
from membership.models import Member
from messaging.contact import Blocks, address_of, blocks_for, may_contact
from messaging.enums import Channel, Purpose
from privacy.actions.links import make_link
from privacy.actions.unpaid import FileTooOld, NotOpen, lock_round
from privacy.enums import CaseState, LinkKind, RoundState
from privacy.models import UnpaidCase, UnpaidRound
from privacy.post import Words, send
from privacy.rules import rules_of
from privacy.unpaid import OPEN_ROUNDS, file_of, is_fresh, letters_of, open_claims, standing, without_notice

CHUNK: Final = 100
# A member's language is not asked for here: the law's words are said in one.
_LANGUAGE: Final = "nb"
_WORDS: Final = Words("privacy/email/unpaid_subject.txt", "privacy/email/unpaid_message.txt", "privacy/sms/unpaid.txt")


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is: the day and time of what a reader sees, and the true time, which mail and links live by."""

    now: datetime
    today: date
    true_now: datetime


@transaction.atomic
def begin_notice(unpaid: UnpaidRound, *, by: User, now: datetime, today: date) -> UnpaidRound:
    """Set the last day to answer; after this, `notify_some` until nobody is left. Again for those left over.

    Raises `NotOpen` and `FileTooOld`.
    """
    fresh = lock_round(unpaid)
    if fresh.state not in OPEN_ROUNDS:
        raise NotOpen
    if not is_fresh(file_of(fresh.county, fresh.year, today)):
        raise FileTooOld
    fresh.answer_by_on = later(fresh, today)
    if fresh.state == RoundState.LISTED:
        fresh.state, fresh.notified_at, fresh.notified_by = RoundState.NOTIFIED, now, by
        count = standing(fresh, today).count()
        record(Verb.ROUND_NOTIFIED, by=by, branch_id=fresh.county_id, subject=fresh, year=fresh.year, count=count)
    fresh.save(update_fields=["state", "notified_at", "notified_by", "answer_by_on"])
    return fresh


def later(unpaid: UnpaidRound, today: date) -> date:
    """The last day to answer for whoever is told today; never earlier than what others were told."""
    day = today + timedelta(days=rules_of(unpaid.county).notice_days)
    return max(day, unpaid.answer_by_on or day)


@transaction.atomic
def notify_some(unpaid: UnpaidRound, *, moment: Moment) -> int:
    """Tell the next hundred; how many were looked at, 0 when nobody is left or the list is dropped.

    May be run again: nobody is told twice.
    """
    # Whoever drops the list waits for this hundred, and takes back what they were sent and has not gone out.
    if lock_round(unpaid).state != RoundState.NOTIFIED:
        return 0
    waiting = UnpaidCase.objects.filter(round=unpaid, state=CaseState.LISTED).order_by("id")
    cases = list(waiting.select_for_update(of=("self",)).select_related("member__branch")[:CHUNK])
    still = set(standing(unpaid, moment.today).filter(pk__in=[c.pk for c in cases]).values_list("pk", flat=True))
    members = [case.member for case in cases if case.pk in still]
    claims = open_claims([member.pk for member in members], unpaid.year)
    writer = _Writer(unpaid, moment, claims, _blocks(members))
    told = {case.pk for case in cases if case.pk in still and writer.tell(case.member)}
    mine = UnpaidCase.objects.filter(round=unpaid)
    mine.filter(pk__in=told).update(state=CaseState.NOTIFIED, notified_at=moment.now)
    mine.filter(pk__in=still - told).update(state=CaseState.LETTER)
    # Paid, held, moved or gone since: off the list.
    mine.filter(pk__in=[case.pk for case in cases if case.pk not in still]).update(state=CaseState.SPARED)
    return len(cases)


def notify_all(unpaid: UnpaidRound, *, moment: Moment, progress: Callable[[int], None] = lambda _done: None) -> None:
    """Tell everybody who is left, a transaction for each hundred."""
    done = 0
    while count := notify_some(unpaid, moment=moment):
        done += count
        progress(done)


@transaction.atomic
def mark_posted(unpaid: UnpaidRound, *, member_ids: Sequence[int], by: User, now: datetime, today: date) -> int:
    """Say that these letters are in the post: that is their notice, and the days to answer run from today.

    How many it was; the same twice changes nothing. Raises `NotOpen`.
    """
    fresh = lock_round(unpaid)
    if fresh.state != RoundState.NOTIFIED:
        raise NotOpen
    printable = letters_of(fresh, today).filter(pk__in=list(member_ids)).order_by().values("pk")
    posted = list(without_notice(fresh, today).filter(member__in=printable).values_list("pk", flat=True))
    count = UnpaidCase.objects.filter(pk__in=posted).update(state=CaseState.NOTIFIED, notified_at=now, decided_by=by)
    if count:
        UnpaidRound.objects.filter(pk=fresh.pk).update(answer_by_on=later(fresh, today))
        record(Verb.LETTERS_POSTED, by=by, branch_id=fresh.county_id, subject=fresh, count=count)
    return count


class _Writer:
    """Writes to one member after the other, by the first channel that works."""

    def __init__(self, unpaid: UnpaidRound, moment: Moment, claims: dict[int, Claim], blocks: Blocks) -> None:
        self.unpaid, self.moment, self.claims, self.blocks = unpaid, moment, claims, blocks

    def tell(self, member: Member) -> bool:
        """Put the notice in the outbox; False where neither email nor SMS reaches the member."""
        for channel in (Channel.EMAIL, Channel.SMS):
            if may_contact(member, channel, Purpose.SERVICE, on=self.moment.today, blocks=self.blocks):
                continue
            try:
                self._queue(member, channel)
            except ValidationError:
                # What was typed as an address is none.
                continue
            return True
        return False

    def _queue(self, member: Member, channel: Channel) -> None:
        address = address_of(member, channel)
        now, unpaid = self.moment.true_now, self.unpaid
        token = make_link(LinkKind.STAY, channel=channel, address=address, now=now, member=member, year=unpaid.year)
        values = self._values(member) | {"link": settings.PUBLIC_URL + reverse("privacy:stay", args=[token])}
        key = f"unpaid:{unpaid.pk}:{member.pk}"
        with override(_LANGUAGE):
            send(_WORDS, (channel, address), values, key=key, branch=unpaid.county, now=now)

    def _values(self, member: Member) -> dict[str, object]:
        claim = self.claims[member.pk]
        return {
            "name": member.first_name or member.full_name,
            "year": self.unpaid.year,
            "amount": format_kr(claim.outstanding_ore),
            "kid": claim.kid,
            "day": format_long(self.unpaid.answer_by_on) if self.unpaid.answer_by_on else "",
            "county": self.unpaid.county.name,
        }


def _blocks(members: Sequence[Member]) -> Blocks:
    return {**blocks_for(members, Channel.EMAIL), **blocks_for(members, Channel.SMS)}
