"""One worker sending a chunk on one connection: a commit between two messages, so that a kill leaves one unknown."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto
from time import sleep
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from common.clock import machine_time, today
from messaging.actions.blocks import block
from messaging.enums import BlockReason, Channel, DeliveryState, Purpose
from messaging.models import Delivery
from messaging.outbox import leasing, pauses
from messaging.outbox.closing import is_closing
from messaging.outbox.recheck import Ready, Recheck
from messaging.outbox.statements import Begun, Ended, step
from messaging.outbox.ways import transport_for
from messaging.transports.base import NotOpen, Outcome, Outgoing, Transport
from messaging.transports.sms import NO_SUCH_NUMBER

log = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 6
# What was asked again is as good as new for so many messages and so many seconds.
FRESH_ROWS: Final = 25
FRESH_SECONDS: Final = 2.0
BEAT_SECONDS: Final = 5.0
TELL_SECONDS: Final = 1.0
# A rate limit as short as this is waited for on the spot, with the connection open.
_WAITED_FOR: Final = 10
# So many in a row that did not go: it is the way out that ails, not the addresses.
_STREAK: Final = 5
_LOST: Final = (OperationalError, InterfaceError)

# Told between two messages, about once a second: what is not to wait for a long queue.
Interlude = Callable[[], None]


class Result(Enum):
    """How a chunk ended: there was nothing, it has been dealt with, or the way out is closed."""

    NOTHING = auto()
    DONE = auto()
    CLOSED = auto()


class GivenUp(Exception):
    """This run was silent so long that its rows are free again: it sends nothing more."""


class Closed(Exception):
    """Nothing more goes out now, by this way or by this worker; what is left waits."""


def send_chunk(channel: str, *, interlude: Interlude | None = None, **which: Any) -> Result:
    """Lease what is due, as many as a chunk holds, and send it. `which` narrows it, as `filter` does."""
    if not leasing.due(channel, machine_time(), **which).exists():
        return Result.NOTHING
    # Before anything is leased: behind a closed door nothing changes, and no try is counted.
    transport = _opened(channel)
    if transport is None:
        return Result.CLOSED
    return Run(channel, transport, interlude).send(**which)


def _opened(channel: str) -> Transport | None:
    try:
        transport = transport_for(channel)
        transport.open()
    except NotOpen as error:
        pauses.pause(channel, str(error), machine_time())
    except Exception:
        # Our own fault, or the settings': nothing has been sent, and nothing is lost.
        log.exception("The way out by %s cannot be opened", channel)
        pauses.pause(channel, "Exception", machine_time())
    else:
        return transport
    return None


class Run:
    """What a worker knows while it sends a chunk, whatever becomes of the database meanwhile."""

    def __init__(self, channel: str, transport: Transport, interlude: Interlude | None = None) -> None:
        # Known before the database knows it: so that what it has leased is let go of, whatever it was that failed.
        self.run = uuid4()
        self.channel = channel
        self.transport = transport
        self._interlude = interlude
        self._recheck = Recheck(self.run, channel)
        self._is_open = True
        # The message before, whose outcome is not written yet; and the one begun that nothing has been sent of.
        self._ended: Ended | None = None
        self._begun: Begun | None = None
        self._streak = 0
        self._no_such: list[str] = []
        self._has_sent = False
        self._beat_at = self._told_at = time.monotonic()

    def send(self, **which: Any) -> Result:
        """What it can lease of these. Returns when each outcome is written, however long the database is away."""
        result = Result.DONE
        try:
            rows = leasing.lease(self.run, self.channel, machine_time(), **which)
            result = Result.DONE if rows else Result.NOTHING
            self._go_through(deque(rows))
        except Closed:
            result = Result.CLOSED
        except GivenUp:
            log.warning("Run %s was given up while it was silent", self.run)
        except _LOST as error:
            log.warning("Run %s has lost the database: %s", self.run, type(error).__name__)
            connection.close()
        finally:
            # The other end is not kept waiting for our database.
            self.transport.close()
            self._put_down()
        for number in self._no_such:
            block(Channel.SMS, number, BlockReason.HARD, now=machine_time())
        if self._has_sent and result is not Result.CLOSED:
            pauses.all_clear(self.channel)
        return result

    # --- One after the other ----------------------------------------------------------------------------------------

    def _go_through(self, waiting: deque[Delivery]) -> None:
        ready: deque[Ready] = deque()
        size, sent, read_at = FRESH_ROWS, 0, time.monotonic()
        while waiting or ready:
            if not ready or time.monotonic() - read_at > FRESH_SECONDS:
                # A slow way out sends few in that time: fewer are asked about.
                size = min(FRESH_ROWS, max(2, 2 * sent)) if ready else FRESH_ROWS
                waiting.extendleft(delivery for delivery, _outgoing in reversed(ready))
                asked = [waiting.popleft() for _ in range(min(size, len(waiting)))]
                ready = deque(self._recheck.ready(asked, now=machine_time(), today=today()))
                sent, read_at = 0, time.monotonic()
                continue
            if is_closing():
                raise Closed
            delivery, outgoing = ready.popleft()
            self._pause_between()
            self._send_one(delivery, outgoing)
            sent += 1

    def _send_one(self, delivery: Delivery, outgoing: Outgoing) -> None:
        self._open()
        begun = self._begun = Begun(delivery.pk, machine_time())
        _, mine = step(self.run, self._ended, begun)
        self._ended = None
        if not mine:
            # Stopped, cancelled, or somebody else's by now.
            self._begun = None
            return
        outcome = self._try(outgoing)
        if outcome.problem in NO_SUCH_NUMBER:
            self._no_such.append(delivery.address)
        self._ended, self._begun = self._written(delivery, begun, outcome), None
        self._weigh(outcome)

    def _try(self, outgoing: Outgoing) -> Outcome:
        try:
            return self.transport.send(outgoing)
        except Exception:
            # Our own fault, somewhere between its beginning and its end: a person decides.
            log.exception("Delivery %s broke off", outgoing.id)
            return Outcome(DeliveryState.UNKNOWN, "Exception", broken=True)

    def _written(self, delivery: Delivery, begun: Begun, outcome: Outcome) -> Ended:
        """What the outcome comes to."""
        at, state, again_at = machine_time(), outcome.state, None
        attempts = delivery.attempts + 1
        limited = state == DeliveryState.QUEUED and outcome.retry_after is not None
        if limited:
            again_at = at + timedelta(seconds=max(1, outcome.retry_after or 0))
        elif state == DeliveryState.QUEUED and attempts >= MAX_ATTEMPTS:
            state = DeliveryState.FAILED
        elif state == DeliveryState.QUEUED:
            again_at = at + timedelta(seconds=30 * 2**attempts)
        return Ended(
            begun,
            state,
            problem=outcome.problem,
            provider_id=outcome.provider_id,
            sent_at=at if state == DeliveryState.SENT else None,
            again_at=again_at,
            uncounted=limited,
            wipe=delivery.purpose == Purpose.SIGN_IN and state != DeliveryState.QUEUED and not settings.DEMO,
        )

    def _weigh(self, outcome: Outcome) -> None:
        """What it says of those that come after. Raises `Closed`."""
        if outcome.broken:
            self.transport.close()
            self._is_open = False
        if outcome.state == DeliveryState.SENT:
            self._streak, self._has_sent = 0, True
            return
        self._streak += 1
        if outcome.state == DeliveryState.QUEUED and outcome.retry_after is not None:
            self._wait(outcome)
        elif self._streak >= _STREAK:
            pauses.pause(self.channel, outcome.problem, machine_time())
            raise Closed

    def _wait(self, outcome: Outcome) -> None:
        """For as long as the other end has asked for: here, or later."""
        seconds = outcome.retry_after or 0
        if seconds > _WAITED_FOR:
            pauses.pause(self.channel, outcome.problem, machine_time(), seconds=seconds)
            raise Closed
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._pause_between()
            sleep(min(left, 1))

    def _open(self) -> None:
        """Raises `Closed`. Always before the next message is begun."""
        if self._is_open:
            return
        try:
            self.transport.open()
        except NotOpen as error:
            pauses.pause(self.channel, str(error), machine_time())
            raise Closed from None
        self._is_open = True

    def _pause_between(self) -> None:
        """A sign of life each few seconds, and each second what cannot wait. Raises `GivenUp`."""
        moment = time.monotonic()
        if moment - self._beat_at >= BEAT_SECONDS:
            self._beat_at = moment
            if not leasing.beat(self.run, machine_time()):
                raise GivenUp
        if self._interlude and moment - self._told_at >= TELL_SECONDS:
            # First this one's outcome: it must not be unknown because the next run is killed.
            self._write_outcome()
            self._interlude()
            self._told_at = time.monotonic()

    # --- Whatever happens -------------------------------------------------------------------------------------------

    def _write_outcome(self) -> None:
        if self._ended:
            step(self.run, self._ended, None)
            self._ended = None

    def _put_down(self) -> None:
        """Write the last outcome and free the rest. Tries until the database is there: only we know what was sent."""
        wait = 0.25
        while True:
            try:
                self._write_outcome()
                if self._begun:
                    leasing.give_back(self._begun)
                    self._begun = None
                leasing.release(self.run)
                return
            except _LOST as error:
                log.warning("Run %s waits for the database: %s", self.run, type(error).__name__)
                connection.close()
                sleep(wait)
                wait = min(wait * 2, 5)
