"""The county's groups: made, renamed and taken away by the county, put on members by the branches."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.core.cache import cache
from django.db import IntegrityError, transaction

from accounts.actions import record
from accounts.enums import Verb
from accounts.models import User
from membership.actions.bulk import AT_ONCE, tag_edits
from membership.actions.editing import Pen, locked, write
from membership.enums import ChangeSource
from membership.models import Branch, Member, Tag, TagQuerySet

# How long lists remember which groups there are; whoever changes them forgets it at once.
CACHED_SECONDS: Final = 300
# What a filter and a choice can show.
MOST: Final = 100


class NameTaken(Exception):
    """The county has a group of that name."""


class TooManyTags(Exception):
    """The county has as many groups as there is room for."""


class StillInUse(Exception):
    """More members are in it than can be taken out in one go."""


def tags_of(branch: Branch) -> TagQuerySet:
    """The groups of the branch's county, by name."""
    return Tag.objects.of(branch).in_order()


def cache_key(county_id: int) -> str:
    """Under which name a county's groups are remembered."""
    return f"membership:groups:{county_id}"


@transaction.atomic
def create_tag(county: Branch, *, name: str, by: User) -> Tag:
    """Make a group. Raises `NameTaken`, `TooManyTags`."""
    if Tag.objects.of(county).count() >= MOST:
        raise TooManyTags
    tag = Tag(county=county, name=name)
    _save(tag)
    record(Verb.TAGS_CHANGED, by=by, branch_id=county.pk, subject=tag, what="created")
    return tag


@transaction.atomic
def rename_tag(tag: Tag, *, name: str, by: User) -> None:
    """Call it otherwise; its members stay. Raises `NameTaken`."""
    if tag.name == name:
        return
    tag.name = name
    _save(tag)
    record(Verb.TAGS_CHANGED, by=by, branch_id=tag.county_id, subject=tag, what="renamed")


@transaction.atomic
def remove_tag(tag: Tag, *, by: User, now: datetime, today: date) -> int:
    """Take everybody out of it, with a line in each one's history, and then away; how many were in it.

    Raises `StillInUse` where they are more than one request can change.
    """
    members = locked(Member.objects.filter(pk__in=tag.members.order_by("pk").values("pk")[: AT_ONCE + 1]))
    if len(members) > AT_ONCE:
        raise StillInUse
    # No piece of work that can be undone: the group is gone.
    pen = Pen(by, ChangeSource.BULK, now, today)
    count = len(write(tag_edits(members, tag.pk, add=False), pen=pen, quietly=True))
    record(Verb.TAGS_CHANGED, by=by, branch_id=tag.county_id, subject=tag, count=count, what="removed")
    _forget(tag.county_id)
    tag.delete()
    return count


def _forget(county_id: int) -> None:
    transaction.on_commit(lambda: cache.delete(cache_key(county_id)))


def _save(tag: Tag) -> None:
    if Tag.objects.filter(county_id=tag.county_id, name__iexact=tag.name).exclude(pk=tag.pk).exists():
        raise NameTaken
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError:
        raise NameTaken from None
    _forget(tag.county_id)
