"""The one statement between two messages: it ends the one before and begins the next, in one commit.

Written by hand: it runs once for each message, and the ORM takes longer to write it than the database to do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db import connection

from messaging.enums import DeliveryState

_NOBODY: Final = UUID(int=0)

# The row that ends is told by when it was begun: a row that a person has queued anew since then is another try, and not
# this worker's. It ends from UNKNOWN too: a slow worker knows better than the sweep that gave it up.
# The row that begins must wait still, and be leased by this run; a message that was stopped begins nothing more. A row
# that somebody else holds (who is stopping the message) is passed over: were it waited for, with the other one held,
# each could wait for the other. It is looked up by its key alone: `IS TRUE` and `||` keep PostgreSQL's planner from the
# indexes on runs and on open rows, which it takes for small when it last counted before a long queue came.
_STEP: Final = """
UPDATE messaging_delivery SET
  state = CASE WHEN id = %(ends)s THEN %(state)s ELSE 'sending' END,
  problem = CASE WHEN id = %(ends)s THEN %(problem)s ELSE '' END,
  provider_id = CASE WHEN id = %(ends)s THEN %(provider_id)s ELSE '' END,
  sent_at = CASE WHEN id = %(ends)s THEN %(sent_at)s ELSE sent_at END,
  attempts = CASE WHEN id = %(ends)s THEN attempts - %(uncounted)s ELSE attempts + 1 END,
  not_before_at = CASE WHEN id = %(ends)s AND %(again)s THEN %(again_at)s ELSE not_before_at END,
  started_at = CASE WHEN id = %(begins)s THEN %(now)s ELSE started_at END,
  run_id = CASE WHEN id = %(begins)s THEN run_id ELSE NULL END,
  body = CASE WHEN id = %(ends)s AND %(wipe)s THEN '' ELSE body END,
  body_html = CASE WHEN id = %(ends)s AND %(wipe)s THEN '' ELSE body_html END
WHERE id IN (%(ends)s, %(begins)s) AND (
  (id = %(ends)s AND state IN ('sending', 'unknown') AND started_at = %(began_at)s)
  OR id = (
    SELECT next.id FROM messaging_delivery next
    WHERE next.id = %(begins)s AND next.state || '' = 'queued' AND (next.run_id = %(run)s) IS TRUE AND NOT EXISTS (
      SELECT 1 FROM messaging_message stopped
      WHERE stopped.id = next.message_id AND stopped.state IN ('stopped', 'expired')
    ){lock}
  )
)
RETURNING id
"""
_LOCK: Final = " FOR UPDATE OF next SKIP LOCKED"


@dataclass(frozen=True, slots=True)
class Begun:
    """A message that this worker has begun, or may have: `began_at` is the mark it is known by."""

    id: UUID
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """What is to be written about a message. `again_at`: when it is tried again; `uncounted`: it was no real try."""

    begun: Begun
    state: DeliveryState
    problem: str = ""
    provider_id: str = ""
    sent_at: datetime | None = None
    again_at: datetime | None = None
    uncounted: bool = False
    wipe: bool = False


_NOTHING: Final = Ended(Begun(_NOBODY, datetime.min), DeliveryState.UNKNOWN)  # noqa: DTZ901 - no row has it


def step(run: UUID, ended: Ended | None, begins: Begun | None) -> tuple[bool, bool]:
    """End one, begin another: whether each of them was done. One statement, and so one commit."""
    ends, begin = ended or _NOTHING, begins or Begun(_NOBODY, _NOTHING.begun.began_at)
    params: dict[str, Any] = {
        "ends": _id(ends.begun.id),
        "state": ends.state.value,
        "problem": ends.problem[:200],
        "provider_id": ends.provider_id[:120],
        "sent_at": _moment(ends.sent_at),
        "uncounted": int(ends.uncounted),
        "again": ends.again_at is not None,
        "again_at": _moment(ends.again_at),
        "wipe": ends.wipe,
        "began_at": _moment(ends.begun.began_at) if ended else None,
        "begins": _id(begin.id),
        "now": _moment(begin.began_at) if begins else None,
        "run": _id(run),
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement(connection.features.has_select_for_update_skip_locked), params)
        done = {row[0] for row in cursor.fetchall()}
    return ended is not None and params["ends"] in done, begins is not None and params["begins"] in done


@cache
def _statement(can_lock: bool) -> str:
    return _STEP.replace("{lock}", _LOCK if can_lock else "")


def _id(pk: UUID) -> Any:
    return pk if connection.features.has_native_uuid_field else pk.hex


def _moment(at: datetime | None) -> Any:
    return None if at is None else connection.ops.adapt_datetimefield_value(at)
