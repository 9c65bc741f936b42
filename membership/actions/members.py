"""What every change of a member has in common: derived columns, placement, copies, counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import blake2b

from common.text import fold, search_text, sort_key
from membership.models import Branch, Member, Placement


def household_key(member: Member) -> str:
    """Same folded street, postal code and last name; empty where any of them is unknown or the address is protected."""
    if member.address_hidden or not (member.street and member.postal_code and member.last_name):
        return ""
    text = "|".join((fold(member.street), member.postal_code.strip(), fold(member.last_name)))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def derive(member: Member, branch: Branch | None = None) -> None:
    """Fill the stored keys from the member's own fields; saves nothing. With `branch`, move there too."""
    if branch is not None:
        member.branch_id, member.municipal_id = branch.pk, branch.municipal_id
        member.county_id = branch.root_id
    member.sort_key = sort_key(member.last_name, member.first_name)
    member.search_text = search_text(
        (
            member.first_name,
            member.last_name,
            member.member_number,
            member.email,
            *_phone_words(member),
            # Last: knowledge in the ranks is found by the same index.
            member.skills,
        )
    )
    member.household_key = household_key(member)


def _phone_words(member: Member) -> Iterable[str]:
    """Numbers as people type them: without the country code, digits together."""
    for number in (member.mobile, member.phone):
        if number:
            yield "".join(number.removeprefix("+47").split())


def place(member: Member, *, on: date | None) -> Placement:
    """Open the member's placement in its branch, and close the one before; saved members only."""
    Placement.objects.filter(member=member, to_on__isnull=True).exclude(branch_id=member.branch_id).update(to_on=on)
    placement, _ = Placement.objects.get_or_create(
        member=member, to_on=None, defaults={"branch_id": member.branch_id, "from_on": on}
    )
    return placement
