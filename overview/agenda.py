"""“Today”: what this officer should do now, at most three things, each true and each with one button."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from calling.enums import Outcome, Purpose
from calling.models import CallList
from common.dates import MONTHS, format_date
from common.money import format_kr
from membership.access import Access
from membership.models import Branch, MoveRequest
from membership.quality import urgent_count
from membership.roles import Permission
from overview.agenda_elsewhere import elsewhere
from overview.agenda_item import Item
from overview.agenda_messages import not_arrived, own_draft, to_approve, unanswered
from overview.figures import FRESH, last_imports

AT_MOST: Final = 3


def agenda(
    branch: Branch, user: User, access: Access, *, today: date, unpaid: tuple[int, int], members: int
) -> list[Item]:
    """The first three things that wait; what another app calls urgent before all others, what it does not after them.

    `unpaid` is the number of open claims of this year, and their øre; `members` how many the branch has.
    """
    urgent, others = elsewhere(branch, user, access, today)
    waiting = urgent + to_approve(branch, user, access)
    if Permission.EDIT_MEMBERS in access:
        waiting += _moves(branch)
    waiting += not_arrived(branch, access, today) + unanswered(branch, access)
    if Permission.MANAGE_CALLS in access:
        waiting += _call_lists(branch)
    if Permission.VIEW_DUES in access:
        waiting += _unpaid(branch, today, *unpaid)
    if Permission.VIEW_MEMBERS in access:
        waiting += _new_members(branch, today)
    if Permission.IMPORT_MEMBERS in access:
        waiting += _old_register(branch, today)
    if Permission.EDIT_MEMBERS in access and len(waiting) < AT_MOST:
        waiting += _wrong_in_register(branch, members)
    waiting += own_draft(branch, user, access) + others
    return waiting[:AT_MOST]


def _call_lists(branch: Branch) -> list[Item]:
    """The newest list that is still called from."""
    lists = CallList.objects.open().filter(branch=branch, purpose=Purpose.DUES).newest_first()
    gone = Q(calls__outcome=Outcome.NO_LONGER_MEMBER)
    found = (
        lists.annotate(names=Count("calls", filter=~gone), called=Count("calls", filter=~Q(calls__outcome="") & ~gone))
        .values("pk", "year", "names", "called")
        .first()
    )
    if found is None or found["called"] >= found["names"]:
        return []
    return [
        Item(
            "Phone",
            _("The call list for dues %(year)s") % found,
            _("%(called)s of %(names)s have been called.") % found,
            _("Continue"),
            reverse("dues:call_list", args=[branch.slug, found["pk"]]),
            percent=found["called"] * 100 // found["names"],
        )
    ]


def _moves(branch: Branch) -> list[Item]:
    """Those who want to move here: somebody else waits for the answer."""
    count = MoveRequest.objects.live().to(branch).count()
    if not count:
        return []
    title = ngettext("%(count)s wants to move here", "%(count)s want to move here", count)
    return [
        Item(
            "Branching",
            title % {"count": count},
            _("Another branch or the member waits for your answer."),
            _("Answer"),
            reverse("membership:moves", args=[branch.slug]),
        )
    ]


def _unpaid(branch: Branch, today: date, claims: int, ore: int) -> list[Item]:
    if not claims:
        return []
    title = ngettext("%(count)s has not paid for %(year)s", "%(count)s have not paid for %(year)s", claims)
    return [
        Item(
            "Wallet",
            title % {"count": claims, "year": today.year},
            _("%(sum)s altogether.") % {"sum": format_kr(ore)},
            _("See who"),
            reverse("dues:unpaid", args=[branch.slug, today.year]),
            level="warning",
        )
    ]


def _new_members(branch: Branch, today: date) -> list[Item]:
    first = today.replace(day=1)
    count = branch.members.current().joined_between(first, today).count()
    if not count:
        return []
    title = ngettext("%(count)s new member in %(month)s", "%(count)s new members in %(month)s", count)
    since = f"?fra={format_date(first)}&til={format_date(today)}"
    return [
        Item(
            "PersonPlus",
            title % {"count": count, "month": MONTHS[today.month - 1]},
            _("Call and bid them welcome."),
            _("See who"),
            reverse("membership:member_list", args=[branch.slug]) + since,
        )
    ]


def _wrong_in_register(branch: Branch, members: int) -> list[Item]:
    count = urgent_count(branch, members=members)
    if not count:
        return []
    title = ngettext(
        "%(count)s thing to put right in the register", "%(count)s things to put right in the register", count
    )
    return [
        Item(
            "Tasklist",
            title % {"count": count},
            _("Email that came back, numbers that cannot be read, and the like."),
            _("Put right"),
            reverse("membership:quality", args=[branch.slug]),
        )
    ]


def _old_register(branch: Branch, today: date) -> list[Item]:
    """An import into the branch or one above it counts."""
    times = last_imports(branch.ancestor_ids).values()
    days = (today - max(times).date()).days if times else None
    if days is not None and days <= FRESH.days:
        return []
    title = _("The register has not been imported yet") if days is None else _("The register is %(days)s days old")
    return [
        Item(
            "FileImport",
            title % {"days": days},
            _("Import a new file from the central register."),
            _("Import"),
            reverse("membership:import_upload", args=[branch.slug]),
            level="warning",
        )
    ]
