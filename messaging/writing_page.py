"""What the page of a message that is being written shows: how many get it, what it costs, how it looks, what lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

from django.core import signing
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from common.money import format_kr
from common.numbers import format_int
from membership.access import BranchRequest
from membership.enums import BranchKind
from membership.roles import Permission
from membership.tree import tree_of
from messaging.actions.messages_checks import plan_for
from messaging.audience import MEMBERS, NotAnAudience, is_officers, members_of, users_of
from messaging.audience.plan import Plan, outcomes_of_users, with_outcome
from messaging.budget import Spending, spending_of
from messaging.enums import Channel, Purpose, Reason, Way
from messaging.extensions import registry
from messaging.longest import Group, group_of_users, groups_of
from messaging.message_words import format_moment
from messaging.models import MessagingSettings, settings_of
from messaging.preview import Preview, preview_of
from messaging.sketch import Sketch
from messaging.sms_cost import Cost, cost_of
from messaging.writing.compose import Person
from messaging.writing.placeholders import half_written, unfilled, unknown_in
from messaging.writing.readability import Readability, read

_SHOWN: Final = 6
_SALT: Final = "messaging.send"
# How old a page one may send from, in seconds.
_HOLDS: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Tile:
    """One way to send it: how many it reaches, and from what price."""

    value: str
    label: Any
    icon: str
    people: int
    price: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many do not get it for one reason; `opens`: whether one may see who."""

    reason: Reason
    count: int
    opens: bool


