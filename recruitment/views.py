"""The pages of targets."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.actions import record
from accounts.enums import Verb
from common.listing import SORT, kept, page_number, page_of
from common.ordering import Column, ordered
from membership.access import BranchRequest, branch_view
from membership.models import Branch
from membership.roles import Permission
from recruitment.figures import (
    CountyFigures,
    Figures,
    Round,
    branch_figures,
    county_figures,
    round_of,
    rounds_of,
)
from recruitment.models import TargetRound
from recruitment.recruiter_links import branch_invited_to

ROUND: Final = "runde"
SHOW_ALL: Final = "alle"


@branch_view(Permission.VIEW_TARGETS)
def targets(request: BranchRequest) -> HttpResponse:
    """For a county the table of all its branches, else the branch's own numbers; ?runde= chooses another year's."""
    record(Verb.TARGETS_OPENED, by=request.user, branch_id=request.branch.pk)
    rounds = rounds_of(request.branch.root_id)
    chosen = _chosen(request, rounds)
    context = {"page": "verving", "rounds": rounds, "chosen": chosen}
    if request.branch.is_county:
        return render(request, "recruitment/targets_county.html", context | _county(request, chosen))
    return render(request, "recruitment/targets_branch.html", context | _branch(request, chosen))


def _chosen(request: BranchRequest, rounds: list[TargetRound]) -> TargetRound | None:
    asked = request.GET.get(ROUND, "")
    newest = rounds[0] if rounds else None
    return next((found for found in rounds if str(found.recruit_year) == asked), newest)


def _of(request: BranchRequest, chosen: TargetRound | None) -> Round | None:
    """The chosen round with its targets; a round nobody was asked in has years all the same."""
    if chosen is None:
        return None
    return round_of(request.branch.root_id, chosen.recruit_year) or Round(
        chosen.recruit_year, chosen.total_year, chosen.deadline_on
    )


def _county(request: BranchRequest, chosen: TargetRound | None) -> dict[str, Any]:
    found = county_figures(request.branch, on=request.today, target_round=_of(request, chosen))
    columns = _columns(found)
    rows, heads, _used = ordered(found.rows, columns, request.GET.get(SORT, ""), default="navn")
    return {
        "figures": found,
        "listing": page_of(rows, page_number(request.GET)),
        "heads": heads,
        "query": kept(request.GET),
        "shows_all": SHOW_ALL in request.GET,
    }


def _columns(found: CountyFigures) -> list[Column[Figures]]:
    municipal: str | Promise = gettext_lazy("Municipal election")
    storting: str | Promise = gettext_lazy("Storting election")
    density: str | Promise = gettext_lazy("Members per 100 votes")
    if found.municipal_year:
        municipal = _("Municipal election %(year)s") % {"year": found.municipal_year}
        density = _("Members per 100 votes in %(year)s") % {"year": found.municipal_year}
    if found.storting_year:
        storting = _("Storting election %(year)s") % {"year": found.storting_year}
    recruit: str | Promise = gettext_lazy("Recruit target")
    total: str | Promise = gettext_lazy("Total target")
    if found.round:
        recruit = _("Recruit target %(year)s") % {"year": found.round.recruit_year}
        total = _("Total target %(year)s") % {"year": found.round.total_year}
    return [
        Column("navn", gettext_lazy("Municipal branch"), lambda row: row.sort_key, css="", largest_first=False),
        Column("stemmer", municipal, lambda row: row.municipal.votes),
        Column("storting", storting, lambda row: row.storting.votes),
        Column("medlemmer", gettext_lazy("Members"), lambda row: row.members),
        Column("andel", density, lambda row: row.per_hundred, "num c-wrap"),
        Column("totalmal", total, lambda row: row.total_target),
        Column("vervemal", recruit, lambda row: row.recruit_target),
    ]


def _branch(request: BranchRequest, chosen: TargetRound | None) -> dict[str, Any]:
    branch, target_round = request.branch, _of(request, chosen)
    county: Branch = branch.county or branch
    around = county_figures(county, on=request.today, target_round=target_round)
    own = next((row for row in around.rows if row.branch_id == branch.pk), None)
    if own is None:
        own, _year = branch_figures(branch, on=request.today, target_round=target_round)
    similar = around.similar_to(own.branch_id)
    return {
        "own": own,
        "figures": around,
        "shows_recruited": bool(target_round and target_round.recruit_year == request.today.year),
        "bars": _bars(similar),
        "best": _best(own, similar),
        "votes": _range(row.municipal.votes for row in similar),
        "asked_of_similar": _range(row.recruit_target for row in similar if row is not own),
    }


def _bars(similar: list[Figures]) -> list[tuple[Figures, int]]:
    """Each branch with the length of its bar in per cent of the longest."""
    longest = max((row.per_hundred or 0 for row in similar), default=0)
    return [(row, round((row.per_hundred or 0) * 100 / longest) if longest else 0) for row in similar]


def _best(own: Figures, similar: list[Figures]) -> dict[str, Any] | None:
    """The densest of the similar branches, and how many members would be as dense here; None where none is denser."""
    best = similar[0] if similar else own
    if best is own or not best.per_hundred or not own.municipal.votes:
        return None
    members = round(own.municipal.votes * best.per_hundred / 100)
    return {"place": best.place, "members": members} if members > own.members else None


def _range(values: Any) -> tuple[int, int] | None:
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else None


@require_safe
def invited(request: HttpRequest, code: str) -> HttpResponse:
    """Where a member's recruiting link leads: how one joins the branch today. Who asked, it tells nobody.

    The join form takes over this address when it is there. A code that leads nowhere tells nothing either.
    """
    branch = branch_invited_to(code)
    context = {"home": branch, "county": branch.county if branch and not branch.is_county else None, "code": code}
    response = render(request, "recruitment/invited.html", context, status=200 if branch else 404)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
