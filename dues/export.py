"""Unpaid lists and call lists as Excel workbooks: the fourteen columns a caller needs, and no address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, Final

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from calling.enums import CHOSEN
from calling.models import Call, CallList, CallListCaller
from common.dates import format_long, format_time
from common.phone import format_phone
from dues.call_lists import shown, unpaid_claims, with_number, young
from dues.models import ClaimQuerySet
from membership.departures import has_lost_members, newest_change
from membership.enums import AddressProtection, MemberStatus
from membership.models import ADULT, Branch
from membership.models.member import is_under

if TYPE_CHECKING:
    # Where it is used: openpyxl is seven megabytes that a process which shows pages seldom needs.
    from common.spreadsheet.writing import Column, Value

# More rows than this are written by a worker, with a progress bar.
ROWS_AT_ONCE: Final = 2000
CHUNK: Final = 2000
# So often a list is begun again because somebody on it moved away meanwhile.
_ATTEMPTS: Final = 10
CONTENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Progress = Callable[[int], None]

_FIELDS: Final = (
    "sort_key",
    "pk",
    "member_id",
    "branch_id",
    "member__member_number",
    "member__last_name",
    "member__first_name",
    "member__mobile",
    "member__mobile_ok",
    "member__phone",
    "member__phone_ok",
    "member__email",
    "amount_ore",
    "outstanding_ore",
    "original_due_on",
    "member__birth_on",
    "member__birth_year",
    "is_wrong",
)


@dataclass(frozen=True, slots=True)
class Exporter:
    """Who takes the list out, and when: it stands in the file."""

    user: User
    now: datetime


def columns() -> list[Column]:
    """The fourteen columns. No paid column: read back as a register file, it would settle claims."""
    from common.spreadsheet.writing import Column

    return [
        Column(_("Member no."), 11),
        Column(_("Last name"), 18),
        Column(_("First name"), 18),
        Column(_("Municipal branch"), 14),
        Column(_("Mobile"), 13),
        Column(_("Other phone"), 13),
        Column(_("Email"), 26),
        Column(_("Claim"), 9),
        Column(_("Not paid"), 9),
        Column(_("Due"), 11),
        Column(_("Caller"), 18),
        Column(_("Result"), 24, [str(outcome.label) for outcome in CHOSEN]),
        Column(_("Date"), 11),
        Column(_("Note"), 30),
    ]


def unpaid_file_name(branch: Branch, year: int, today: date) -> str:
    """Fixed words, the branch's slug and dates: never a name."""
    return f"ikke-betalt-{branch.slug}-{year}-{today.isoformat()}.xlsx"


def call_list_file_name(call_list: CallList, today: date) -> str:
    """As the unpaid list's, with the list's number."""
    return f"ringeliste-{call_list.branch.slug}-{call_list.year}-{call_list.pk}-{today.isoformat()}.xlsx"


