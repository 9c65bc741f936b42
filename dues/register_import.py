"""What dues adds to the register import: the year's claims, and payments from a paid column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from common import clock
from common.dates import format_date
from common.money import as_kroner
from dues.actions import undoing
from dues.actions.claims import debtors, ensure_claims
from dues.actions.payments import Line, post
from dues.actions.rates import Terms, keep_terms
from dues.actions.summaries import recount
from dues.enums import PaymentSource
from dues.forms import TermsForm, is_dues_year
from dues.models import NO_DAY, Claim, DuesYear, PaymentBatch
from membership.extensions import ImportedRow, Text
from membership.models import Branch, Member
from membership.models.member import CURRENT

_LOOKED_UP: Final = 5000


@dataclass(frozen=True, slots=True)
class Told:
    """What one row tells about payment: `is_paid` is None where it tells nothing; øre and day where they are told."""

    is_paid: bool | None = None
    amount_ore: int | None = None
    paid_on: date | None = None

    def due_ore(self, claim_ore: int, outstanding_ore: int) -> int:
        """How much more has come in than we know of; never less than nothing: a file takes no payment back."""
        if not self.is_paid:
            return 0
        paid_ore = claim_ore if self.amount_ore is None else min(self.amount_ore, claim_ore)
        return max(0, paid_ore - (claim_ore - outstanding_ore))


class RegisterDues:
    """Raises the year's claim on each current member in the file, and settles those that the file says are paid."""

    name = "dues"
    title = gettext_lazy("Dues")

    def form(self, branch: Branch, today: date, data: Mapping[str, str] | None) -> forms.Form:
        """Dues year, rate and due date; by default this year's, as the county has them, else as they were last.

        Where only the year was changed, rate and due date follow it.
        """
        initial = default_terms(branch.root_id, today.year)
        return TermsForm(_follow_year(branch.root_id, data, initial, today), initial=initial, today=today)

    def preview(self, branch: Branch, options: Mapping[str, Any], rows: Iterable[ImportedRow]) -> list[Text]:
        """How many get a claim, how many are paid, and what the file cannot undo."""
        terms = _terms(options)
        if terms is None:
            return [_("Nobody gets a claim: the dues are left empty.")]
        current = [row for row in rows if row.status in CURRENT]
        claims = _amounts(current, terms.year)
        new = [row for row in current if row.member_id not in claims]
        sentences = [_raised(len(new), terms.year)]
        if len(current) > len(new):
            sentences.append(_standing(len(current) - len(new), terms.year))
        if not any("paid" in row.values for row in current):
            no_column = _(
                "The file has no column for payment: everyone who is not registered as paid here is not paid."
            )
            return [*sentences, no_column]
        return [*sentences, *_payment_sentences(current, claims, terms)]

    @transaction.atomic
    def apply(
        self,
        branch: Branch,
        options: Mapping[str, Any],
        rows: Iterable[ImportedRow],
        *,
        by: User,
        today: date,
        batch_id: UUID,
    ) -> None:
        """Claims and payments of one chunk. The same rows again change nothing."""
        terms, now = _terms(options), clock.now()
        if terms is None:
            return
        told: dict[int | None, Told] = {
            row.member_id: _told(row) for row in rows if row.member_id and row.status in CURRENT
        }
        people = list(debtors(Member.objects.filter(pk__in=[pk for pk in told if pk])))
        claims = ensure_claims(people, terms=terms, now=now, locked=True, raised_in=batch_id)
        if not any(word.is_paid is not None for word in told.values()):
            return
        batch = _delivery(branch, terms.year, by=by, batch_id=batch_id)
        _speak_for(batch, told.values(), today)
        lines = list(_lines([*claims.standing, *claims.raised], told, today))
        post(lines, batch=batch, by=by, now=now)

    @transaction.atomic
    def finish(self, branch: Branch, options: Mapping[str, Any], *, by: User, today: date, batch_id: UUID) -> None:
        """Count once for the whole file, keep the county's terms, and write the log line."""
        terms = _terms(options)
        if terms is None:
            return
        if branch.is_county:
            keep_terms(branch, terms)
        recount(branch.subtree.values_list("pk", flat=True), [terms.year])
        # Nobody's payment had a day in the file: what it says, it says of today.
        PaymentBatch.objects.filter(change_batch=batch_id, as_of_on=NO_DAY).update(as_of_on=today)
        count = Claim.objects.of(branch).standing().for_year(terms.year).count()
        record(Verb.CLAIMS_RAISED, by=by, branch_id=branch.pk, count=count, year=terms.year, rate_ore=terms.rate_ore)

    def touched(self, batch_id: UUID) -> Iterable[int]:
        """Those who got a claim or a payment by it."""
        return undoing.touched(batch_id)

    def undo(self, batch_id: UUID, member_ids: Sequence[int], *, by: User | None, now: datetime) -> None:
        """The payments are taken back, and what nobody else has paid on is asked for no more."""
        undoing.undo(batch_id, member_ids, by=by, now=now)


