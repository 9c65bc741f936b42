"""Links in members’ hands: to their own page, to leave, to say that it was not them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse

from common import clock
from membership.models import Member
from messaging.contact import address_of
from messaging.enums import Channel
from privacy.actions.departures import leave
from privacy.actions.links import make_link
from privacy.enums import LeaveWay, LinkKind
from privacy.models import AccessLink


def add_links(urls: dict[str, str]) -> None:
    """Each of somebody else, none of them in the branches that other pages show."""
    reachable = Member.objects.current().filter(branch__slug="storfjord").exclude(email="").order_by("pk")
    stays, goes, gone = reachable[:3]
    now = clock.machine_time()
    for name in ("my_page_link", "my_page_link_wrong"):
        urls[name] = _url("my_page_link", make_link(LinkKind.MY_PAGE, **_to(stays), now=now))
    # Longer than ten minutes: the pages of a whole house are looked at before it.
    AccessLink.objects.filter(kind=LinkKind.MY_PAGE).update(expires_at=now + timedelta(hours=6))
    urls["resign"] = _url("resign", make_link(LinkKind.RESIGN, **_to(goes), member=goes, now=now))
    departure = leave(
        gone, way=LeaveWay.EMAIL, left_on=clock.today(), by=None, now=clock.now(), today=clock.today(), text="Nei takk."
    )
    token = make_link(LinkKind.NOT_ME, **_to(gone), member=gone, departure=departure, now=now)
    urls["not_me"] = _url("not_me", token)


def _to(member: Member) -> dict[str, Any]:
    return {"channel": Channel.EMAIL, "address": address_of(member, Channel.EMAIL)}


def _url(name: str, token: str) -> str:
    return reverse(f"privacy:{name}", args=[token])
