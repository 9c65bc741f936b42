"""Small, invented data for tests. Plain functions; every field can be given by name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from stdnum import luhn

from accounts.models import User
from calling.actions import ListCaller, make_list
from calling.models import CallList
from dues.call_lists import unpaid_members
from dues.models import Claim, DuesYear
from membership.actions.branches import create_branch
from membership.actions.grants import give
from membership.actions.members import derive, place
from membership.actions.summaries import recount
from membership.enums import MemberStatus
from membership.models import Branch, Member, Tag
from membership.roles import Role

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
_numbers = count(1)


def make_user(name: str = "Kari Nordvik", *, email: str | None = None, **fields: Any) -> User:
    """A user who signs in with the password “medlemsboka”."""
    return User.objects.create_user(email or f"user{next(_numbers)}@demo.example", "medlemsboka", name=name, **fields)


def make_county(place: str = "Troms", **fields: Any) -> Branch:
    """A county with nothing under it."""
    return create_branch(None, name=f"{place} Arbeiderparti", place=place, by=None, **fields)


def make_branch(parent: Branch, place: str = "Kåfjord", **fields: Any) -> Branch:
    """A branch under another."""
    return create_branch(parent, name=f"{place} Arbeiderparti", place=place, by=None, **fields)


def make_member(branch: Branch, first_name: str = "Ane", last_name: str = "Fjellvær", **fields: Any) -> Member:
    """A current member with an open placement; the branch's count follows."""
    number = next(_numbers)
    fields.setdefault("member_number", f"{100000 + number}")
    fields.setdefault("mobile", f"+4700{number:06d}"[:11])
    fields.setdefault("mobile_ok", True)
    fields.setdefault("email", f"medlem{number}@example.no")
    fields.setdefault("status", MemberStatus.MEMBER)
    fields.setdefault("joined_on", date(2020, 1, 15))
    member = Member(first_name=first_name, last_name=last_name, **fields)
    derive(member, branch)
    member.save()
    place(member, on=member.joined_on)
    recount([branch.pk])
    return member


def make_tag(county: Branch, name: str = "Kvinnenettverket", *members: Member) -> Tag:
    """A group of the county with these in it."""
    tag, _ = Tag.objects.get_or_create(county=county, name=name)
    tag.members.add(*members)
    return tag


def make_dues_year(county: Branch, year: int = 2026, rate_ore: int = 45000) -> DuesYear:
    """A county's dues for one year, due on 15 March."""
    made, _ = DuesYear.objects.get_or_create(
        county=county, year=year, defaults={"rate_ore": rate_ore, "due_on": date(year, 3, 15)}
    )
    return made


def make_claim(
    member: Member, *, year: int = 2026, amount_ore: int = 45000, outstanding_ore: int | None = None
) -> Claim:
    """A raised claim, unpaid unless `outstanding_ore` says otherwise. Summary rows are the caller's to recount."""
    body = f"{next(_numbers):012d}"
    return Claim.objects.create(
        member=member,
        branch_id=member.branch_id,
        municipal_id=member.municipal_id,
        county_id=member.county_id,
        sort_key=member.sort_key,
        year=year,
        amount_ore=amount_ore,
        outstanding_ore=amount_ore if outstanding_ore is None else outstanding_ore,
        kid=body + luhn.calc_check_digit(body),
        original_due_on=date(year, 3, 15),
        final_due_on=date(year, 3, 15),
        created_at=NOW,
    )


def make_officer(branch: Branch, role: Role = Role.MEMBERSHIP_OFFICER, **fields: Any) -> User:
    """A user with a role in a branch since the start of the year."""
    user = make_user(**fields)
    ends_on = date(2026, 12, 31) if role == Role.CALLER else None
    give(user, role=role, branch=branch, by=None, starts_on=date(2026, 1, 1), ends_on=ends_on)
    return user


def make_unpaid(
    branch: Branch, first_name: str = "Ane", *, outstanding_ore: int | None = None, **fields: Any
) -> Member:
    """A member who has not paid for 2026."""
    member = make_member(branch, first_name, **fields)
    make_claim(member, outstanding_ore=outstanding_ore)
    return member


def hand_out(branch: Branch, by: User, *callers: User | str) -> CallList:
    """A list of all in a branch who have not paid for 2026, shared among users and names on paper; else for `by`."""
    listed = [ListCaller(None, one) if isinstance(one, str) else ListCaller(one, one.name) for one in callers or [by]]
    members = unpaid_members(branch, 2026)
    return make_list(branch, members=members, callers=listed, by=by, now=NOW, year=2026).call_list
