"""The board of a branch: who holds which post from when to when. Nothing is overwritten by an annual meeting."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.enums import PostTitle
from membership.models import BoardPost, Branch, Member

# Of these there is one at a time.
_ALONE: Final = PostTitle.LEADER
_ORDER: Final = list(PostTitle)


class LeaderTaken(Exception):
    """Somebody else leads the branch in that time."""


class HolderMissing(Exception):
    """A post is held by somebody."""


class EndsBeforeStart(Exception):
    """The last day is before the first."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a post: a member, a user, or somebody known by name alone."""

    member: Member | None = None
    user: User | None = None
    name: str = ""

    def fields(self) -> dict[str, Any]:
        """As the post keeps it; the name is kept only where nothing else tells it, so that it goes with the member."""
        if self.member:
            return {"member": self.member, "user": None, "name": ""}
        if self.user:
            return {"member": None, "user": self.user, "name": ""}
        if not self.name:
            raise HolderMissing
        return {"member": None, "user": None, "name": self.name}


@transaction.atomic
def add_post(
    branch: Branch, *, title: str, holder: Holder, starts_on: date, ends_on: date | None = None, by: User
) -> BoardPost:
    """Give somebody a post; `ends_on` is the first day without. The same again is the same post.

    Raises `LeaderTaken`, `HolderMissing` and `EndsBeforeStart`.
    """
    _lock(branch)
    post = _add(branch, title, holder, starts_on, ends_on)
    record(Verb.BOARD_CHANGED, by=by, branch_id=branch.pk, subject=post, act="added", title=title)
    return post


@transaction.atomic
def correct_post(
    post: BoardPost, *, title: str, holder: Holder, starts_on: date, ends_on: date | None, by: User
) -> None:
    """Put right what was entered wrong, or say when somebody stepped down. Raises as `add_post`."""
    _lock(post.branch)
    _check(post.branch, title, starts_on, ends_on, besides=post.pk)
    for name, value in holder.fields().items():
        setattr(post, name, value)
    post.title, post.position, post.starts_on, post.ends_on = title, _ORDER.index(PostTitle(title)), starts_on, ends_on
    post.save()
    record(Verb.BOARD_CHANGED, by=by, branch_id=post.branch_id, subject=post, act="corrected", title=title)


Removed = dict[str, Any]


@transaction.atomic
def remove_post(post: BoardPost, *, by: User) -> Removed:
    """Take away what never was; removing it twice changes nothing. What comes back is what `put_back` takes."""
    removed, _each = BoardPost.objects.filter(pk=post.pk).delete()
    if removed:
        record(Verb.BOARD_CHANGED, by=by, branch_id=post.branch_id, subject=post, act="removed", title=post.title)
    return {
        "branch": post.branch_id,
        "title": post.title,
        "member": post.member_id,
        "user": post.user_id,
        "name": post.name,
        "starts_on": post.starts_on.isoformat(),
        "ends_on": post.ends_on.isoformat() if post.ends_on else None,
    }


def put_back(branch: Branch, removed: Removed, *, by: User) -> BoardPost:
    """Undo a removal; twice is once. Raises `LeaderTaken`, and `HolderMissing` where the member has been erased."""
    holder = Holder(
        Member.objects.filter(pk=removed["member"]).first(),
        User.objects.filter(pk=removed["user"]).first(),
        removed["name"],
    )
    ends_on = date.fromisoformat(removed["ends_on"]) if removed["ends_on"] else None
    starts_on = date.fromisoformat(removed["starts_on"])
    return add_post(branch, title=removed["title"], holder=holder, starts_on=starts_on, ends_on=ends_on, by=by)


@dataclass(frozen=True, slots=True)
class NewBoard:
    """What came of an annual meeting."""

    left: int
    joined: int


@transaction.atomic
def elect_board(
    branch: Branch, *, on: date, leaving: Collection[int], joining: Sequence[tuple[str, Holder]], by: User
) -> NewBoard:
    """The board after an annual meeting: `leaving` are the posts that ended that day, the others go on.

    Sent twice it does nothing more. Raises `LeaderTaken` and `HolderMissing`; then nothing has changed.
    """
    _lock(branch)
    left = 0
    for post in BoardPost.objects.filter(branch=branch, pk__in=leaving).filter(Q(ends_on=None) | Q(ends_on__gt=on)):
        post.ends_on = max(on, post.starts_on)
        post.save(update_fields=["ends_on"])
        left += 1
    joined = 0
    for title, holder in joining:
        if not BoardPost.objects.in_force(on).filter(branch=branch, title=title, **holder.fields()).exists():
            _add(branch, title, holder, on, None)
            joined += 1
    if left or joined:
        record(
            Verb.BOARD_CHANGED, by=by, branch_id=branch.pk, subject=branch, act="elected", count=left + joined,
            left=left, joined=joined,
        )  # fmt: skip
    return NewBoard(left, joined)


def _lock(branch: Branch) -> None:
    """One at a time: two new leaders at once are no leaders."""
    Branch.objects.select_for_update().get(pk=branch.pk)


def _add(branch: Branch, title: str, holder: Holder, starts_on: date, ends_on: date | None) -> BoardPost:
    wanted = {"branch": branch, "title": title, "starts_on": starts_on, **holder.fields()}
    known = BoardPost.objects.filter(**wanted, ends_on=ends_on).order_by("id").first()
    if known:
        return known
    _check(branch, title, starts_on, ends_on)
    return BoardPost.objects.create(**wanted, ends_on=ends_on, position=_ORDER.index(PostTitle(title)))


def _check(branch: Branch, title: str, starts_on: date, ends_on: date | None, *, besides: int = 0) -> None:
    if ends_on and ends_on < starts_on:
        raise EndsBeforeStart
    if title != _ALONE:
        return
    others = BoardPost.objects.filter(branch=branch, title=_ALONE).exclude(pk=besides)
    others = others.filter(Q(ends_on=None) | Q(ends_on__gt=starts_on))
    if ends_on:
        others = others.filter(starts_on__lt=ends_on)
    if others.exists():
        raise LeaderTaken
