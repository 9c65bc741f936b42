"""What merging and splitting branches means for the dues: nothing is to be done, claims follow their members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from accounts.models import User
from dues.models import Claim
from membership.extensions import Reform, Text
from membership.models import Branch


def tell(branches: Sequence[Branch]) -> list[Text]:
    """How many claims are open; those that are paid stay where they were paid."""
    columns = {"municipal" if branch.kind == "municipal" else "branch" for branch in branches}
    count = sum(Claim.objects.open().filter(**{f"{column}__in": branches}).count() for column in columns)
    if not count:
        return []
    sentence = ngettext(
        "%(count)d open claim follows its member. What is paid stays where it was paid.",
        "%(count)d open claims follow their members. What is paid stays where it was paid.",
        count,
    )
    return [sentence % {"count": count}]


def follow(_heirs: Mapping[int, Sequence[int]], _by: User, _now: datetime) -> None:
    """Claims have followed their members already."""


def undo(_kept: Any, _made: Sequence[int], _by: User, _now: datetime) -> None:
    """As they do on the way back."""


REFORM = Reform("dues", tell, follow, undo)
