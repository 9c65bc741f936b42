"""Claims when two records of one person become one: one claim a year, and not an øre lost or counted twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils.timezone import localdate

from accounts.models import User
from dues.actions.claims import follow_members
from dues.actions.summaries import lock, recount
from dues.enums import ClaimState, PaymentSource
from dues.models import Claim, Payment, PaymentBatch
from membership.models import Member


def merge_claims(kept: Member, lost: Member, by: User, now: datetime) -> dict[str, Any]:
    """Move the lost record's claims. Where both have one for a year, the paid one stays, and what had come in on the
    other is posted to it, by opposite lines: what was paid twice stands there as paid too much.

    The other is cancelled and stands without a member, as the claims of the erased do.
    """
    claims = _locked(kept, lost)
    moved: list[Claim] = []
    folded: list[dict[str, Any]] = []
    for year in sorted({claim.year for claim in claims}):
        of_year = [claim for claim in claims if claim.year == year]
        if all(claim.member_id == lost.pk for claim in of_year):
            moved += of_year
        elif any(claim.member_id == lost.pk for claim in of_year):
            folded += _fold(of_year, kept, by, now)
    Claim.objects.filter(pk__in=[claim.pk for claim in moved]).update(member=kept)
    _count(claims)
    follow_members([kept.pk])
    return {"moved": [[claim.pk, claim.state] for claim in moved], "folded": folded}


def undo_claims(kept: Member, lost: Member, data: Any, by: User, now: datetime) -> None:
    """Give each its claims again, and what was posted from the one to the other goes back by opposite lines."""
    folded = data["folded"]
    states = dict(data["moved"])
    ids = [*states, *(step[side] for step in folded for side in ("from", "to"))]
    claims = {claim.pk: claim for claim in Claim.objects.filter(pk__in=ids).order_by("pk").select_for_update()}
    lock({claim.branch_id for claim in claims.values()}, {claim.year for claim in claims.values()})
    for pk, state in states.items():
        Claim.objects.filter(pk=pk, member=kept).update(member=lost, state=state)
    for step in reversed(folded):
        source, target = claims[step["from"]], claims[step["to"]]
        _post(target, source, [(step["ore"], localdate(now))] if step["ore"] else [], by, now)
        owners = {"kept": kept, "lost": lost}
        target.member, source.member = owners[step["to_of"]], owners[step["from_of"]]
        source.state = step["state"]
        target.save(update_fields=["member", "outstanding_ore"])
        source.save(update_fields=["member", "outstanding_ore", "state"])
    _count(claims.values())
    follow_members([kept.pk, lost.pk])


def _locked(kept: Member, lost: Member) -> list[Claim]:
    of_both = Claim.objects.filter(member__in=[kept.pk, lost.pk]).order_by("pk")
    keys = list(of_both.values_list("branch_id", "year"))
    lock({branch_id for branch_id, _year in keys}, {year for _branch_id, year in keys})
    return list(of_both.select_for_update())


def _fold(claims: list[Claim], kept: Member, by: User, now: datetime) -> list[dict[str, Any]]:
    """One claim of a year stays; the steps, for undo."""
    paid = {claim.pk: _paid(claim) for claim in claims}

    def rank(claim: Claim) -> tuple[bool, bool, bool, int, bool]:
        waived = claim.state == ClaimState.WAIVED
        standing = claim.state != ClaimState.CANCELLED
        return standing, paid[claim.pk] > 0, waived, paid[claim.pk], claim.member_id == kept.pk

    stays, *others = sorted(claims, key=rank, reverse=True)
    steps = []
    for claim in others:
        steps.append(
            {
                "from": claim.pk,
                "to": stays.pk,
                "from_of": "kept" if claim.member_id == kept.pk else "lost",
                "to_of": "kept" if stays.member_id == kept.pk else "lost",
                "state": claim.state,
                "ore": paid[claim.pk],
            }
        )
        lines = Payment.objects.filter(claim=claim, reverses=None, reversed_by=None).order_by("paid_on", "id")
        _post(claim, stays, list(lines.values_list("amount_ore", "paid_on")), by, now)
        claim.state, claim.member = ClaimState.CANCELLED, None
        claim.save(update_fields=["state", "member", "outstanding_ore"])
    # After the others are out of the way: a member has one claim a year.
    stays.member = kept
    stays.save(update_fields=["member", "outstanding_ore"])
    return steps


def _paid(claim: Claim) -> int:
    return Payment.objects.filter(claim=claim).aggregate(total=Sum("amount_ore"))["total"] or 0


def _post(source: Claim, target: Claim, lines: list[tuple[int, Any]], by: User, now: datetime) -> None:
    """Take lines off one claim and put them on another: two new lines for each, nothing changed."""
    if not lines:
        return
    batch = PaymentBatch.objects.create(
        branch_id=target.branch_id,
        source=PaymentSource.MERGE,
        year=target.year,
        as_of_on=localdate(now),
        created_at=now,
        created_by=by,
    )
    Payment.objects.bulk_create(
        Payment(
            claim=claim,
            batch=batch,
            amount_ore=sign * amount_ore,
            paid_on=paid_on,
            source=PaymentSource.MERGE,
            created_at=now,
            created_by=by,
        )
        for amount_ore, paid_on in lines
        for claim, sign in ((source, -1), (target, 1))
    )
    total = sum(amount_ore for amount_ore, _paid_on in lines)
    source.outstanding_ore += total
    target.outstanding_ore -= total


def _count(claims: Iterable[Claim]) -> None:
    rows = list(claims)
    if rows:
        recount({claim.branch_id for claim in rows}, {claim.year for claim in rows})
