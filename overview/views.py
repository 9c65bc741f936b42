"""The first page of a branch: a county's overview, everybody else's “today”."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common import clock
from common.listing import SORT, kept, page_number, page_of
from common.ordering import Column, ordered
from membership.access import BranchRequest, branch_view, house_view
from membership.roles import Permission
from overview import operations
from overview.agenda import AT_MOST, agenda
from overview.agenda_elsewhere import elsewhere
from overview.board import lines, stripes, without_line
from overview.charts import line_chart
from overview.figures import (
    BoardRow,
    History,
    add_history,
    added_up,
    aim,
    board_rows,
    history,
    last_december,
    line_of,
    members_by_month,
    signed,
    stale_branches,
    unpaid_by_branch,
)
from recruitment.enums import ElectionKind
from recruitment.figures import CountyFigures, branch_figures, county_figures, round_of

# More bars than this are too thin to tell apart; more rows go on a second page.
MOST_BARS: Final = 30
ROWS: Final = 30
ON_TOP: Final = 6
NAMED: Final = 3
SHOW_ALL: Final = "alle"


@branch_view(Permission.VIEW_OVERVIEW)
def branch(request: BranchRequest) -> HttpResponse:
    """What a branch's people see first."""
    record(Verb.OVERVIEW_OPENED, by=request.user, branch_id=request.branch.pk)
    if request.branch.is_county:
        return render(request, "overview/county_overview.html", _county(request))
    return render(request, "overview/branch_today.html", _today(request))


def _today(request: BranchRequest) -> dict[str, Any]:
    own, today = request.branch, request.today
    target_round = round_of(own.root_id, today.year, branch_id=own.pk)
    figures, votes_year = branch_figures(own, on=today, target_round=target_round)
    at_new_year = members_by_month(own, today=today).get(last_december(today))
    sees_dues = Permission.VIEW_DUES in request.access
    unpaid = unpaid_by_branch(own, today.year) if sees_dues else {}
    claims = sum(count for count, _ore in unpaid.values())
    ore = sum(sum_ore for _count, sum_ore in unpaid.values())
    return {
        "page": "oversikt",
        "figures": figures,
        "progress": figures.progress,
        "aim": figures.total_target,
        "target_round": target_round,
        "votes_year": votes_year,
        "change": None if at_new_year is None else signed(figures.members - at_new_year),
        "unpaid": claims if sees_dues else None,
        "agenda": agenda(own, request.user, request.access, today=today, unpaid=(claims, ore), members=figures.members),
        "today": today,
    }


def _county(request: BranchRequest) -> dict[str, Any]:
    county, today, access = request.branch, request.today, request.access
    found = county_figures(
        county, on=today, target_round=round_of(county.pk, today.year), kinds=(ElectionKind.MUNICIPAL,)
    )
    unpaid = unpaid_by_branch(county, today.year) if Permission.VIEW_DUES in access else {}
    # A county whose rows all fit on one page needs no second reading for its line.
    told = history(county, None, today=today) if len(found.rows) <= ROWS else None
    by_month = members_by_month(county, today=today) if told is None else added_up(told)
    goal = aim(found)
    line = line_of(
        by_month,
        members=found.total.members,
        total_target=goal,
        total_year=found.round.total_year if found.round else today.year,
        today=today,
    )
    targeted = [row for row in found.rows if row.recruit_target]
    ranked = sorted(targeted, key=lambda row: (-(row.progress.percent or 0), -row.joined))
    bars = stripes(ranked if len(ranked) <= MOST_BARS else ranked[:ON_TOP])
    rows = board_rows(found, unpaid)
    urgent, others = elsewhere(county, request.user, access, today)
    return {
        "page": "oversikt",
        "figures": found.total,
        "progress": found.total.progress,
        "aim": goal,
        "target_round": found.round,
        "votes_year": found.municipal_year,
        "unanswered": sum(row.total_target is None for row in found.rows),
        "change": signed(found.total.members - line.at_new_year) if line and line.at_new_year is not None else None,
        "stripes": bars if len(ranked) <= MOST_BARS else [],
        "top": bars[:ON_TOP],
        "line": line,
        "chart": line_chart(line) if line else None,
        "todo": _todo(request, found, rows, unpaid.get(None, (0, 0))[0]),
        "urgent": urgent[:AT_MOST],
        "others": others[: max(0, AT_MOST - len(urgent))],
        "today": today,
        "days_left": found.total.progress.days_left,
        **_board(request, found, rows, BoardRow(found.without, unpaid.get(None, (0, 0))[0]), told),
    }


