"""Asked at the moment of sending: who of these is it still for?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from membership.access import access_of
from membership.roles import Permission
from messaging.audience.members import members_of
from messaging.extensions import registry
from messaging.models import Message


def rights_behind(message: Message, today: date) -> frozenset[Permission]:
    """What those who stand behind a message may do in its branch today: who sent it, and who approved it."""
    behind = [user for user in (message.queued_by, message.approved_by) if user is not None and user.is_active]
    return frozenset().union(*(access_of(user, message.branch, on=today).permissions for user in behind))


def still_asked(message: Message, member_ids: Sequence[int], today: date) -> set[int]:
    """Of these members those whom it still concerns: not who has left, moved away, or paid meanwhile.

    Nobody where the audience cannot be read any more. The sender's rights were asked for when the sending began: an
    officer who leaves in the middle of it does not cut it off without a word.
    """
    try:
        members = members_of(message.branch, message.audience, today)
    except ValueError:
        return set()
    found = set(members.filter(pk__in=list(member_ids)).order_by().values_list("pk", flat=True))
    for recheck in registry.rechecks:
        if found and recheck.purpose in ("", message.purpose):
            found -= recheck.unconcerned(message, sorted(found), today)
    return found
