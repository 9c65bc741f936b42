"""What merging and splitting branches means for targets and votes: they stay with the branch they are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from accounts.models import User
from membership.extensions import Reform, Text
from membership.models import Branch
from recruitment.models import Target


def tell(branches: Sequence[Branch]) -> list[Text]:
    """How many targets they have set."""
    count = Target.objects.filter(branch__in=branches, answered_at__isnull=False).count()
    if not count:
        return []
    sentence = ngettext(
        "%(count)d target stays with the old branch. The new one sets its own.",
        "%(count)d targets stay with the old branches. The new one sets its own.",
        count,
    )
    return [sentence % {"count": count}]


def follow(_heirs: Mapping[int, Sequence[int]], _by: User, _now: datetime) -> None:
    """A target is of the branch that set it; votes are read through the succession (recruitment/figures.py)."""


def undo(_kept: Any, _made: Sequence[int], _by: User, _now: datetime) -> None:
    """Nothing was done."""


REFORM = Reform("recruitment", tell, follow, undo)
