"""The nightly erasing of thousands who have left, beside bare deletes of the same rows; and its memory.

It destroys what it is measured on, and so works on a copy of the register.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from benchmarks.processes import Side, Worker, compare
from benchmarks.registers import Register
from benchmarks.table import Figure

_CHUNK: Final = 500
# Beside the placements, claims and payments that the demo's register has.
_CHANGES: Final = 4


# --- In the worker --------------------------------------------------------------------------------------------------


def erase_rows(rows: int) -> dict[str, Any]:
    """What the clock starts at night, from finding who is due to the journal of it."""
    from common import clock
    from privacy.actions.erasing import erase_due

    _let_leave(rows)
    cpu, wall = process_time(), perf_counter()
    erased = erase_due(now=clock.now(), today=clock.today())
    figures = {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
    if erased != rows:
        raise ValueError(f"{erased} were erased, and not {rows}")
    return figures


def erase_queries(rows: int) -> dict[str, Any]:
    """The statements of one chunk of so many."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from common import clock
    from membership.actions.erasure import erase_many

    ids = _let_leave(rows)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        erase_many(ids, by=None, now=clock.now(), today=clock.today())
    return {"queries": len(queries), "told": [f"{one['time']} {one['sql'][:150]}" for one in queries]}


def delete_bare(rows: int) -> dict[str, Any]:
    """The yardstick: one DELETE for each table that points at members, the members last; a commit each 500."""
    from django.db import transaction
    from django.db.models import Exists, OuterRef

    from dues.models import Claim, Payment
    from membership.models import Member

    ids = _let_leave(rows)
    cpu, wall = process_time(), perf_counter()
    for start in range(0, rows, _CHUNK):
        chunk = ids[start : start + _CHUNK]
        with transaction.atomic():
            unpaid = Claim.objects.filter(member__in=chunk).exclude(
                Exists(Payment.objects.filter(claim=OuterRef("pk")))
            )
            unpaid._raw_delete(unpaid.db)
            for model, name, goes in _pointing():
                found = model._base_manager.filter(**{f"{name}__in": chunk})
                if goes:
                    found._raw_delete(found.db)
                else:
                    found.update(**{name: None})
            members = Member.objects.filter(pk__in=chunk)
            members._raw_delete(members.db)
    return {"cpu": process_time() - cpu, "wall": perf_counter() - wall}


def _pointing() -> list[tuple[Any, str, bool]]:
    """Every table that points at members, by which field, and whether its rows go; children of others first."""
    from django.db.models import CASCADE

    from membership.models import Member

    found: dict[tuple[str, str], tuple[Any, str, bool]] = {}
    for relation in Member._meta.get_fields(include_hidden=True):
        if relation.auto_created and (relation.one_to_many or relation.one_to_one):
            field: Any = relation.field  # type: ignore[union-attr]
            found[field.model._meta.label, field.name] = (field.model, field.name, relation.on_delete is CASCADE)  # type: ignore[union-attr]
    return [found[key] for key in sorted(found)]


def _let_leave(rows: int) -> list[int]:
    """The next so many members have left, and their time is over; each with a history and messages. Their ids."""
    from common import clock
    from membership.enums import ChangeSource, MemberStatus
    from membership.models import Branch, Member, MemberChange
    from messaging.enums import Channel, DeliveryState, Purpose
    from messaging.models import Delivery, Recipient
    from privacy.enums import LeaveWay
    from privacy.models import Departure

    now, today = clock.now(), clock.today()
    ids = list(Member.objects.current().order_by("pk").values_list("pk", flat=True)[:rows])
    if len(ids) < rows:
        raise ValueError(f"the register has {len(ids)} members left, and {rows} were asked for")
    county = Branch.objects.counties().get()
    for start in range(0, rows, _CHUNK):
        chunk = ids[start : start + _CHUNK]
        Member.objects.filter(pk__in=chunk).update(status=MemberStatus.RESIGNED, left_on=today - timedelta(days=8))
        Departure.objects.bulk_create(
            Departure(
                member_id=pk, way=LeaveWay.LINK, left_on=today, recorded_at=now, status_before="member", erase_on=today
            )
            for pk in chunk
        )
        MemberChange.objects.bulk_create(
            MemberChange(member_id=pk, field="city", before="A", after="B", source=ChangeSource.OFFICER, at=now)
            for pk in chunk
            for _ in range(_CHANGES)
        )
        message = _message(county, now)
        deliveries = Delivery.objects.bulk_create(
            Delivery(
                key=f"bench {message.pk} {pk}",
                message=message,
                branch=county,
                channel=Channel.EMAIL,
                purpose=Purpose.SERVICE,
                address=f"{pk}@example.no",
                state=DeliveryState.SENT,
                created_at=now,
                not_before_at=now,
                wipe_at=now,
            )
            for pk in chunk
        )
        Recipient.objects.bulk_create(
            Recipient(message=message, member_id=pk, channel=Channel.EMAIL, delivery=delivery)
            for pk, delivery in zip(chunk, deliveries, strict=True)
        )
    return ids


