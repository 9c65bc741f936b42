"""Open call lists and calls go to a successor."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Q
from django.utils.functional import Promise
from django.utils.translation import ngettext_lazy

from accounts.models import User
from calling.models import Call, CallList, CallListCaller, CallListQuerySet
from membership.extensions import Handover, registry
from membership.models import Branch


def register() -> None:
    """Tell the register what calling hands over."""
    registry.handovers.append(Handover(_label, _count, hand_over_lists))


def _label(count: int) -> str | Promise:
    return ngettext_lazy("%(count)d open call list", "%(count)d open call lists", count) % {"count": count}


def _lists(old: User, branch: Branch) -> CallListQuerySet:
    """Open lists that the user made, or calls from, in the branch and under it."""
    mine = Q(made_by=old) | Q(pk__in=CallListCaller.objects.filter(user=old).values("call_list_id"))
    return CallList.objects.open().under(branch).filter(mine)


def _count(old: User, branch: Branch) -> int:
    return _lists(old, branch).count()


def hand_over_lists(old: User, new: User, branch: Branch, _by: User, _now: datetime) -> int:
    """Lists `old` made are `new`'s; what is left to phone, and whom to phone again, too. Who has phoned whom stays."""
    lists = list(_lists(old, branch).select_for_update().order_by("id"))
    CallList.objects.filter(pk__in=[one.pk for one in lists], made_by=old).update(made_by=new)
    for place in CallListCaller.objects.filter(call_list__in=lists, user=old).order_by("id"):
        _hand_calls(place, new)
    return len(lists)


def _hand_calls(place: CallListCaller, new: User) -> None:
    last = CallListCaller.objects.filter(call_list=place.call_list_id).aggregate(last=Max("position"))["last"]
    theirs, _made = CallListCaller.objects.get_or_create(
        call_list_id=place.call_list_id, user=new, defaults={"name": new.name, "position": last + 1}
    )
    Call.objects.filter(caller=place).filter(Q(outcome="") | Q(follow_up_on__isnull=False)).update(caller=theirs)
    if not Call.objects.filter(caller=place).exists():
        place.delete()
