"""Members with an address each, and the two messages to them: `python -m chaos.filling EMAILS SMS`.

Each message is queued twice, as by a double click, and made into rows by two jobs at once. Prints their ids.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import django


def main(emails: int, sms: int) -> None:
    """Make them, and put the messages in the queue. Everything from there on is the house's own work."""
    from accounts.models import User
    from membership.actions.branches import create_branch
    from membership.models import Grant
    from membership.roles import Role
    from messaging.enums import Way
    from messaging.models import MessagingSettings

    county = create_branch(None, name="Kaos Arbeiderparti", place="Kaos", by=None)
    officer = User.objects.create_user("kaos@demo.example", "medlemsboka", name="Kari Kaos")
    Grant.objects.create(user=officer, branch=county, role=Role.COUNTY_SECRETARY, starts_on=date(2020, 1, 1))
    # At any hour, at once, and without a second person: what is tried here is what comes after.
    hours = {
        f"{day}_{end}": hour for day in ("weekday", "saturday", "holiday") for end, hour in (("from", 0), ("to", 24))
    }
    limits = dict.fromkeys(("type_over", "regret_over", "approve_over"), 10_000_000)
    MessagingSettings.objects.create(branch=county, **hours, **limits)
    _make_members(county, emails, sms)
    for way, people in ((Way.EMAIL, emails), (Way.SMS, sms)):
        if people:
            print(_send(county, officer, way, people))


def _make_members(county: Any, emails: int, sms: int) -> None:
    from membership.actions.members import derive
    from membership.actions.summaries import recount
    from membership.enums import MemberStatus
    from membership.models import Member, Placement

    members = []
    for number in range(max(emails, sms)):
        member = Member(
            member_number=f"{100000 + number}",
            first_name=("Áile", "Ola", "Kari Anne", "Ragnhild")[number % 4],
            last_name=f"Nordvik{number % 97}",
            email=f"medlem{number}@example.no" if number < emails else "",
            mobile=f"+479{number:07d}" if number < sms else "",
            mobile_ok=number < sms,
            status=MemberStatus.MEMBER,
            joined_on=date(2020, 1, 15),
            birth_on=date(1970, 1, 1),
        )
        derive(member, county)
        members.append(member)
    made = Member.objects.bulk_create(members, batch_size=1000)
    Placement.objects.bulk_create(
        (Placement(member=member, branch=county, from_on=member.joined_on) for member in made), batch_size=1000
    )
    recount([county.pk])


def _send(county: Any, officer: Any, way: Any, people: int) -> Any:
    """Twice each of what an officer may do twice, and what the machinery may."""
    from common.clock import machine_time
    from jobs.models import Job
    from messaging.actions.messages import EXPAND, queue, save_draft
    from messaging.enums import Purpose

    text = {
        "subject": "Møte",
        "body": "Hei, {{ fornavn }}!\n\nVi møtes **tirsdag**.",
        "sms": "Hei, {{ fornavn }}! Møte.",
    }
    values = {
        "purpose": Purpose.MEETINGS,
        "way": way,
        "audience": {"kind": "members", "params": {}},
        "audience_label": "Alle medlemmer",
        "texts": {"nb": text},
    }
    now = machine_time()
    draft = save_draft(county, values=values, by=officer, now=now)
    for _click in range(2):
        queue(draft, by=officer, confirmed=people, now=now, today=now.date())
    job = Job.objects.filter(kind=EXPAND).latest("created_at")
    Job.objects.bulk_create([_copy_of(job)])
    return draft.pk


def _copy_of(job: Any) -> Any:
    """Another job that does the same."""
    from jobs.models import Job

    names = ("owner", "kind", "branch_id", "permission", "params", "total", "created_at", "expires_at")
    return Job(**{name: getattr(job, name) for name in names})


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]))