def _message(county: Any, now: Any) -> Any:
    from accounts.models import User
    from messaging.enums import MessageState, Purpose
    from messaging.models import Message

    user = User.objects.order_by("pk")[0]
    return Message.objects.create(
        branch=county,
        county=county,
        purpose=Purpose.SERVICE,
        audience={"kind": "members", "params": {}},
        state=MessageState.DONE,
        queued_by=user,
        queued_at=now,
        created_by=user,
        created_at=now,
        changed_by=user,
        changed_at=now,
    )


# --- Outside it -----------------------------------------------------------------------------------------------------


@contextmanager
def copied(register: Register) -> Iterator[Register]:
    """A copy of a register, that is gone afterwards."""
    url = register.environment["DATABASE_URL"]
    with tempfile.TemporaryDirectory(prefix="medlemsboka-bench-") as folder:
        if register.database == "sqlite":
            shutil.copy(urlsplit(url).path, Path(folder) / "copy.sqlite3")
            yield _at(register, f"sqlite:///{folder}/copy.sqlite3", folder)
            return
        parts = urlsplit(url)
        name = parts.path[1:]
        server, copy = urlunsplit(parts._replace(path="/postgres")), f"{name}_copy"
        _on(server, f'DROP DATABASE IF EXISTS "{copy}"', f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
        yield _at(register, urlunsplit(parts._replace(path=f"/{copy}")), folder)
        _on(server, f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')


def _at(register: Register, url: str, folder: str) -> Register:
    return replace(register, environment=register.environment | {"DATABASE_URL": url, "DATA_DIR": folder})


def _on(server: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def erasing(register: Register, where: str, *, rows: int = 5000, pairs: int = 3) -> Iterator[Figure]:
    """Time of erasing so many ÷ the bare deletes'. The register must have `rows` × 2 × (`pairs` + 1) members."""
    with copied(register) as copy:
        worker = Worker(copy.environment)
        found = compare(
            Side(worker, "erase_rows", {"rows": rows}), Side(worker, "delete_bare", {"rows": rows}), pairs=pairs
        )
        worker.close()
    yield Figure(
        f"erasing {rows:,} members: time ÷ bare deletes",
        where,
        found.wall_ratio,
        3,
        cpu_ms=found.cpu * 1000,
        wall_ms=found.wall * 1000,
        yardstick_ms=found.other_wall * 1000,
    )


def memory(register: Register, where: str, *, few: int, many: int) -> Iterator[Figure]:
    """Peak memory of erasing many ÷ few, each in a process of its own, which another has let leave before."""
    peaks = []
    for rows in (few, many):
        with copied(register) as copy:
            preparing, worker = Worker(copy.environment), Worker(copy.environment)
            preparing.ask("let_leave", rows=rows)
            preparing.close()
            worker.ask("erase_all")
            peaks.append(worker.ask("peak")["mib"])
            worker.close()
    yield Figure(f"erasing: peak memory at {many:,} ÷ at {few:,}", where, peaks[1] / peaks[0], 1.1)


def let_leave(rows: int) -> dict[str, Any]:
    """So many have left; whoever erases them is another process."""
    _let_leave(rows)
    return {}


def erase_all() -> dict[str, Any]:
    """The night's work, whatever there is."""
    from common import clock
    from privacy.actions.erasing import erase_due

    return {"erased": erase_due(now=clock.now(), today=clock.today())}
