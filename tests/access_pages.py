"""The table that tests/test_access_matrix.py walks: each address, what it answers, and the dangerous ones once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from membership.roles import Role
from tests import access_messaging, access_privacy
from tests.access_table import Page
from tests.access_world import Belongings, Place
from tests.factories import TODAY

YEAR: Final = TODAY.year


def year(_place: Place, _own: Belongings) -> list[Any]:
    return [YEAR]


PAGES: Final[Mapping[str, Page]] = {
    **access_messaging.PAGES,
    **access_privacy.PAGES,
    "overview:branch": Page(200),
    "membership:member_list": Page(200, 302, data={"q": "ragna"}),
    "membership:member_export": Page(200, 200),
    "membership:corrections": Page(200, 302),
    "membership:corrections_file": Page(post=200, args=lambda place, _own: [place.report.pk]),
    "membership:corrections_undo": Page(post=302, args=lambda place, _own: [place.report.pk]),
    "membership:member_detail": Page(200, args=lambda place, _own: [place.member.pk]),
    "membership:member_move": Page(200, 422, args=lambda place, _own: [place.member.pk]),
    "membership:branches": Page(200),
    "membership:branch_new": Page(200, 422),
    "membership:branch_merge": Page(302, 302),
    "membership:branch_split": Page(200, 422),
    "membership:reform_detail": Page(404, args=lambda _place, _own: [UUID(int=0)]),
    "membership:reform_undo": Page(post=404, args=lambda _place, _own: [UUID(int=0)]),
    "membership:moves": Page(200),
    "membership:move_answer": Page(post=302, args=lambda _place, own: [own.asked.pk], data={"handling": "ja"}),
    "membership:member_new": Page(200, 302, data={"first_name": "Ny", "category": "ordinary", "status": "member"}),
    "membership:member_edit": Page(200, 302, args=lambda place, _own: [place.member.pk], data={"last_name": "Ny",
        "category": "ordinary"}),
    "membership:member_status": Page(200, 302, args=lambda place, _own: [place.member.pk], data={"to": "expelled",
        "on": "20.11.2026", "expected": "member"}),
    "membership:member_checked": Page(post=302, args=lambda place, _own: [place.member.pk]),
    "membership:member_bounced": Page(post=302, args=lambda place, _own: [place.member.pk]),
    "membership:member_address": Page(302, 302, args=lambda place, _own: [place.member.pk], data={"reason": "letter"}),
    "membership:saved_view_save": Page(post=302, data={"name": "Mine"}),
    "membership:saved_view_delete": Page(post=302, args=lambda _place, own: [own.view.pk]),
    "membership:member_filters": Page(200),
    "membership:quality": Page(200),
    "membership:tags": Page(200),
    "membership:tag_create": Page(post=302, data={"name": "Ungdom"}),
    "membership:tag_rename": Page(post=302, args=lambda _place, own: [own.tag.pk], data={"name": "Ungdom"}),
    "membership:tag_remove": Page(post=302, args=lambda _place, own: [own.tag.pk]),
    "membership:saved_view_rename": Page(post=302, args=lambda _place, own: [own.view.pk], data={"name": "Mine"}),
    "membership:bulk": Page(post=422, data={"handling": "check"}),
    "membership:batches": Page(200),
    "membership:batch": Page(200, args=lambda _place, own: [own.batch.pk]),
    "membership:batch_undo": Page(post=302, args=lambda _place, own: [own.batch.pk]),
    "membership:roles": Page(200),
    "membership:duplicate_list": Page(200, 302),
    "membership:duplicate_reopen": Page(post=302, args=lambda _place, own: [own.pair.pk]),
    "membership:merge_start": Page(200, 422, args=lambda place, _own: [place.member.pk], data={"number": "0"}),
    "membership:merge": Page(
        200, 302, args=lambda place, own: [place.member.pk, own.twin.pk], data={"handling": "ikke-samme"}
    ),
    "membership:merge_done": Page(200, args=lambda _place, own: [own.merge.pk]),
    "membership:merge_undo": Page(post=302, args=lambda _place, own: [own.merge.pk]),
    "membership:directory": Page(200),
    "membership:branch_settings": Page(200, 422),
    "membership:board": Page(200),
    "membership:post_add": Page(200, 422, data={"who": ""}),
    "membership:post_edit": Page(200, 302, args=lambda place, _own: [place.post.pk], data={"remove": "1"}),
    "membership:board_new": Page(200, 422, data={"on": ""}),
    "membership:access_list": Page(200),
    "membership:access_give": Page(200, 422, data={"email": ""}),
    "membership:access_detail": Page(200, 302, args=lambda place, _own: [place.grant.pk], data={"end": "1"}),
    "membership:handover": Page(200, 422, data={"old": ""}),
    "membership:import_upload": Page(200, 422),
    "membership:import_detail": Page(200, 302, args=lambda _place, own: [own.made.pk], data={"handling": "avbryt"}),
    "membership:import_help": Page(200),
    "membership:import_result_file": Page(200, args=lambda _place, own: [own.applied.pk]),
    "membership:import_undo": Page(200, 302, args=lambda _place, own: [own.applied.pk]),
    "membership:job": Page(200, args=lambda _place, own: [own.job.pk]),
    "membership:job_file": Page(200, args=lambda _place, own: [own.job.pk]),
    "dues:unpaid": Page(200, 302, args=year, data={"navn": "ragna"}),
    "dues:unpaid_export": Page(post=200, args=year),
    "dues:unpaid_print": Page(200, args=year),
    "dues:payment_register": Page(
        200, 302, args=lambda place, _own: [place.claim.pk], data={"amount": "100", "expected": "40000",
        "paid_on": "20.11.2026"}
    ),
    "dues:payment_undo": Page(post=302, args=lambda place, _own: [place.payment.pk]),
    "dues:call_list_make": Page(post=422, args=year, data={"name_1_count": "x"}),
    "dues:call_lists": Page(200),
    "dues:call_list": Page(200, args=lambda _place, own: [own.call_list.pk]),
    "dues:call_list_close": Page(post=302, args=lambda _place, own: [own.call_list.pk]),
    "dues:call_list_export": Page(post=200, args=lambda _place, own: [own.call_list.pk]),
    "dues:call_list_print": Page(200, args=lambda _place, own: [own.call_list.pk, own.caller.pk]),
    "recruitment:targets": Page(200),
}  # fmt: skip

# Said once more in plain words, so that a slip in roles.py or in a guard is seen here.
_OFFICERS: Final = {Role.MEMBERSHIP_OFFICER, Role.COUNTY_SECRETARY, Role.COUNTY_MEMBERSHIP_OFFICER}
_MONEY: Final = {*_OFFICERS, Role.TREASURER}
_BOARD: Final = {*_OFFICERS, Role.BRANCH_LEADER}
_KEYS: Final = {Role.COUNTY_SECRETARY, Role.ADMINISTRATOR}
MAY: Final[Mapping[str, set[Role]]] = {
    **access_messaging.MAY,
    "membership:import_upload": _OFFICERS,
    "membership:import_detail": _OFFICERS,
    "membership:duplicate_list": _OFFICERS,
    "membership:merge": _OFFICERS,
    "membership:merge_undo": _OFFICERS,
    "membership:member_export": _MONEY,
    "membership:corrections": _MONEY,
    "membership:corrections_file": _MONEY,
    "membership:corrections_undo": _MONEY,
    "membership:import_help": _OFFICERS,
    "membership:import_result_file": _OFFICERS,
    "membership:import_undo": _OFFICERS,
    "dues:unpaid_export": _MONEY,
    "dues:unpaid_print": _MONEY,
    "dues:call_list_export": _MONEY,
    "dues:payment_register": _MONEY,
    "dues:payment_undo": _MONEY,
    "dues:call_list_make": _MONEY,
    "dues:call_list_close": _MONEY,
    "dues:call_list": {*_MONEY, Role.CALLER},
    "dues:call_list_print": {*_MONEY, Role.CALLER},
    "dues:unpaid": {*_MONEY, Role.BRANCH_LEADER},
    "membership:bulk": _OFFICERS,
    "membership:batch_undo": _OFFICERS,
    "membership:member_list": {*_MONEY, Role.BRANCH_LEADER},
    "membership:member_detail": {*_MONEY, Role.BRANCH_LEADER},
    "membership:member_move": _OFFICERS,
    "membership:moves": _OFFICERS,
    "membership:branches": {Role.COUNTY_SECRETARY},
    "membership:branch_new": {Role.COUNTY_SECRETARY},
    "membership:branch_merge": {Role.COUNTY_SECRETARY},
    "membership:branch_split": {Role.COUNTY_SECRETARY},
    "membership:reform_detail": {Role.COUNTY_SECRETARY},
    "membership:reform_undo": {Role.COUNTY_SECRETARY},
    "membership:move_answer": _OFFICERS,
    **dict.fromkeys(
        (f"membership:{name}" for name in ("branch_settings", "post_add", "post_edit", "board_new")), _BOARD
    ),
    **dict.fromkeys((f"membership:access_{name}" for name in ("list", "give", "detail")), _KEYS),
    "membership:handover": _KEYS,
    "membership:member_new": _OFFICERS,
    "membership:member_edit": _OFFICERS,
    "membership:member_status": _OFFICERS,
    "membership:member_checked": _OFFICERS,
    "membership:member_bounced": _OFFICERS,
    "membership:member_address": {Role.COUNTY_SECRETARY},
    **dict.fromkeys(
        (
            f"privacy:{name}"
            for name in ("resignation", "resignation_link", "resignation_letter", "death", "leavers", "leaver_return")
        ),
        _OFFICERS,
    ),
    "membership:roles": {Role.COUNTY_SECRETARY, Role.COUNTY_MEMBERSHIP_OFFICER, Role.ADMINISTRATOR},
}
