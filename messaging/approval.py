"""What a second person needs in order to say yes: which messages wait for them, and what they would say yes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.safestring import mark_safe

from accounts.models import User
from membership.models import Branch
from messaging.actions.messages_checks import plan_for
from messaging.audience import NotAnAudience, is_officers, users_of
from messaging.audience.plan import Plan, sample
from messaging.enums import Channel, MessageState
from messaging.message_words import Shown
from messaging.models import Message, MessageQuerySet
from messaging.writing.compose import Composer, Person
from messaging.writing.segments import count as count_sms


@dataclass(frozen=True, slots=True)
class Preview:
    """How many it would go to now, what its SMS would cost at most, and how one of them would read it."""

    plan: Plan
    cost_ore: int
    name: str
    text: Shown


def stood_in_for(user: User, branch: Branch) -> Q:
    """Messages of other branches in the county that wait for this user, who is named to approve them."""
    named = Q(branch__messaging_settings__substitute=user, county_id=branch.root_id)
    return named & Q(state=MessageState.APPROVAL)


def waiting_for(user: User, branch: Branch) -> MessageQuerySet:
    """What this user could say yes to: of the branch and those under it, and where they are named to approve."""
    mine = Q(**branch.scope_of()) | stood_in_for(user, branch)
    waiting = Message.objects.filter(mine, state=MessageState.APPROVAL).exclude(queued_by=user)
    return waiting.select_related("branch", "queued_by").prefetch_related("texts").order_by("queued_at", "id")


def preview_of(message: Message, today: date) -> Preview | None:
    """As the one with the longest name would get it; None where nobody would."""
    composer = Composer(message)
    try:
        person = _someone(message, today)
        plan = plan_for(message, composer, today)
    except NotAnAudience:
        return None
    if person is None:
        return None
    if not isinstance(person, User):
        composer.load([person])
    written = composer.compose([person])
    numbers = plan.addresses.get(Channel.SMS, 0)
    parts = count_sms(written.sms).parts if numbers else 0
    # What the composer gives is cleaned HTML.
    text = Shown("", written.subject, mark_safe(written.html), written.sms)  # noqa: S308
    name = person.name if isinstance(person, User) else person.full_name
    return Preview(plan, numbers * parts * message.sms_price_ore, name, text)


def _someone(message: Message, today: date) -> Person | None:
    if is_officers(message.audience):
        return next(iter(users_of(message.branch, message.audience, today)), None)
    found = sample(
        message.branch,
        message.audience,
        way=message.way,
        with_letters=message.with_letters,
        purpose=message.purpose,
        today=today,
        limit=1,
    )
    return next(iter(found), None)