def write_unpaid(
    branch: Branch,
    year: int,
    *,
    file: IO[bytes],
    by: Exporter,
    filters: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> int:
    """Everyone who has not paid on one sheet, and the callers of the newest open list on one each.

    Returns how many there are on the first sheet. `progress` gets the rows written so far, also while the file is
    packed. Where somebody has moved away meanwhile, it is written anew without them.
    """
    call_list = CallList.objects.filter(branch=branch).for_dues(year).open().newest_first().first()
    claims = unpaid_claims(branch, year, filters)
    chosen = _("A choice of the list, not all of it.") if filters else ""
    for _attempt in range(_ATTEMPTS):
        start = newest_change()
        file.seek(0)
        file.truncate()
        count = _write(branch, year, claims, call_list, file=file, by=by, chosen=chosen, progress=progress)
        if not has_lost_members(branch, since=start):
            return count
    raise RuntimeError("members move away as fast as the list can be written")


def write_call_list(call_list: CallList, *, file: IO[bytes], by: Exporter) -> int:
    """Those on the list who still have not paid: all on one sheet, and each caller's on one."""
    year = call_list.year or 0
    claims = unpaid_claims(call_list.branch, year).filter(
        member__in=Call.objects.handed().filter(call_list=call_list).values("member_id")
    )
    return _write(call_list.branch, year, claims, call_list, file=file, by=by)


def _write(
    branch: Branch,
    year: int,
    claims: ClaimQuerySet,
    call_list: CallList | None,
    *,
    file: IO[bytes],
    by: Exporter,
    chosen: str = "",
    progress: Progress | None = None,
) -> int:
    from common.spreadsheet.writing import Book

    callers = list(call_list.callers.order_by("position", "id")) if call_list else []
    title = _("Not paid %(year)s, %(branch)s") % {"year": year, "branch": branch.name}
    confidential = _("Confidential. Delete the file and shred printed sheets after use.")
    above = [line for line in (title, _origin(by), chosen, _hidden(claims), confidential) if line]
    claims = with_number(shown(claims))
    rows = _Rows(branch, callers, on=localtime(by.now).date())
    with Book(title=title, footer=f"{title}. {_origin(by)}") as book:
        everyone = book.sheet(_("All"), columns(), above=above)
        for chunk in _chunks(claims):
            for values in chunk:
                everyone.add(rows.row(values))
            if progress:
                progress(everyone.rows)
        for caller in callers:
            sheet = book.sheet(caller.name, columns(), above=[f"{caller.name}: {title}", *above[1:]])
            for values in _in_callers_order(claims, caller, on=localtime(by.now).date()):
                sheet.add(rows.row(values))
        book.save(file, tick=(lambda: progress(everyone.rows)) if progress else None)
    return everyone.rows


def _origin(by: Exporter) -> str:
    moment = localtime(by.now)
    return _("Taken out by %(name)s on %(day)s at %(time)s.") % {
        "name": by.user.name,
        "day": format_long(moment.date()),
        "time": format_time(moment.time()),
    }


def _hidden(claims: ClaimQuerySet) -> str:
    """How many the file leaves out; not why."""
    count = claims.filter(member__address_protection=AddressProtection.STRICT).count()
    return (
        ngettext("%(count)d is not in the file.", "%(count)d are not in the file.", count) % {"count": count}
        if count
        else ""
    )


def _chunks(claims: ClaimQuerySet) -> Iterator[list[tuple[Any, ...]]]:
    """The rows by name, some at a time, each time from where the last ended: no cursor stands open meanwhile."""
    page = claims.in_order()
    while True:
        rows = list(page.values_list(*_FIELDS)[:CHUNK])
        yield rows
        if len(rows) < CHUNK:
            return
        key, pk = rows[-1][:2]
        # The first condition is what the index goes by.
        page = claims.filter(sort_key__gte=key).exclude(sort_key=key, pk__lte=pk).in_order()


def _in_callers_order(claims: ClaimQuerySet, caller: CallListCaller, *, on: date) -> Iterable[tuple[Any, ...]]:
    """The rows of one caller, without those who since then are not to be phoned."""
    order = dict(Call.objects.handed().filter(caller=caller, member__isnull=False).values_list("member_id", "position"))
    mine = (
        claims.exclude(young(on))
        .filter(member__in=list(order), member__no_phone=False, member__status=MemberStatus.MEMBER)
        .values_list(*_FIELDS)
    )
    # The last field: the number is somebody else's.
    return sorted((row for row in mine if not row[-1]), key=lambda row: order[row[2]])


class _Rows:
    """Makes rows of what the database gives."""

    def __init__(self, branch: Branch, callers: Iterable[CallListCaller], *, on: date) -> None:
        self._on = on
        self._places: Mapping[int, str] = dict(branch.subtree.values_list("pk", "place"))
        calls = (
            Call.objects.handed()
            .filter(caller__in=list(callers), member__isnull=False)
            .values_list("member_id", "caller__name")
        )
        self._callers: Mapping[int, str] = dict(calls)

    def row(self, values: tuple[Any, ...]) -> list[Value]:
        """The fourteen cells; the last three are the caller's to fill."""
        (
            _key,
            _pk,
            member,
            branch,
            number,
            last,
            first,
            mobile,
            mobile_ok,
            phone,
            phone_ok,
            email,
            amount,
            rest,
            due,
            birth_on,
            birth_year,
            is_wrong,
        ) = values
        if is_wrong or is_under(birth_on, birth_year, ADULT, on=self._on):
            # Whoever gets the file may phone from it: those under 18 are in it for the dues alone.
            mobile = phone = ""
            mobile_ok = phone_ok = False
        return [
            number,
            last,
            first,
            self._places.get(branch),
            format_phone(mobile) if mobile_ok else mobile,
            format_phone(phone) if phone_ok else phone,
            email,
            _kroner(amount),
            _kroner(rest),
            due,
            self._callers.get(member),
            None,
            None,
            None,
        ]


def _kroner(ore: int) -> int | float:
    kroner, rest = divmod(ore, 100)
    return ore / 100 if rest else kroner
