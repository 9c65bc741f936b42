"""What has happened to the demo's register lately: corrections, groups, letters that came back, some who want to move.

Written through the register's own door, so that it leaves the traces that officers' work leaves. A few dozen members in
all, whatever the register's size.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from accounts.models import User
from demo.people import demo_number
from membership.actions.editing import Edit, Pen, locked, write
from membership.enums import ChangeSource
from membership.models import Branch, Member, MoveRequest, Tag

GROUPS: Final = ("Kvinnenettverket", "Samisk forum", "Seniornettverket", "Ungdomsgruppa")
# Numbers of their own, above those that the register's people have.
_NEW_NUMBERS: Final = 900_000
_CHECKED: Final = 20
_IN_A_GROUP: Final = 12
_CAME_BACK: Final = 5

Values = dict[str, Any]


def live(branches: Sequence[Branch], users: Mapping[str, User], *, today: date) -> None:
    """Let officers have worked with the register for some weeks before `today`."""
    by_place = {branch.place: branch for branch in branches}
    kafjord, tromso = by_place["Kåfjord"], by_place["Tromsø"]
    for branch, user in (
        (kafjord, users["medlemsansvarlig.kafjord"]),
        (tromso, users["medlemsansvarlig.tromso"]),
    ):
        _correct(branch, user, today=today)
        _check(branch, user, today=today)
        _come_back(branch, user, today=today)
    _group(branches[0], users["medlemsansvarlig.fylke"], today=today)
    _ask_to_move(kafjord, tromso, users, today=today)


def _pen(by: User, source: ChangeSource, today: date, days_ago: int) -> Pen:
    day = today - timedelta(days=days_ago)
    return Pen(by, source, datetime.combine(day, time(18, 20), UTC), day)


def _some(branch: Branch, first: int, count: int, **having: Any) -> list[Member]:
    """Members of a branch whose address is not protected, always the same ones."""
    found = branch.members.current().filter(address_protection="", **having).order_by("pk")
    return locked(branch.members.filter(pk__in=list(found.values_list("pk", flat=True)[first : first + count])))


def _correct(branch: Branch, by: User, *, today: date) -> None:
    """What members told when somebody phoned: one piece a day."""
    news: Sequence[Values] = (
        {"mobile": demo_number(_NEW_NUMBERS + branch.pk), "mobile_ok": True},
        {"street": "Strandvegen 14", "postal_code": "9146", "city": "Olderdalen"},
        {"skills": "Kan holde kurs i sosiale medier.", "no_newsletter": True},
        {"email": f"ny.adresse.{branch.pk}@epost.example"},
        {"category": "reduced"},
    )
    for days_ago, (member, values) in enumerate(zip(_some(branch, 3, len(news)), news, strict=False), start=2):
        write([Edit(member, values)], pen=_pen(by, ChangeSource.OFFICER, today, 3 * days_ago))


def _check(branch: Branch, by: User, *, today: date) -> None:
    pen = _pen(by, ChangeSource.BULK, today, 40)
    write([Edit(member, {"checked_on": pen.today}) for member in _some(branch, 0, _CHECKED)], pen=pen)


def _come_back(branch: Branch, by: User, *, today: date) -> None:
    pen = _pen(by, ChangeSource.OFFICER, today, 12)
    members = [member for member in _some(branch, 10, 3 * _CAME_BACK) if member.email][:_CAME_BACK]
    write([Edit(member, {"email_bounced_on": pen.today}) for member in members], pen=pen)


def _group(county: Branch, by: User, *, today: date) -> None:
    """The county's groups, each with some who fit."""
    tags = {name: Tag.objects.create(county=county, name=name) for name in GROUPS}
    fits: Mapping[str, Values] = {
        "Kvinnenettverket": {"gender": "K"},
        "Samisk forum": {"language": "se"},
        "Seniornettverket": {"birth_year__lt": today.year - 67},
        "Ungdomsgruppa": {"birth_year__gt": today.year - 30},
    }
    wanted: dict[int, set[int]] = {}
    for name, having in fits.items():
        for member in _some(county, 0, _IN_A_GROUP, **having):
            wanted.setdefault(member.pk, set()).add(tags[name].pk)
    members = locked(county.members.filter(pk__in=wanted))
    edits = [Edit(member, tags=frozenset(wanted[member.pk])) for member in members]
    write(edits, pen=_pen(by, ChangeSource.BULK, today, 60))


def _ask_to_move(kafjord: Branch, tromso: Branch, users: Mapping[str, User], *, today: date) -> None:
    """One from each to the other, waiting for an answer."""
    officers = {kafjord.pk: users["medlemsansvarlig.kafjord"], tromso.pk: users["medlemsansvarlig.tromso"]}
    for days_ago, (here, there) in ((4, (kafjord, tromso)), (2, (tromso, kafjord))):
        for member in _some(here, 30, 1):
            MoveRequest.objects.create(
                member=member,
                from_branch_id=member.branch_id,
                to_branch=there,
                asked_by=officers[here.pk],
                by_member=True,
                asked_at=datetime.combine(today - timedelta(days=days_ago), time(19), UTC),
            )
