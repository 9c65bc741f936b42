"""What calls have to say of taking a member out of the register again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from calling.models import Call
from membership.extensions import Text


def blocks(member_ids: Sequence[int], _batch_id: UUID) -> Mapping[int, Text]:
    """Those who have been phoned: what came of it is not thrown away."""
    made = Call.objects.handed().exclude(outcome="").filter(member__in=member_ids)
    return {pk: _("The member has been phoned.") for pk in made.values_list("member_id", flat=True) if pk}


def prepare(member_ids: Sequence[int]) -> None:
    """Names on lists go with one who never should have come in. Those of the erased are nobody's by now."""
    Call.objects.filter(member__in=list(member_ids)).delete()
