"""What must hold before a message goes on its way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Sum

from accounts.models import User
from common.numbers import format_int
from membership.access import access_of
from membership.models import Branch, BranchSummary
from membership.roles import Permission
from messaging.actions.messages_refusals import Refused, Why
from messaging.approvers import who_may_send
from messaging.audience import NotAnAudience, is_officers, members_of
from messaging.audience.members import PEOPLE
from messaging.audience.plan import Plan, plan_of, sample
from messaging.budget import left_of
from messaging.enums import Channel, Way
from messaging.models import Message, MessagingSettings
from messaging.transports.sms import sms_is_possible
from messaging.writing.compose import Composer
from messaging.writing.placeholders import unknown_in, used_in
from messaging.writing.segments import count as count_sms

# The job that finds the recipients.
EXPAND: Final = "messages.expand"
# The request counts again among so many; among more, the job does before it makes any rows.
COUNTED_AT_ONCE: Final = 2_500
# How long one has to regret; and to be stopped, where nobody else can approve.
REGRET: Final = timedelta(minutes=5)
HELD: Final = timedelta(minutes=30)


def check(message: Message, limits: MessagingSettings, *, by: User, confirmed: int, now: datetime, today: date) -> None:
    """Raises `Refused` for the first thing that is wrong. The number is counted again where the branch is small."""
    access = access_of(by, message.branch, on=today)
    if not by.is_active or Permission.SEND_MESSAGES not in access:
        raise Refused(Why.NO_RIGHT)
    composer = Composer(message)
    _check_text(message, composer)
    try:
        members = members_of(message.branch, message.audience, today, may=access.permissions)
    except NotAnAudience as error:
        raise Refused(Why.AUDIENCE) from error
    if message.send_at is not None and message.send_at <= now:
        raise Refused(Why.PAST)
    if confirmed < 1:
        raise Refused(Why.NOBODY)
    if Channel.SMS in channels_of(message):
        _check_sms(message, now)
    if confirmed <= COUNTED_AT_ONCE and _is_small(message):
        plan = plan_for(message, composer, today, members=members)
        _check_count(plan, confirmed)
        _check_budget(message, composer, limits, plan, now, today)


def _check_sms(message: Message, now: datetime) -> None:
    if not sms_is_possible():
        raise Refused(Why.NO_GATEWAY)
    if left_of(message.branch, now) == 0:
        raise Refused(Why.BUDGET)


def channels_of(message: Message) -> set[Channel]:
    """By which channels it may go, letters among them."""
    ways = {
        Way.EMAIL: {Channel.EMAIL},
        Way.SMS: {Channel.SMS},
        Way.BOTH: {Channel.EMAIL, Channel.SMS},
    }[Way(message.way)]
    return ways | {Channel.LETTER} if message.with_letters else ways


def _check_text(message: Message, composer: Composer) -> None:
    channels, text = channels_of(message), composer.default
    if Channel.EMAIL in channels and not text.subject.strip():
        raise Refused(Why.NO_SUBJECT)
    if channels & {Channel.EMAIL, Channel.LETTER} and not text.body.strip():
        raise Refused(Why.NO_BODY)
    if Channel.SMS in channels and not text.sms.strip():
        raise Refused(Why.NO_SMS)
    if unknown := unknown_in(*_texts(composer)):
        raise Refused(Why.UNKNOWN_WORDS, words=", ".join(f"{{{{ {word} }}}}" for word in unknown))


def _texts(composer: Composer) -> list[str]:
    return [part for text in composer.texts.values() for part in (text.subject, text.body, text.sms)]


def names_branch(composer: Composer) -> bool:
    """Whether a text says which branch the reader belongs to, so that only those of one branch can share a copy."""
    return "kommuneparti" in words_of(composer)


def words_of(composer: Composer) -> set[str]:
    """The words in double braces of all its texts."""
    return used_in(*_texts(composer))


def plan_for(message: Message, composer: Composer, today: date, *, members: object = None) -> Plan:
    """The plan of a message as it stands."""
    return plan_of(
        message.branch,
        message.audience,
        way=message.way,
        with_letters=message.with_letters,
        purpose=message.purpose,
        is_personal=composer.is_personal,
        today=today,
        same_branch=names_branch(composer),
        members=members,  # type: ignore[arg-type]  # what members_of gave
    )


def _is_small(message: Message) -> bool:
    if is_officers(message.audience):
        return True
    if message.audience.get("kind") == PEOPLE:
        return len(message.audience["ids"]) <= COUNTED_AT_ONCE
    under = BranchSummary.objects.filter(**message.branch.scope_of())
    total: int | None = under.aggregate(n=Sum("members"))["n"]
    return (total or 0) <= COUNTED_AT_ONCE


def _check_count(plan: Plan, confirmed: int) -> None:
    if not plan.people:
        raise Refused(Why.NOBODY)
    if plan.people != confirmed:
        raise Refused(Why.COUNT, now=format_int(plan.people), confirmed=format_int(confirmed))


def _check_budget(
    message: Message, composer: Composer, limits: MessagingSettings, plan: Plan, now: datetime, today: date
) -> None:
    """By the longest of the texts; the job counts each one, and gives the message back where they come to more."""
    numbers = plan.addresses.get(Channel.SMS, 0)
    if not numbers or limits.sms_budget_ore is None:
        return
    longest = sample(
        message.branch,
        message.audience,
        way=Way.SMS,
        with_letters=False,
        purpose=message.purpose,
        today=today,
        limit=1,
    )
    composer.load(longest)
    parts = max((count_sms(composer.compose([member]).sms).parts for member in longest), default=1)
    left = left_of(message.branch, now)
    if left is not None and numbers * parts * limits.sms_price_ore > left:
        raise Refused(Why.BUDGET)


# --- When it goes, and who says yes -----------------------------------------------------------------------------------


def due_at(message: Message, limits: MessagingSettings, *, confirmed: int, now: datetime, is_held: bool) -> datetime:
    """When it goes: at its time, but not before one has had time to regret. Raises `Refused` where that is too late."""
    wait = HELD if is_held else REGRET if confirmed > limits.regret_over else timedelta()
    due = max(message.send_at or now, now + wait)
    if message.expires_at is not None and message.expires_at <= due:
        raise Refused(Why.EXPIRES_FIRST)
    return due


def approvers_of(branch: Branch, limits: MessagingSettings, *, but: int | None, today: date) -> dict[int, User]:
    """Who may say yes to a large message: whoever may send in the branch or above it, and its named substitute.

    `but` is the sender's id, who never approves their own.
    """
    people = {user.pk: user for user in who_may_send(branch, on=today)}
    substitute = limits.substitute
    if substitute is not None and substitute.is_active:
        people[substitute.pk] = substitute
    return {pk: user for pk, user in people.items() if pk != but}
