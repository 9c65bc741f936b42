"""A way out that is closed is asked again after a while, a longer one each time; what waits keeps its tries.

Kept in the cache: if that is lost, or is each process's own, a closed server is only asked more often.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache

log = logging.getLogger(__name__)

_FIRST: Final = timedelta(seconds=2)
_LONGEST: Final = timedelta(minutes=5)
_FORGOTTEN_AFTER: Final = 3600


@dataclass(frozen=True, slots=True)
class Pause:
    """Why nothing goes out on a channel, how many times in a row, and until when it is not tried."""

    problem: str
    times: int
    until_at: datetime


def pause_of(channel: str) -> Pause | None:
    """The latest, over or not; None where the last try went well."""
    try:
        found = cache.get(_key(channel))
    except Exception:
        # Whatever ails the cache: the outbox does without it.
        return None
    if not found:
        return None
    return Pause(found["problem"], found["times"], datetime.fromisoformat(found["until_at"]))


def is_paused(channel: str, now: datetime) -> bool:
    """Whether it is to be left alone."""
    pause = pause_of(channel)
    return pause is not None and now < pause.until_at


def pause(channel: str, problem: str, now: datetime, *, seconds: int | None = None) -> None:
    """Leave it alone for a while: as long as the other end has asked for, else twice as long as the last time."""
    before = pause_of(channel)
    times = before.times + 1 if before else 1
    wait = min(_FIRST * 2 ** min(times - 1, 10), _LONGEST) if seconds is None else timedelta(seconds=seconds)
    log.warning("Nothing goes out by %s for %s seconds: %s", channel, round(wait.total_seconds()), problem)
    row = {"problem": problem, "times": times, "until_at": (now + wait).isoformat()}
    try:
        cache.set(_key(channel), row, _FORGOTTEN_AFTER)
    except Exception:
        log.warning("The pause is not kept: there is no cache")


def all_clear(channel: str) -> None:
    """Something has gone out."""
    try:
        cache.delete(_key(channel))
    except Exception:
        log.warning("The pause is not lifted: there is no cache")


def _key(channel: str) -> str:
    return f"outbox:pause:{channel}"
