"""What the clock starts, when, and how long it may be late: the whole timetable. Beat's schedule is made of it.

Each of these may run twice, and picks up what an earlier round has missed: it asks what is due and not done.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from jobs.timetable import Periodic

_NIGHTLY: Final = timedelta(hours=26)
_SOON: Final = timedelta(minutes=2)

SCHEDULE: Final = (
    Periodic(
        "sweep-jobs",
        "jobs.tasks.sweep",
        timedelta(seconds=10),
        _SOON,
        _("Starts work in the background that was not begun, and takes over from programs that died"),
    ),
    Periodic(
        "sweep-deliveries",
        "messaging.tasks.sweep",
        timedelta(seconds=10),
        _SOON,
        _("Sends what is due, and gives up what broke off"),
    ),
    Periodic(
        "fetch-returns",
        "messaging.bounces.tasks.fetch",
        timedelta(minutes=2),
        timedelta(minutes=15),
        _("Reads the mailbox for returned mail and answers"),
        setting="RETURN_IMAP_URL",
    ),
    Periodic(
        "follow-duplicates",
        "membership.tasks.follow_duplicates",
        timedelta(minutes=1),
        timedelta(minutes=10),
        _("Holds members who have changed against the others: are two the same?"),
    ),
    Periodic(
        "forget-imports",
        "membership.tasks.forget_old_imports",
        crontab(minute=20),
        timedelta(hours=2, minutes=30),
        _("Throws away register files that nobody confirmed"),
    ),
    Periodic(
        "clear-sessions",
        "accounts.tasks.clear_expired",
        crontab(hour=3, minute=10),
        _NIGHTLY,
        _("Erases old sessions and lines of the log"),
    ),
    # Before what is kept for an undo is forgotten: who is erased is in none of it.
    Periodic(
        "erase-due",
        "privacy.tasks.erase_due",
        crontab(hour=3, minute=20),
        _NIGHTLY,
        _("Erases those who have left and whose correction time is over"),
    ),
    Periodic(
        "forget-work",
        "membership.tasks.forget_old_work",
        crontab(hour=3, minute=30),
        _NIGHTLY,
        _("Throws away what can no longer be undone"),
    ),
    Periodic(
        "forget-links",
        "privacy.tasks.forget_links",
        crontab(hour=3, minute=40),
        _NIGHTLY,
        _("Erases links to members that open nothing any more"),
    ),
    Periodic(
        "forget-messages",
        "messaging.forgetting.tasks.forget_old",
        crontab(hour=3, minute=50),
        _NIGHTLY,
        _("Erases who got messages more than a year ago"),
    ),
    Periodic(
        "forget-vouchers",
        "dues.tasks.forget_vouchers",
        crontab(hour=4, minute=10),
        _NIGHTLY,
        _("Erases vouchers that are older than they have to be"),
    ),
    Periodic(
        "remind-requests",
        "privacy.tasks.remind_requests",
        crontab(hour=7, minute=10),
        _NIGHTLY,
        _("Reminds those who answer of members' requests that are due within a week, or late"),
    ),
    Periodic(
        "remind-reviews",
        "privacy.tasks.remind_reviews",
        crontab(hour=7, minute=20),
        _NIGHTLY,
        _("Reminds the counties of the half-year's review of who has access"),
    ),
    Periodic(
        "watch-breaches",
        "privacy.tasks.watch_breaches",
        crontab(minute=40),
        timedelta(hours=2, minutes=30),
        _("Tells those who answer when a day is left of the 72 hours of a breach"),
    ),
    Periodic(
        "forget-rights",
        "privacy.tasks.forget_rights",
        crontab(hour=4, minute=25),
        _NIGHTLY,
        _("Erases members' requests and breaches whose time is over"),
    ),
    # From Monday at seven; every day, for whoever was not told then.
    Periodic(
        "send-week",
        "privacy.tasks.send_week",
        crontab(hour="7-20", minute=5),
        timedelta(hours=14),
        _("Tells the membership officers what changed last week"),
    ),
    # Late in the day, so that a month's last row is how the month ended.
    Periodic(
        "monthly-snapshots",
        "overview.tasks.take_snapshots",
        crontab(hour=23, minute=50),
        _NIGHTLY,
        _("Writes down the month's figures for each branch"),
    ),
)


def for_beat(lines: tuple[Periodic, ...]) -> dict[str, dict[str, Any]]:
    """The same as Celery's beat reads it."""
    return {line.name: {"task": line.task, "schedule": line.when} for line in lines}