def default_terms(county_id: int, year: int) -> dict[str, Any]:
    """What the form starts with: the county's own terms for the year, else the nearest year's, due on the same day."""
    known = DuesYear.objects.nearest(county_id, year)
    if known is None:
        return {"year": year, "rate": "", "due_on": None}
    return {"year": year, "rate": as_kroner(known.rate_ore), "due_on": _same_day(known.due_on, known.year, year)}


def _follow_year(
    county_id: int, data: Mapping[str, str] | None, initial: Mapping[str, Any], today: date
) -> Mapping[str, str] | None:
    """What was sent, with the chosen year's own rate and due date where this year's stood untouched."""
    year = (data or {}).get("year", "").strip()
    if data is None or not re.fullmatch(r"\d{4}", year, re.ASCII) or not is_dues_year(int(year), today):
        return data
    own = default_terms(county_id, int(year))
    sent = {name: data.get(name, "") for name in initial}
    followed = {name: _text(own[name]) for name in ("rate", "due_on") if sent[name] == _text(initial[name])}
    return sent | followed


def _text(value: Any) -> str:
    return format_date(value) if isinstance(value, date) else str(value or "")


def _same_day(day: date, from_year: int, to_year: int) -> date:
    year = day.year + to_year - from_year
    return date(year, day.month, 28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _terms(options: Mapping[str, Any]) -> Terms | None:
    """None where the officer left the dues empty."""
    if not options["rate"]:
        return None
    return Terms(year=options["year"], rate_ore=options["rate"], due_on=options["due_on"])


def _told(row: ImportedRow) -> Told:
    paid: Mapping[str, Any] = row.values.get("paid") or {}
    return Told(paid.get("paid"), paid.get("paid_ore"), paid.get("paid_on"))


def _lines(claims: Sequence[Claim], told: Mapping[int | None, Told], today: date) -> Iterator[Line]:
    for claim in claims:
        word = told[claim.member_id]
        if ore := word.due_ore(claim.amount_ore, claim.outstanding_ore):
            yield Line(claim, ore, min(word.paid_on or today, today))


def _delivery(branch: Branch, year: int, *, by: User, batch_id: UUID) -> PaymentBatch:
    """One for all chunks of a file."""
    found = PaymentBatch.objects.filter(change_batch=batch_id, year=year).order_by("-id").first()
    return found or PaymentBatch.objects.create(
        branch=branch,
        source=PaymentSource.REGISTER,
        year=year,
        as_of_on=NO_DAY,
        created_at=clock.now(),
        created_by=by,
        change_batch=batch_id,
    )


def _speak_for(batch: PaymentBatch, told: Iterable[Told], today: date) -> None:
    """The delivery speaks for the newest day a payment has in it; for today where one is paid and no day is told."""
    paid = [word for word in told if word.is_paid]
    newest = max((min(word.paid_on or today, today) for word in paid), default=NO_DAY)
    if newest > batch.as_of_on:
        batch.as_of_on = newest
        batch.save(update_fields=["as_of_on"])


def _amounts(rows: Sequence[ImportedRow], year: int) -> dict[int | None, tuple[int, int]]:
    """By member: the claim's amount and what is outstanding, of those who have a claim."""
    ids = [row.member_id for row in rows if row.member_id]
    found: dict[int | None, tuple[int, int]] = {}
    for start in range(0, len(ids), _LOOKED_UP):
        claims = Claim.objects.standing().for_year(year).filter(member_id__in=ids[start : start + _LOOKED_UP])
        found |= {
            pk: (amount, left) for pk, amount, left in claims.values_list("member_id", "amount_ore", "outstanding_ore")
        }
    return found


def _payment_sentences(
    rows: Sequence[ImportedRow], claims: Mapping[int | None, tuple[int, int]], terms: Terms
) -> Iterator[str]:
    settled = partly = kept = 0
    for row in rows:
        amount, left = claims.get(row.member_id, (terms.rate_ore, terms.rate_ore))
        word = _told(row)
        after = left - word.due_ore(amount, left)
        settled += after == 0 and left > 0
        partly += 0 < after < left
        kept += word.is_paid is False and left < amount
    yield _settled(settled)
    if partly:
        yield _partly(partly)
    if kept:
        yield _kept(kept)


def _raised(count: int, year: int) -> str:
    text = ngettext("%(count)s gets a claim for %(year)s.", "%(count)s get a claim for %(year)s.", count)
    return text % {"count": count, "year": year}


def _standing(count: int, year: int) -> str:
    text = ngettext("%(count)s has one for %(year)s already.", "%(count)s have one for %(year)s already.", count)
    return text % {"count": count, "year": year}


def _settled(count: int) -> str:
    text = ngettext("%(count)s is paid according to the file.", "%(count)s are paid according to the file.", count)
    return text % {"count": count}


def _partly(count: int) -> str:
    text = ngettext("%(count)s has paid a part of it.", "%(count)s have paid a part of it.", count)
    return text % {"count": count}


def _kept(count: int) -> str:
    text = ngettext(
        "%(count)s is not paid in the file, but has a payment here. The payment here stays.",
        "%(count)s are not paid in the file, but have a payment here. The payments here stay.",
        count,
    )
    return text % {"count": count}
