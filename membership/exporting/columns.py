"""What a file of members can hold: columns in groups to choose from, and all of them for the way back."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from common.dates import format_date
from common.phone import format_phone
from membership.changes import ADDRESS
from membership.extensions import MemberColumn, Text
from membership.importing import own
from membership.importing.columns import Field
from membership.models import Member
from membership.roles import Permission
from membership.tables import columns_for

if TYPE_CHECKING:
    from common.spreadsheet.writing import Value

# Excel's calendar is wrong before this day: earlier ones are written as texts.
_FIRST_DAY: Final = date(1900, 3, 1)
# More than a cell holds would come back cut, and so would change the register: such a text stays here.
_LONGEST: Final = 32_000


@dataclass(slots=True)
class Around:
    """What stands around the members of one chunk, looked up together."""

    # Branch id → name, code, and the place of its municipal branch.
    names: Mapping[int, str] = field(default_factory=dict)
    codes: Mapping[int, str] = field(default_factory=dict)
    municipalities: Mapping[int, str] = field(default_factory=dict)
    # Member id → the names of the groups.
    tags: Mapping[int, Sequence[str]] = field(default_factory=dict)
    tag_separator: str = "; "
    # Member id → number and name, of recruiters within the exporter's own branches.
    recruiters: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    # Column of another app → member id → word.
    added: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


Read = Callable[[Member, Around], "Value"]


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column: `key` is how a form names it, `label` how the page does, `heading` what stands in the file."""

    key: str
    label: Text
    heading: str
    width: int
    read: Read
    # The model's columns it is made of.
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that belong together on the page."""

    title: Text
    columns: Sequence[ExportColumn]


def day(value: date | None) -> Value:
    """A day as a cell can hold it."""
    return format_date(value) if value and value < _FIRST_DAY else value


def _plain(name: str) -> Read:
    return lambda member, _around: getattr(member, name)


def _address(name: str) -> Read:
    return lambda member, _around: "" if member.address_hidden else getattr(member, name)


def _day(name: str) -> Read:
    return lambda member, _around: day(getattr(member, name))


def _word(name: str, words: Mapping[Any, str]) -> Read:
    return lambda member, _around: words.get(getattr(member, name), getattr(member, name))


def _flag(name: str) -> Read:
    return lambda member, _around: own.YES if getattr(member, name) else ""


def _long(name: str) -> Read:
    return lambda member, _around: text if len(text := getattr(member, name)) <= _LONGEST else ""


def _born(member: Member, _around: Around) -> Value:
    return day(member.birth_on) or member.birth_year


def _shown_phone(name: str) -> Read:
    def read(member: Member, _around: Around) -> str:
        number = str(getattr(member, name))
        return format_phone(number) if getattr(member, f"{name}_ok") else number

    return read


def _exact_phone(name: str, *, ok: bool) -> Read:
    return lambda member, _around: getattr(member, name) if getattr(member, f"{name}_ok") is ok else ""


def _recruiter_name(member: Member, around: Around) -> str:
    return around.recruiters.get(member.recruited_by_id or 0, ("", ""))[1] or member.recruited_by_text


def _recruiter_number(member: Member, around: Around) -> str:
    return around.recruiters.get(member.recruited_by_id or 0, ("", ""))[0]


def _tags(member: Member, around: Around) -> str:
    return around.tag_separator.join(around.tags.get(member.pk, ()))


def _branch(member: Member, around: Around) -> str:
    return around.names.get(member.branch_id, "")


def _code(member: Member, around: Around) -> str:
    return around.codes.get(member.branch_id, "")


def _municipality(member: Member, around: Around) -> str:
    return around.municipalities.get(member.branch_id, "")


def _column(name: Field, width: int, read: Read, *needs: str, heading: str = "") -> ExportColumn:
    return ExportColumn(str(name), name.label, heading or own.HEADINGS[name], width, read, needs)


def _of(name: Field, width: int, column: str, kind: Callable[[str], Read] = _plain) -> ExportColumn:
    protection = ("address_protection",) if column in ADDRESS else ()
    return _column(name, width, kind(column), column, *protection)


_WHO: Final = (
    _of(Field.MEMBER_NUMBER, 13, "member_number"),
    _of(Field.LAST_NAME, 20, "last_name"),
    _of(Field.FIRST_NAME, 20, "first_name"),
    _column(Field.BIRTH_DATE, 12, _born, "birth_on", "birth_year"),
    _column(Field.GENDER, 9, _word("gender", own.GENDERS), "gender"),
    _column(Field.LANGUAGE, 14, _word("language", own.SPOKEN), "language"),
)
_ADDRESS: Final = (
    _of(Field.ADDRESS2, 18, "care_of", _address),
    _of(Field.ADDRESS, 26, "street", _address),
    _of(Field.POSTAL_CODE, 11, "postal_code", _address),
    _of(Field.CITY, 16, "city", _address),
)
_EMAIL: Final = _of(Field.EMAIL, 28, "email")
_PHONES: Final = (
    _column(Field.MOBILE, 14, _shown_phone("mobile"), "mobile", "mobile_ok"),
    _column(Field.PHONE2, 14, _shown_phone("phone"), "phone", "phone_ok"),
)
_PLACE: Final = (
    _column(Field.BRANCH, 24, _branch),
    _column(Field.MUNICIPALITY, 16, _municipality),
)
_MEMBERSHIP: Final = (
    _column(Field.STATUS, 14, _word("status", own.STATUSES), "status"),
    _column(Field.FEE_TYPE, 16, _word("category", own.CATEGORIES), "category"),
    _of(Field.JOINED, 12, "joined_on", _day),
    _of(Field.LEFT, 12, "left_on", _day),
    _column(Field.SOURCE, 22, _word("source", own.SOURCES), "source"),
)
# A name in words of its own: read back, it would stand as a text beside the member it is the name of.
_RECRUITED: Final = _column(
    Field.RECRUITED_BY, 20, _recruiter_name, "recruited_by_id", "recruited_by_text", heading="Vervet av (navn)"
)
_RESERVATIONS: Final = (
    _of(Field.NO_EMAIL, 10, "no_email", _flag),
    _of(Field.NO_SMS, 10, "no_sms", _flag),
    _of(Field.NO_PHONE, 10, "no_phone", _flag),
    _of(Field.NO_POST, 10, "no_post", _flag),
    _of(Field.NO_NEWSLETTER, 11, "no_newsletter", _flag),
    _of(Field.NO_MEETINGS, 11, "no_meetings", _flag),
    _of(Field.NO_SURVEYS, 11, "no_surveys", _flag),
    _of(Field.NO_RECRUITMENT, 11, "no_recruitment", _flag),
    _of(Field.FUNDRAISING_CONSENT, 14, "fundraising_consent_on", _day),
    _of(Field.GUARDIAN_NAME, 20, "guardian_name"),
    _of(Field.GUARDIAN_CONSENT, 14, "guardian_consent_on", _day),
)
_WORK: Final = (
    _of(Field.SKILLS, 30, "skills", _long),
    _column(Field.TAGS, 24, _tags),
    _of(Field.CHECKED, 14, "checked_on", _day),
)
_NOTE: Final = _of(Field.NOTE, 40, "note", _long)

# Before the names of other apps' columns.
ADDED: Final = "app_"
# What most lists need, and nothing that few do.
DEFAULTS: Final = (
    Field.MEMBER_NUMBER,
    Field.LAST_NAME,
    Field.FIRST_NAME,
    Field.EMAIL,
    Field.MOBILE,
    Field.PHONE2,
    Field.BRANCH,
    Field.JOINED,
)


def groups_for(access: Container[Permission]) -> list[Group]:
    """The columns somebody may choose, in the order of the file."""
    added = [_added(column) for column in columns_for(access)]
    note = (_NOTE,) if Permission.VIEW_NOTES in access else ()
    return [
        Group(_("Who"), _WHO),
        Group(_("Contact"), (_EMAIL, *_PHONES, *_ADDRESS)),
        Group(_("Membership"), (*_PLACE, *_MEMBERSHIP, _RECRUITED, *added)),
        Group(_("Reservations and consents"), _RESERVATIONS),
        Group(_("Work in the branch"), (*_WORK, *note)),
    ]


def chosen_columns(access: Container[Permission], keys: Iterable[str]) -> list[ExportColumn]:
    """Of the columns somebody may choose those with these keys; others are passed over."""
    wanted = set(keys)
    return [column for group in groups_for(access) for column in group.columns if column.key in wanted]


def _added(column: MemberColumn) -> ExportColumn:
    """What another app tells: read by people only, never back."""

    def read(member: Member, around: Around) -> str:
        return around.added.get(column.name, {}).get(member.pk, "")

    heading = f"{own.NOT_READ}{column.label}"
    return ExportColumn(f"{ADDED}{column.name}", column.label, heading, 16, read)


def register_columns(access: Container[Permission]) -> list[ExportColumn]:
    """Everything that comes back with an import: telephones as they are kept, branches by their codes.

    What few members have stands last: an empty cell at the end of a row is none.
    """
    phones = (
        _column(Field.MOBILE, 14, _exact_phone("mobile", ok=True), "mobile", "mobile_ok"),
        _column(Field.PHONE2, 14, _exact_phone("phone", ok=True), "phone", "phone_ok"),
    )
    rare = (
        _of(Field.RECRUITED_BY, 20, "recruited_by_text"),
        _column(Field.RECRUITER_NUMBER, 14, _recruiter_number, "recruited_by_id"),
        *_WORK,
        *_RESERVATIONS,
        _column(Field.MOBILE_TYPED, 14, _exact_phone("mobile", ok=False), "mobile", "mobile_ok"),
        _column(Field.PHONE2_TYPED, 14, _exact_phone("phone", ok=False), "phone", "phone_ok"),
    )
    note = (_NOTE,) if Permission.VIEW_NOTES in access else ()
    code = _column(Field.BRANCH_CODE, 16, _code)
    return [*_WHO, _EMAIL, *phones, *_ADDRESS, *_PLACE, code, *_MEMBERSHIP, *rare, *note]