def _todo(request: BranchRequest, found: CountyFigures, rows: list[BoardRow], without: int) -> dict[str, Any]:
    """What needs following up, by kind: how many, and the worst of them. `without`: unpaid with no branch."""
    cards: dict[str, Any] = {}
    access = request.access
    unpaid = sorted((row for row in rows if row.unpaid), key=lambda row: -row.unpaid)
    if unpaid and Permission.VIEW_DUES in access:
        cards["unpaid"] = {"count": sum(row.unpaid for row in rows) + without, "rows": unpaid[:NAMED]}
    behind = sorted((row for row in found.rows if row.progress.behind), key=lambda row: -row.progress.behind)
    if behind:
        cards["behind"] = {"count": len(behind), "rows": behind[:NAMED]}
    if Permission.IMPORT_MEMBERS in access:
        stale = stale_branches(found, request.branch.pk, today=request.today)
        if stale:
            cards["stale"] = {"count": len(stale), "rows": stale[:NAMED]}
    return cards


def _board(
    request: BranchRequest, found: CountyFigures, rows: list[BoardRow], without: BoardRow, told: History | None
) -> dict[str, Any]:
    sees_dues = Permission.VIEW_DUES in request.access
    shown, heads, _used = ordered(rows, _columns(found, sees_dues), request.GET.get(SORT, ""), default="-medlemmer")
    listing = page_of(shown, page_number(request.GET), per_page=ROWS)
    if told is None:
        told = history(request.branch, [row.figures.branch_id or 0 for row in listing.rows], today=request.today)
    add_history([*listing.rows, without], told, today=request.today)
    return {
        "listing": listing,
        "lines": lines(listing.rows),
        "without": without_line(without),
        "heads": heads,
        "shows_all": SHOW_ALL in request.GET,
        "query": kept(request.GET),
        "sees_dues": sees_dues,
        "all_unpaid": sum(row.unpaid for row in rows) + without.unpaid,
    }


def _columns(found: CountyFigures, sees_dues: bool) -> list[Column[BoardRow]]:
    votes: str | Promise = gettext_lazy("Votes")
    density: str | Promise = gettext_lazy("Members per 100 votes")
    if found.municipal_year:
        votes = _("Votes %(year)s") % {"year": found.municipal_year}
    total: str | Promise = gettext_lazy("Total target")
    if found.round:
        total = _("Total target %(year)s") % {"year": found.round.total_year}
    columns: list[Column[BoardRow]] = [
        Column("navn", gettext_lazy("Municipal branch"), lambda row: row.figures.sort_key, "", largest_first=False),
        Column("medlemmer", gettext_lazy("Members"), lambda row: row.figures.members),
        Column("stemmer", votes, lambda row: row.figures.municipal.votes),
        Column("andel", density, lambda row: row.figures.per_hundred, "num c-wrap"),
        Column("maal", total, lambda row: row.figures.total_target, "num c-goal"),
        Column("verving", gettext_lazy("Recruited of target"), lambda row: row.figures.progress.percent, ""),
    ]
    if sees_dues:
        columns.append(Column("ikkebetalt", gettext_lazy("Not paid"), lambda row: row.unpaid))
    return columns


@house_view(Permission.VIEW_OPERATIONS)
def operations_page(request: HttpRequest) -> HttpResponse:
    """The clock's jobs, the queues, the database, the broker and the disk: for administrators."""
    record(Verb.OPERATIONS_OPENED, by=request.user if isinstance(request.user, User) else None)
    now = clock.machine_time()
    lines = operations.timetable(now)
    context = {
        "lines": lines,
        "late": sum(line.is_late for line in lines),
        "queues": operations.queues(now),
        "runs": operations.sending_runs(now),
        "work": operations.work(),
        "database": operations.database_answers(),
        "database_kind": "PostgreSQL" if connection.vendor == "postgresql" else "SQLite",
        "has_broker": bool(settings.REDIS_URL),
        "broker": operations.broker_queue() if settings.REDIS_URL else None,
        "disk": operations.disk(),
        "version": operations.version(),
        "now": now,
    }
    return render(request, "overview/operations.html", context)


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """For monitors: 200 where everything answers, else 503 with the names of what does not. No session, no secrets."""
    parts = operations.remembered.get(clock.machine_time())
    if parts:
        return JsonResponse({"status": "failing", "parts": parts}, status=503)
    return JsonResponse({"status": "ok"})
