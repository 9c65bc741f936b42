"""How the machinery runs, for administrators and monitors: counts, times and states, and nothing about a person.

Everything here lives by the true clock, in the demo too.
"""

from __future__ import annotations

import logging
import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from time import monotonic
from typing import Any, Final

from django.conf import settings
from django.db import Error, connection
from django.db.models import BooleanField, Count, Max, Min, Q
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from jobs.enums import JobState
from jobs.models import Job, PeriodicRun
from jobs.timetable import Periodic
from messaging.enums import Channel, DeliveryState
from messaging.models import Delivery, SendingRun

log = logging.getLogger(__name__)

# A monitor and a person wait no longer than this for a broker that does not answer; seconds.
PATIENCE: Final = 1.0
# A job that runs often and never ran is late; one that runs at night may wait for its night.
OFTEN: Final = timedelta(hours=1)
# Both workers may be busy with a long piece of work for a while.
SIGN_OF_LIFE: Final = timedelta(minutes=5)
_SWEEPS: Final = ("sweep-jobs", "sweep-deliveries")
_LITTLE_DISK: Final = 0.1
_A_DAY: Final = timedelta(days=1)
_QUEUE: Final = "celery"


@dataclass(frozen=True, slots=True)
class Line:
    """One job of the timetable: what it is for, and how it went."""

    name: str
    what_for: str | Promise
    started_at: datetime | None
    succeeded_at: datetime | None
    # Whole seconds.
    took: int | None
    problem: str
    is_late: bool

    @property
    def tone(self) -> str:
        """How worrying it is."""
        if self.is_late:
            return "danger"
        return "warning" if self.problem else ("success" if self.succeeded_at else "neutral")

    @property
    def word(self) -> str:
        """The same in a word or two."""
        if self.is_late:
            return _("Late")
        if self.problem:
            return _("Broke off")
        return _("On time") if self.succeeded_at else _("Not yet")


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in one channel, and what came of the last day's."""

    channel: str
    waiting: int
    due: int
    sending: int
    oldest_at: datetime | None
    sent: int
    failed: int
    unknown: int


def timetable(now: datetime) -> list[Line]:
    """Every job of the clock's: one query."""
    runs = PeriodicRun.objects.in_bulk()
    return [_line(periodic, runs.get(periodic.name), now) for periodic in settings.SCHEDULE]


def _line(periodic: Periodic, run: PeriodicRun | None, now: datetime) -> Line:
    took = None
    if run and run.finished_at and run.finished_at >= run.started_at:
        took = round((run.finished_at - run.started_at).total_seconds())
    return Line(
        periodic.name,
        periodic.what_for,
        run.started_at if run else None,
        run.succeeded_at if run else None,
        took,
        run.problem if run else "",
        _is_late(periodic, run, now),
    )


def _is_late(periodic: Periodic, run: PeriodicRun | None, now: datetime) -> bool:
    if run is None:
        return periodic.late_after <= OFTEN
    # Begun and not ended counts as going for as long as it may be late.
    last = max(filter(None, (run.succeeded_at, None if run.problem else run.started_at)), default=None)
    return last is None or now - last > periodic.late_after


def queues(now: datetime) -> list[Queue]:
    """The outbox: two queries, each along an index; the second sees a day only."""
    waits, due = Q(state=DeliveryState.QUEUED), Q(state=DeliveryState.QUEUED, not_before_at__lte=now)
    moving = (
        _open_deliveries()
        .order_by()
        .values("channel")
        .annotate(
            waiting=Count("pk", filter=waits),
            due=Count("pk", filter=due),
            sending=Count("pk", filter=Q(state=DeliveryState.SENDING)),
            oldest_at=Min("not_before_at", filter=due),
        )
    )
    ended = (
        Delivery.objects.filter(created_at__gte=now - _A_DAY)
        .order_by()
        .values("channel")
        .annotate(
            sent=Count("pk", filter=Q(state=DeliveryState.SENT)),
            failed=Count("pk", filter=Q(state__in=[DeliveryState.FAILED, DeliveryState.BOUNCED])),
            unknown=Count("pk", filter=Q(state=DeliveryState.UNKNOWN)),
        )
    )
    by_channel: dict[str, dict[str, Any]] = {}
    for row in [*moving, *ended]:
        by_channel.setdefault(row.pop("channel"), {}).update(row)
    none = {"waiting": 0, "due": 0, "sending": 0, "oldest_at": None, "sent": 0, "failed": 0, "unknown": 0}
    return [
        Queue(str(channel.label), **(none | by_channel.get(channel.value, {})))
        for channel in (Channel.EMAIL, Channel.SMS)
    ]


