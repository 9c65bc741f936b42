"""Who is who in the demo: an officer for nearly every branch, boards, the county's staff, a substitute.

One branch has no officer, and another's has not been here for a long time: the county is to see both.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from accounts.models import User
from common.text import slugify_nb
from demo.names import MAN, WOMAN, family_name, given_name
from demo.people import demo_number
from membership.enums import BranchKind, PostTitle
from membership.models import BoardPost, Branch, Grant
from membership.roles import Role

NO_OFFICER: Final = "Gratangen"
# Days since the officer was here, where that is long.
AWAY: Final = {"Dyrøy": 83}
# In a country of branches the first ones are enough to look at.
_MOST: Final = 40
# Numbers of their own, above those of the register's people.
_NUMBERS: Final = 950_000
_ELECTED: Final = (PostTitle.LEADER, PostTitle.DEPUTY, PostTitle.SECRETARY, PostTitle.TREASURER, PostTitle.BOARD)
_ORDER: Final = list(PostTitle)


def make_officers(branches: Sequence[Branch], users: Mapping[str, User], *, today: date, seed: int) -> None:
    """Fill the directory."""
    rng = Random(f"{seed} officers")
    municipal = [branch for branch in branches if branch.kind == BranchKind.MUNICIPAL][:_MOST]
    taken = {"Kåfjord": users["medlemsansvarlig.kafjord"], "Tromsø": users["medlemsansvarlig.tromso"]}
    without = [branch for branch in municipal if branch.place != NO_OFFICER and branch.place not in taken]
    names = [f"medlemsansvarlig.{branch.slug}" for branch in without]
    made = _make_users([*names, "vikar.fylke", "organisasjon.fylke"], users, rng, today=today)
    officers = taken | {branch.place: user for branch, user in zip(without, made, strict=False)}
    substitute, staff = made[-2:]
    _grant(without, officers, substitute, branches[0], users["fylkessekretaer"], today=today)
    _sign_in(officers, users, rng, today=today)
    posts = [post for branch in municipal for post in _board(branch, officers.get(branch.place), rng, today)]
    posts.append(_post(branches[0], PostTitle.STAFF, date(today.year - 2, 8, 1), user=staff))
    BoardPost.objects.bulk_create(posts)
    _tell(branches)


def _make_users(accounts: Sequence[str], users: Mapping[str, User], rng: Random, *, today: date) -> list[User]:
    """With the password all have."""
    password = users["fylkessekretaer"].password
    wanted = []
    for position, account in enumerate(accounts):
        gender = rng.choice((WOMAN, MAN))
        name = f"{given_name(rng, 'norwegian', gender, 1972)} {family_name(rng, 'norwegian')}"
        phone = demo_number(_NUMBERS + position)
        wanted.append(User(email=f"{account}@demo.example", name=name, phone=phone, password=password))
    made = User.objects.bulk_create(wanted)
    since = datetime.combine(date(today.year, 1, 2), time(9), UTC)
    User.objects.filter(pk__in=[user.pk for user in made]).update(created_at=since)
    return made


def _grant(
    without: Sequence[Branch],
    officers: Mapping[str, User],
    substitute: User,
    county: Branch,
    secretary: User,
    *,
    today: date,
) -> None:
    since = date(today.year, 1, 2)
    grants = [
        Grant(
            user=officers[branch.place],
            branch=branch,
            role=Role.MEMBERSHIP_OFFICER,
            starts_on=since,
            granted_by=secretary,
        )
        for branch in without
    ]
    grants.append(
        Grant(
            user=substitute,
            branch=county,
            role=Role.COUNTY_SECRETARY,
            starts_on=today - timedelta(days=5),
            ends_on=today + timedelta(days=40),
            granted_by=secretary,
            stands_in_for=secretary,
        )
    )
    made = Grant.objects.bulk_create(grants)
    at = datetime.combine(since, time(9), UTC)
    Grant.objects.filter(pk__in=[grant.pk for grant in made]).update(created_at=at)


def _sign_in(officers: Mapping[str, User], users: Mapping[str, User], rng: Random, *, today: date) -> None:
    """When each was here last: most of them lately."""
    days = {user.pk: AWAY.get(place) or rng.randrange(1, 30) for place, user in officers.items()}
    days = {user.pk: rng.randrange(1, 9) for user in users.values()} | days
    here = list(User.objects.filter(pk__in=days).order_by("id"))
    for user in here:
        user.last_login = datetime.combine(today - timedelta(days=days[user.pk]), time(18, 15), UTC)
    User.objects.bulk_update(here, ["last_login"])


def _board(branch: Branch, officer: User | None, rng: Random, today: date) -> list[BoardPost]:
    """This year's board and the leader before it, of members who have not asked for protection."""
    found = branch.members.current().filter(address_protection="", birth_year__lt=today.year - 20)
    members = list(found.order_by("pk")[3 : 4 + len(_ELECTED)])
    meeting = min(date(today.year, 2, rng.randrange(3, 27)), today)
    before = date(meeting.year - 2, 2, 10)
    posts = [_post(branch, title, meeting, member=member) for title, member in zip(_ELECTED, members, strict=False)]
    if len(members) > len(_ELECTED):
        posts.append(_post(branch, PostTitle.LEADER, before, member=members[-1], ends_on=meeting))
    if officer:
        posts.append(_post(branch, PostTitle.MEMBERSHIP, meeting, user=officer))
    return posts


def _post(branch: Branch, title: PostTitle, starts_on: date, **fields: object) -> BoardPost:
    return BoardPost(branch=branch, title=title, position=_ORDER.index(title), starts_on=starts_on, **fields)


def _tell(branches: Sequence[Branch]) -> None:
    """What some branches say of themselves."""
    for branch in branches:
        if branch.place in {"Kåfjord", "Tromsø", "Troms"}:
            word = slugify_nb(branch.place)
            branch.email = f"post@{word}.example"
            branch.meeting_place = f"Folkets hus, {branch.place}"
            branch.facebook_page = f"https://www.facebook.com/medlemsboka.demo.{word}"
            branch.save(update_fields=["email", "meeting_place", "facebook_page"])
