"""What stands on the county's first page about those whose dues are long unpaid; only when something can be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from common.dates import format_long
from common.numbers import format_int
from membership.extensions import Todo
from membership.models import Branch
from privacy.enums import RoundState
from privacy.models import UnpaidRound
from privacy.unpaid import candidates, due_years, file_of, is_fresh, letters_of, open_round, ready, standing


def unpaid_todos(branch: Branch, _user: User, today: date) -> Sequence[Todo]:
    """One thing at most: the next step for the county."""
    if not branch.is_county:
        return []
    current = open_round(branch)
    found = _of_round(branch, current, today) if current else _of_years(branch, today)
    return [found] if found else []


def _of_years(county: Branch, today: date) -> Todo | None:
    """Somebody's time is over, and we know who has paid lately."""
    for year in due_years(county, today):
        if is_fresh(file_of(county, year, today)) and (count := candidates(county, year, today).count()):
            return _todo(
                _unpaid(count, year),
                _("They are to get notice, so that they can pay or say that they want to stay."),
                _("Look through them"),
                reverse("privacy:unpaid", args=[county.slug]),
            )
    return None


def _of_round(county: Branch, unpaid: UnpaidRound, today: date) -> Todo | None:
    unpaid.county = county
    url = reverse("privacy:unpaid_round", args=[county.slug, unpaid.pk])
    if unpaid.state == RoundState.LISTED:
        count = standing(unpaid, today).count()
        text = _("The list is made. Nobody has got notice yet.")
        return _todo(_unpaid(count, unpaid.year), text, _("Give notice"), url) if count else None
    if count := letters_of(unpaid, today).count():
        title = ngettext("%(n)s notice is to be posted", "%(n)s notices are to be posted", count)
        text = _("Neither email nor SMS reaches them.")
        return _todo(title % {"n": format_int(count)}, text, _("Print the letters"), url)
    if unpaid.answer_by_on is None or today <= unpaid.answer_by_on:
        return None
    count = ready(unpaid, today).count()
    text = _("The last day to answer was %(day)s. One of you decides.") % {"day": format_long(unpaid.answer_by_on)}
    return _todo(_unpaid(count, unpaid.year), text, _("Decide"), url) if count else None


def _unpaid(count: int, year: int) -> str:
    text = ngettext("%(n)s has not paid for %(year)s", "%(n)s have not paid for %(year)s", count)
    return text % {"n": format_int(count), "year": year}


def _todo(title: str, text: str, button: str, url: str) -> Todo:
    return Todo("Wallet", title, text, button, url)
