"""What has happened to the demo's register lately: corrections, groups, letters that came back, some who want to move.

Written through the register's own door, so that it leaves the traces that officers' work leaves. A few dozen members in
all, whatever the register's size.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from common.policy import keep
from demo.people import demo_number
from dues.models import Claim
from membership.actions.bulk import tag_edits
from membership.actions.editing import Edit, Pen, locked, write
from membership.actions.members import derive
from membership.duplicates.searching import check
from membership.enums import BatchKind, BulkKind, ChangeSource
from membership.models import Branch, ChangeBatch, Member, MoveRequest, Tag

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
        _stand_twice(branch, today=today)
    _group(branches[0], users["medlemsansvarlig.fylke"], today=today)
    _ask_to_move(kafjord, tromso, users, today=today)


def _pen(by: User, source: ChangeSource, today: date, days_ago: int) -> Pen:
    day = today - timedelta(days=days_ago)
    return Pen(by, source, datetime.combine(day, time(18, 20), UTC), day)


def _some(branch: Branch, first: int, count: int, **having: Any) -> list[Member]:
    """Members of a branch whose address is not protected, always the same ones."""
    found = branch.members.current().filter(address_protection="", **having).order_by("pk")
    return locked(branch.members.filter(pk__in=list(found.values_list("pk", flat=True)[first : first + count])))


def _pairs(members: Sequence[Member]) -> Iterator[tuple[Member, Member]]:
    return zip(members[::2], members[1::2], strict=False)


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


def _stand_twice(branch: Branch, *, today: date) -> None:
    """Let two people stand in the register twice, and have been found."""
    for position, (first, second) in enumerate(_pairs(_some(branch, 20, 4))):
        name = first.first_name.replace("-", " ") if position else first.first_name[:1] + first.first_name[1:].upper()
        Member.objects.filter(pk=second.pk).update(
            first_name=name,
            last_name=first.last_name,
            gender=first.gender,
            birth_on=first.birth_on,
            birth_year=first.birth_year,
            email=first.email,
            mobile=first.mobile if position else second.mobile,
            mobile_ok=first.mobile_ok if position else second.mobile_ok,
        )
        twin = Member.objects.get(pk=second.pk)
        derive(twin)
        keys = {name: getattr(twin, name) for name in ("sort_key", "search_text", "household_key")}
        Member.objects.filter(pk=twin.pk).update(**keys)
        # All of them, the paid ones too: it was their name when they were asked.
        Claim.objects.filter(member=twin).update(sort_key=twin.sort_key)
        check([first.pk, twin.pk], now=datetime.combine(today - timedelta(days=1), time(3), UTC))


def _group(county: Branch, by: User, *, today: date) -> None:
    """The county's groups, each with some who fit; the last of them is news that can still be undone."""
    fits: Mapping[str, Values] = {
        "Kvinnenettverket": {"gender": "K"},
        "Samisk forum": {"language": "se"},
        "Seniornettverket": {"birth_year__lt": today.year - 67},
        "Ungdomsgruppa": {"birth_year__gt": today.year - 30},
    }
    for position, (name, having) in enumerate(fits.items()):
        tag = Tag.objects.create(county=county, name=name)
        pen = _pen(by, ChangeSource.BULK, today, 60 - 18 * position)
        members = _some(county, 0, _IN_A_GROUP, **having)
        batch = ChangeBatch.objects.create(
            id=UUID(int=position + 1, version=4),
            kind=BatchKind.BULK,
            branch=county,
            by=by,
            at=pen.now,
            count=len(members),
            details={"what": BulkKind.ADD_TAG.value, "target": tag.pk},
            undo_until_at=pen.now + keep("undo"),
        )
        write(tag_edits(members, tag.pk, add=True), pen=replace(pen, batch=batch))


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
