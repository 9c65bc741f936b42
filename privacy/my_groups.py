"""Where the branch and those above it are found: what they tell of themselves, and who holds the posts one asks for.

Names are of office holders only, and of those who have no address protection; nobody's own number or address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from membership.enums import PostTitle
from membership.extensions import Text
from membership.models import BoardPost, Branch, Member
from privacy.my_page import home_of

_NAMED: Final = (PostTitle.LEADER, PostTitle.MEMBERSHIP)


@dataclass(frozen=True, slots=True)
class Home:
    """One branch: how it is reached, its pages elsewhere, and who leads it."""

    branch: Branch
    # Label and address, http or https only.
    links: list[tuple[Text, str]]
    # Post and name.
    posts: list[tuple[Text, str]] = field(default_factory=list)


def homes(member: Member, today: date) -> list[Home]:
    """The member's branch first. One query."""
    found = [Home(branch, list(_links(branch))) for branch in home_of(member)]
    by_branch = {home.branch.pk: home for home in found}
    posts = BoardPost.objects.in_force(today).filter(branch__in=by_branch, title__in=_NAMED)
    for post in posts.select_related("member", "user").in_order():
        if post.holder_name and not (post.member and post.member.address_hidden):
            by_branch[post.branch_id].posts.append((PostTitle(post.title).label, post.holder_name))
    return found


def _links(branch: Branch) -> Iterator[tuple[Text, str]]:
    for label, address in ((_("Facebook page"), branch.facebook_page), (_("Facebook group"), branch.facebook_group)):
        if is_web(address):
            yield label, address


def is_web(address: str) -> bool:
    """Whether a browser goes to a page there, and does nothing else."""
    try:
        return urlsplit(address).scheme in {"http", "https"}
    except ValueError:
        return False