def _open_deliveries() -> Any:
    """Written out, not as parameters: SQLite uses a partial index only where it can read the condition."""
    is_open = RawSQL("messaging_delivery.state IN ('queued', 'sending')", [], output_field=BooleanField())
    return Delivery.objects.filter(is_open)


def sending_runs(now: datetime) -> dict[str, Any]:
    """How many workers are sending, and when one last gave a sign of life."""
    return SendingRun.objects.aggregate(
        live=Count("pk", filter=Q(heartbeat_at__gte=now - settings.DELIVERY_SILENCE)),
        last_at=Max("heartbeat_at"),
    )


def work() -> dict[str, Any]:
    """Jobs in the background: those that wait, those that go, those that stopped in the last day."""
    return Job.objects.aggregate(
        waiting=Count("pk", filter=Q(state=JobState.QUEUED)),
        running=Count("pk", filter=Q(state=JobState.RUNNING)),
        failed=Count("pk", filter=Q(state=JobState.FAILED)),
        oldest_at=Min("created_at", filter=Q(state=JobState.QUEUED)),
    )


def disk() -> dict[str, Any]:
    """The disk that DATA_DIR is on, in gigabytes with a decimal."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    giga = 1024**3
    return {
        "free": round(usage.free / giga, 1),
        "total": round(usage.total / giga, 1),
        "is_low": usage.free < usage.total * _LITTLE_DISK,
    }


@lru_cache(maxsize=1)
def version() -> str:
    """Ours, as pyproject.toml has it."""
    text = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


# --- Does it answer? --------------------------------------------------------------------------------------------------


def database_answers() -> int | None:
    """Milliseconds until the database answered; None where it does not."""
    began = monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Error as error:
        log.warning("The database does not answer: %s", type(error).__name__)
        return None
    return round((monotonic() - began) * 1000)


def broker_queue() -> int | None:
    """How many tasks lie in the broker; None where it does not answer. Needs REDIS_URL."""
    # Where it is used: most processes never ask.
    import redis

    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
        ) as broker:
            return int(broker.llen(_QUEUE))
    except (redis.RedisError, OSError, ValueError) as error:
        log.warning("The broker does not answer: %s", type(error).__name__)
        return None


def sweep_is_alive(now: datetime) -> bool:
    """Whether a worker has begun a sweep, or was sending, in the last minutes."""
    last = PeriodicRun.objects.filter(name__in=_SWEEPS, problem="").aggregate(last=Max("started_at"))["last"]
    sent = SendingRun.objects.aggregate(last=Max("heartbeat_at"))["last"]
    return any(moment and now - moment <= SIGN_OF_LIFE for moment in (last, sent))


def failing(now: datetime) -> list[str]:
    """The parts that do not answer, by name; none where all is well. A house without a broker has no sweep either."""
    if database_answers() is None:
        return ["database"]
    if not settings.REDIS_URL:
        return []
    checks: Mapping[str, Callable[[], bool]] = {
        "broker": lambda: broker_queue() is not None,
        "sweep": lambda: sweep_is_alive(now),
    }
    try:
        return [name for name, is_well in checks.items() if not is_well()]
    except Error as error:
        log.warning("The database stopped answering: %s", type(error).__name__)
        return ["database"]


class _Memory:
    """The last answer, for some seconds: whoever asks often costs no more than whoever asks seldom."""

    SECONDS: Final = 5.0

    def __init__(self) -> None:
        self.asked = -self.SECONDS
        self.parts: list[str] = []

    def get(self, now: datetime) -> list[str]:
        if monotonic() - self.asked >= self.SECONDS:
            self.parts = failing(now)
            self.asked = monotonic()
        return self.parts

    def forget(self) -> None:
        self.asked = monotonic() - self.SECONDS


remembered = _Memory()