@dataclass
class Outlook:
    """What would come of a sketch if it were sent now. Each part is asked for when it is first read."""

    request: BranchRequest
    sketch: Sketch
    now: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def settings(self) -> MessagingSettings:
        """How the branch writes."""
        return settings_of(self.request.branch)

    @cached_property
    def _asked(self) -> dict[str, Any]:
        message = self.sketch.message
        return {"way": message.way, "with_letters": message.with_letters, "purpose": message.purpose}

    @cached_property
    def members(self) -> Any:
        """Whom it is for; None for officers and for what cannot be read."""
        if self.sketch.is_empty or is_officers(self.sketch.audience):
            return None
        try:
            return members_of(
                self.request.branch, self.sketch.audience, self.request.today, may=self.request.access.permissions
            )
        except NotAnAudience:
            return None

    @cached_property
    def users(self) -> list[User]:
        """The officers it is for."""
        try:
            return users_of(self.request.branch, self.sketch.audience, self.request.today)
        except NotAnAudience:
            return []

    @cached_property
    def plan(self) -> Plan:
        """How many get it, and who does not."""
        if self.members is None and not is_officers(self.sketch.audience):
            return Plan()
        try:
            return plan_for(self.sketch.message, self.sketch.composer, self.request.today, members=self.members)
        except NotAnAudience:
            return Plan()

    @cached_property
    def reached(self) -> Any:
        """The members who get it, with `goes_by`; None for officers."""
        if self.members is None:
            return None
        return with_outcome(self.members, **self._asked, on=self.request.today).exclude(goes_by="")

    @cached_property
    def _groups(self) -> list[Group]:
        if Channel.SMS not in self.plan.by_channel or not self.sms_texts:
            return []
        if self.reached is None:
            outcomes = outcomes_of_users(self.users, self.sketch.message.way)
            return group_of_users([user for user in self.users if outcomes[user.pk][0] == Channel.SMS])
        return groups_of(self.reached, self.sketch.composer)

    @property
    def sender_name(self) -> str:
        """Whom an email is from."""
        return self.settings.sender_name or self.request.branch.name

    @property
    def sms_texts(self) -> list[str]:
        """What is written as SMS."""
        return [text.sms for text in self.sketch.texts if text.sms]

    @cached_property
    def cost(self) -> Cost | None:
        """The SMS counter; None where none is sent."""
        if self.sketch.message.way == Way.EMAIL:
            return None
        return cost_of(
            self.sketch,
            self._groups,
            recipients=self.plan.addresses.get(Channel.SMS, 0),
            price_ore=self.settings.sms_price_ore,
        )

    @cached_property
    def preview(self) -> Preview | None:
        """As one reader sees it."""
        people: list[Person] = list(self.users)
        if self.reached is not None:
            first = self.reached.select_related("branch").in_order()[:_SHOWN]
            dearest = [one.member for one in self.cost.measured if one.member] if self.cost else []
            people = list({person.pk: person for person in (*dearest, *first)}.values())
        longest = self.cost.dearest if self.cost else None
        return preview_of(self.sketch, people, self.reached, self.data, longest=longest)

    @cached_property
    def tiles(self) -> list[Tile]:
        """The three ways, with numbers."""
        email, sms, either = self._by_way()
        price = self.settings.sms_price_ore
        rest = either - email
        chosen = self.sketch.message.way
        return [
            Tile(Way.EMAIL, Way.EMAIL.label, "EnvelopeClosed", email, _("free"), chosen == Way.EMAIL),
            Tile(Way.SMS, Way.SMS.label, "Mobile", sms, _from(sms * price), chosen == Way.SMS),
            Tile(Way.BOTH, Way.BOTH.label, "ChatElipsis", either, _from(rest * price), chosen == Way.BOTH),
        ]

    def _by_way(self) -> tuple[int, int, int]:
        if is_officers(self.sketch.audience):
            counts = [sum(bool(found[0]) for found in outcomes_of_users(self.users, way).values()) for way in Way]
            return counts[0], counts[1], counts[2]
        if self.members is None:
            return 0, 0, 0
        purpose, today = self.sketch.message.purpose, self.request.today
        found = with_outcome(self.members, way=Way.BOTH, with_letters=False, purpose=purpose, on=today)
        rows = found.order_by().values_list("email_why", "sms_why").annotate(n=Count("pk"))
        groups = [(not email_why, not sms_why, n) for email_why, sms_why, n in rows]
        return (
            sum(n for email, _sms, n in groups if email),
            sum(n for _email, sms, n in groups if sms),
            sum(n for email, sms, n in groups if email or sms),
        )

    @property
    def left_out(self) -> list[LeftOut]:
        """Reasons with their counts. Who is shielded is seen by those who may open that."""
        opens = Permission.OPEN_PROTECTED in self.request.access
        members = self.members is not None
        return [
            LeftOut(reason, count, members and (reason != Reason.PROTECTED or opens))
            for reason, count in self.plan.left_out.items()
        ]

    @cached_property
    def readability(self) -> Readability | None:
        """How heavy the email is; None where none is written."""
        body = next((text.body for text in self.sketch.texts), "")
        return read(body) if body and self.writes_email else None

    @property
    def writes_email(self) -> bool:
        """Whether the long text is used: in an email, or in a letter."""
        return self.sketch.message.way != Way.SMS or self.sketch.message.with_letters

    @property
    def writes_sms(self) -> bool:
        """Whether the SMS text is used."""
        return self.sketch.message.way != Way.EMAIL

    # --- Before it can be sent ---------------------------------------------------------------------------------------

    @cached_property
    def lacks(self) -> list[str]:
        """What must be put right first, a sentence each."""
        budget = _("The SMS cost more than what is left of this month's budget.")
        return [*self.lacks_for(self.plan.people), *([budget] if self._over_budget() else [])]

    def lacks_for(self, people: int) -> list[str]:
        """What the texts and the times lack, and nobody to send to: without counting anybody anew."""
        texts = self._used_texts()
        unknown, broken, blanks = unknown_in(*texts), half_written(*texts), unfilled(*texts)
        said = [
            (not people, self._nobody()),
            (self.writes_email and not self._has("subject"), _("The subject is missing.")),
            (self.writes_email and not self._has("body"), _("The text is missing.")),
            (self.writes_sms and not self._has("sms"), _("The SMS text is missing.")),
            (
                bool(unknown),
                _("We do not know %(words)s. Choose among the words below the text.")
                % {"words": ", ".join(f"{{{{ {word} }}}}" for word in unknown[:5])},
            ),
            (
                bool(broken) and not unknown,
                _("A brace is missing by “%(text)s”: two on each side.") % {"text": broken[0] if broken else ""},
            ),
            (bool(blanks), _("Fill in %(blanks)s.") % {"blanks": ", ".join(blanks[:5])}),
            *self._late(),
        ]
        return [sentence for holds, sentence in said if holds]

    def _nobody(self) -> str:
        if self.sketch.is_empty:
            return _("Nobody is chosen yet. Find them by name.")
        return _("Nobody would get it. Choose other recipients, or another way.")

    def _has(self, part: str) -> bool:
        return any(getattr(text, part).strip() for text in self.sketch.texts)

    def _used_texts(self) -> list[str]:
        parts = [*(["subject", "body"] if self.writes_email else []), *(["sms"] if self.writes_sms else [])]
        return [getattr(text, part) for text in self.sketch.texts for part in parts]

    def _late(self) -> list[tuple[bool, str]]:
        message = self.sketch.message
        return [
            (bool(message.send_at and message.send_at < self.now), _("The time it is to be sent has passed.")),
            (bool(message.expires_at and message.expires_at <= self.now), _("“Not after” has passed.")),
        ]

    def _over_budget(self) -> bool:
        left = self.spending.left_ore if self.spending else None
        return bool(self.cost and left is not None and self.cost.ore > left)

    @cached_property
    def spending(self) -> Spending | None:
        """What the month has cost so far; None where no SMS is sent."""
        return spending_of(self.request.branch, self.now) if self.writes_sms else None

    @cached_property
    def warnings(self) -> list[str]:
        """What the sender should know, and that does not stop the sending."""
        message, branch, today = self.sketch.message, self.request.branch, self.request.today
        stale = [str(one.warn(message, branch, today)) for one in registry.stale_warnings]
        short = [
            _("Nobody can answer an SMS from a name: write a telephone number in the text if you want answers.")
            if self.writes_sms and self.plan.people and message.purpose != Purpose.SERVICE and self._asks()
            else ""
        ]
        return [sentence for sentence in (*stale, *short) if sentence]

    def _asks(self) -> bool:
        return any("?" in text and not any(letter.isdigit() for letter in text) for text in self.sms_texts)

    @property
    def needs_typing(self) -> bool:
        """Whether the sender types how many it is for."""
        return self.plan.people > self.settings.type_over

    @property
    def needs_approval(self) -> bool:
        """Whether a second person says yes."""
        return self.plan.people > self.settings.approve_over

    @property
    def can_regret(self) -> bool:
        """Whether it waits for five minutes."""
        return not self.sketch.message.send_at and self.plan.people > self.settings.regret_over

    @property
    def seal(self) -> str:
        """What the page says of recipients, way and price, signed: sending takes it at its word, and counts later."""
        return signing.dumps([self._said, self.plan.people], salt=_SALT)

    def confirmed(self, seal: str) -> int | None:
        """How many the sender saw; None where the page said something else than what is to be sent now."""
        try:
            said, people = signing.loads(seal, salt=_SALT, max_age=_HOLDS)
        except signing.BadSignature:
            return None
        return int(people) if said == self._said else None

    @property
    def _said(self) -> str:
        message = self.sketch.message
        words = sorted((text.language, text.sms) for text in self.sketch.texts) if self.writes_sms else []
        price = self.settings.sms_price_ore if self.writes_sms else 0
        who = (self.request.branch.pk, self.request.user.pk, sorted(self.sketch.audience.items()))
        said = (who, message.way, message.with_letters, message.purpose, words, price)
        return blake2b(repr(said).encode(), digest_size=12).hexdigest()

    @property
    def to_whom(self) -> str:
        """“1 934 members in all 21 municipal branches”, “148 in Harstad”."""
        branch, people = self.request.branch, self.plan.people
        shown = format_int(people)
        if is_officers(self.sketch.audience):
            return ngettext("%(n)s officer", "%(n)s officers", people) % {"n": shown}
        if branch.kind == BranchKind.COUNTY and self.sketch.audience == {"kind": MEMBERS, "params": {}}:
            branches = len(tree_of(branch).municipal(self.request.today))
            return ngettext(
                "%(n)s member in all %(branches)s municipal branches",
                "%(n)s members in all %(branches)s municipal branches",
                people,
            ) % {"n": shown, "branches": branches}
        return _("%(n)s in %(place)s") % {"n": shown, "place": branch.place}

    @property
    def button(self) -> str:
        """What the send button says: it repeats whom it goes to."""
        if self.needs_approval:
            return _("Send for approval: %(whom)s") % {"whom": self.to_whom}
        if self.sketch.message.send_at:
            return _("Put in the queue for %(whom)s") % {"whom": self.to_whom}
        return _("Send to %(whom)s") % {"whom": self.to_whom}

    @property
    def summary(self) -> str:
        """A sentence: how many, when, and what it costs."""
        at = self.sketch.message.send_at
        when = _("It goes out %(when)s.") % {"when": format_moment(at, year=self.now.year)} if at else ""
        return " ".join(sentence for sentence in (*self._counts(), when) if sentence)

    def _counts(self) -> list[str]:
        words = {
            Channel.EMAIL: lambda n: ngettext("%(n)s gets an email.", "%(n)s get an email.", n),
            Channel.SMS: lambda n: ngettext("%(n)s gets an SMS.", "%(n)s get an SMS.", n),
            Channel.LETTER: lambda n: ngettext("%(n)s gets a letter.", "%(n)s get a letter.", n),
        }
        return [words[channel](n) % {"n": format_int(n)} for channel, n in self.plan.by_channel.items() if n]


def _from(ore: int) -> str:
    return _("from %(price)s") % {"price": format_kr(ore)} if ore else _("free")
