"""What an email's purpose puts in its headers, so that machines at the other end do not answer it."""

from __future__ import annotations

from messaging.enums import Purpose
from messaging.models import Delivery
from messaging.transports.return_path import house_domain

# Written by a machine to one person (RFC 3834).
_AUTOMATIC = frozenset({Purpose.SIGN_IN, Purpose.INVITATION, Purpose.NOTICE})
# Written by a person to many, who may leave the list.
_LISTS = frozenset(
    {Purpose.NEWSLETTER, Purpose.MEETINGS, Purpose.SURVEYS, Purpose.RECRUITMENT, Purpose.FUNDRAISING, Purpose.SERVICE}
)
_NO_ANSWERS = {"X-Auto-Response-Suppress": "OOF, AutoReply"}


def standing_headers(delivery: Delivery) -> dict[str, str]:
    """By purpose and branch; load the branch along. An answer from a person to a person has none."""
    if delivery.purpose in _AUTOMATIC:
        return {"Auto-Submitted": "auto-generated", **_NO_ANSWERS}
    if delivery.purpose not in _LISTS or delivery.message_id is None:
        return {}
    headers = {"Precedence": "bulk", **_NO_ANSWERS}
    if delivery.branch is not None:
        headers["List-Id"] = f"<{delivery.purpose}.{delivery.branch.slug}.{house_domain()}>"
    return headers
