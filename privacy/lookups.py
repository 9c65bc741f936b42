"""Who has looked at a member, as the member reads it: day, what, and in which role where; never who the volunteer is.

The log is kept for a year. Its lines hold ids only: roles are those that held on the day, in the branch or above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import Verb
from accounts.models import AuditEvent
from common.listing import ListPage, fetch_page
from common.policy import keep
from dues.models import Claim, Payment
from membership.changes import SILENT, label_of
from membership.enums import ChangeSource, OpeningReason
from membership.models import Branch, Grant, Member, MoveRequest
from membership.roles import Role
from privacy.models import RightsRequest

_SAID: Final[Mapping[str, Any]] = {
    Verb.MEMBER_OPENED: gettext_lazy("Opened the page about you"),
    Verb.MEMBER_CHANGED: gettext_lazy("Changed your details"),
    Verb.MEMBER_CREATED: gettext_lazy("Registered you"),
    Verb.MEMBER_MERGED: gettext_lazy("Made two records of you one"),
    Verb.MERGE_UNDONE: gettext_lazy("Made one record of you two again"),
    Verb.MEMBER_MOVED: gettext_lazy("Moved you to another branch"),
    Verb.MOVE_REQUESTED: gettext_lazy("Asked that you be moved"),
    Verb.MOVE_ANSWERED: gettext_lazy("Answered a request to move you"),
    Verb.PROTECTED_OPENED: gettext_lazy("Opened your protected address"),
    Verb.PAYMENT_REGISTERED: gettext_lazy("Registered a payment of yours"),
    Verb.PAYMENT_UNDONE: gettext_lazy("Took a registered payment of yours back"),
    Verb.MEMBER_LEFT: gettext_lazy("Registered that you have left"),
    Verb.MEMBER_RETURNED: gettext_lazy("Registered that you have not left after all"),
    Verb.LEAVE_LINK_SENT: gettext_lazy("Sent you a link for leaving"),
    Verb.LEAVE_LETTER_MADE: gettext_lazy("Made a letter to you about leaving"),
    Verb.MEMBER_HELD: gettext_lazy("Put off the erasing of you"),
    Verb.HOLD_LIFTED: gettext_lazy("Ended what put the erasing of you off"),
    Verb.MY_PAGE_OPENED: gettext_lazy("Opened My page"),
    Verb.MY_PAGE_CHANGED: gettext_lazy("Changed something on My page"),
    Verb.MY_DATA_FETCHED: gettext_lazy("Fetched everything"),
    Verb.UNSUBSCRIBED: gettext_lazy("Said no to messages"),
    Verb.STAY_AGREED: gettext_lazy("Agreed to stay in the register"),
    Verb.REQUEST_OPENED: gettext_lazy("Registered a request of yours"),
    Verb.REQUEST_ANSWERED: gettext_lazy("Answered a request of yours"),
}
# What nobody but the member does without a user.
_BY_MEMBER: Final = frozenset(
    {
        Verb.MY_PAGE_OPENED.value,
        Verb.MY_PAGE_CHANGED.value,
        Verb.MY_DATA_FETCHED.value,
        Verb.UNSUBSCRIBED.value,
        Verb.STAY_AGREED.value,
        Verb.MOVE_REQUESTED.value,
        Verb.MOVE_ANSWERED.value,
        Verb.REQUEST_OPENED.value,
        Verb.MEMBER_LEFT.value,
    }
)
_REASONS: Final = dict(OpeningReason.choices)


@dataclass(frozen=True, slots=True)
class Lookup:
    """One line: when, what, and by whom as far as that is told."""

    at: datetime
    what: str
    who: str


def lookups_of(member: Member, number: int) -> ListPage[Lookup]:
    """A page of the log about one member, the newest first. The queries are the same however many lines there are."""
    events = fetch_page(_events(member).order_by("-at", "-id"), number)
    words = _Words.of(events.rows)
    rows = [Lookup(event.at, _what(event), words.who(event)) for event in events.rows]
    return ListPage(rows, events.number, events.total, events.per_page)


def all_lookups(member: Member) -> list[Lookup]:
    """The whole log about one member, for the file of everything."""
    events = list(_events(member).order_by("-at", "-id"))
    words = _Words.of(events)
    return [Lookup(event.at, _what(event), words.who(event)) for event in events]


def _events(member: Member) -> Any:
    about = Q(object_type=Member._meta.label_lower, object_id=str(member.pk))
    for label, pks in _own_rows(member):
        about |= Q(object_type=label, object_id__in=[str(pk) for pk in pks])
    return AuditEvent.objects.filter(about)


def _own_rows(member: Member) -> list[tuple[str, list[int]]]:
    found = (
        Claim.objects.filter(member=member),
        Payment.objects.filter(claim__member=member),
        MoveRequest.objects.filter(member=member),
        RightsRequest.objects.filter(member=member),
    )
    return [(rows.model._meta.label_lower, list(rows.order_by("pk").values_list("pk", flat=True))) for rows in found]


def _what(event: AuditEvent) -> str:
    text = str(_SAID.get(event.verb) or capfirst(str(event.get_verb_display())))
    details: Mapping[str, Any] = event.details
    if event.verb == Verb.PROTECTED_OPENED and (reason := _REASONS.get(details.get("reason", ""))):
        return f"{text}: {reason}"
    if event.verb == Verb.MEMBER_CHANGED and (fields := _labels(str(details.get("fields", "")))):
        return f"{text}: {fields}"
    return text


def _labels(fields: str) -> str:
    found = []
    for name in fields.split(","):
        try:
            label = label_of(name) if name and name not in SILENT else ""
        except Exception:
            label = ""
        if label and label not in found:
            found.append(label)
    return ", ".join(found)


# --- By whom ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Words:
    """The access that those on a page have had, and the branches the lines are of: two queries."""

    grants: Mapping[int, Sequence[Grant]]
    above: Mapping[int, frozenset[int]]

    @classmethod
    def of(cls, events: Iterable[AuditEvent]) -> _Words:
        rows = list(events)
        users = {event.actor_id for event in rows if event.actor_id is not None}
        grants: dict[int, list[Grant]] = {}
        held = Grant.objects.filter(user_id__in=users).select_related("branch")
        # The nearest branch first: an office there says most.
        for grant in held.order_by("-branch__kind_order", "id"):
            grants.setdefault(grant.user_id, []).append(grant)
        branches = Branch.objects.filter(pk__in={event.branch_id for event in rows if event.branch_id})
        return cls(grants, {branch.pk: branch.ancestor_ids for branch in branches.order_by("pk")})

    def who(self, event: AuditEvent) -> str:
        """Role and branch; oneself; or nobody, where a machine did it."""
        if event.actor_id is None:
            by_member = event.verb in _BY_MEMBER or event.details.get("source") == ChangeSource.MEMBER
            return _("You") if by_member else _("Medlemsboka itself")
        day = localtime(event.at).date()
        held = [grant for grant in self.grants.get(event.actor_id, ()) if _holds(grant, day)]
        here = self.above.get(event.branch_id or 0, frozenset())
        grant = next((grant for grant in held if grant.branch_id in here), None)
        if grant is None:
            return _("Somebody who had access then")
        return _("%(role)s in %(branch)s") % {"role": _role(grant.role), "branch": grant.branch.name}


def _holds(grant: Grant, day: date) -> bool:
    return grant.starts_on <= day and (grant.ends_on is None or grant.ends_on > day)


def _role(role: str) -> str:
    return str(Role(role).label) if role in Role.values else role


# --- Lists -----------------------------------------------------------------------------------------------------------


def lists_with(member: Member, now: datetime) -> list[str]:
    """How many times in the last year lists were opened or fetched in which the member may have stood. One query.

    The log does not hold who stood in a list: these are lists of the member's branch and of those above it.
    """
    homes = [pk for pk in (member.branch_id, member.municipal_id, member.county_id) if pk]
    seen = AuditEvent.objects.filter(branch_id__in=homes, at__gte=now - keep("log"), verb__in=_LISTS)
    counts = dict(seen.order_by().values_list("verb").annotate(n=Count("pk")))
    return [text for verbs, say in _LIST_WORDS if (text := _counted(sum(counts.get(v, 0) for v in verbs), say))]


def _counted(n: int, say: Any) -> str:
    return say(n) % {"n": n} if n else ""


_LIST_WORDS: Final = (
    (
        (Verb.MEMBERS_LISTED, Verb.MEMBERS_SEARCHED),
        lambda n: ngettext("Register lists opened %(n)s time", "Register lists opened %(n)s times", n),
    ),
    (
        (Verb.UNPAID_LISTED,),
        lambda n: ngettext("Lists of unpaid dues opened %(n)s time", "Lists of unpaid dues opened %(n)s times", n),
    ),
    (
        (Verb.MEMBERS_EXPORTED, Verb.UNPAID_EXPORTED),
        lambda n: ngettext("Lists fetched as a file %(n)s time", "Lists fetched as a file %(n)s times", n),
    ),
    (
        (Verb.MEMBERS_PRINTED, Verb.CALL_LIST_PRINTED),
        lambda n: ngettext("Lists printed %(n)s time", "Lists printed %(n)s times", n),
    ),
)
_LISTS: Final = [verb for verbs, _say in _LIST_WORDS for verb in verbs]
