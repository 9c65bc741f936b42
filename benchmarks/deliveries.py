"""Emails from the outbox to a mail server, beside the loop that others use: a chunk of 500 on one connection, and one
commit for all of it. Ours commits before and after each, so that a kill leaves one unknown and not five hundred."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final
from uuid import UUID

from benchmarks.processes import ROOT, Side, Worker, compare
from benchmarks.table import Figure
from scripts.processes import answers

_CHUNK: Final = 500
_BODY: Final = (
    "Hei, {{ fornavn }}!\n\n## Årsmøte\n\nVi møtes **tirsdag** kl. 19.\n\n- Årsmelding\n- Regnskap\n- Valg\n" * 3
)


# --- In the worker --------------------------------------------------------------------------------------------------


def send_outbox(rows: int) -> dict[str, Any]:
    """From rows that wait to rows that are sent: leasing, asking again, writing, sending, and commits around each."""
    ids = queue_outbox(rows)["ids"]
    try:
        return send_queued(ids)
    finally:
        clear_outbox(ids)


def queue_outbox(rows: int, messages: int = 1) -> dict[str, Any]:
    """So many rows that wait, of each of so many messages: a register of 50,000 has not as many addresses."""
    return {"ids": [str(_make_message(rows).pk) for _ in range(messages)]}


def send_queued(ids: list[str]) -> dict[str, Any]:
    """Send them all; the time it took."""
    from messaging.enums import Channel, DeliveryState
    from messaging.models import Delivery
    from messaging.outbox.pump import pump

    deliveries = Delivery.objects.filter(message__in=[UUID(pk) for pk in ids])
    cpu, wall = process_time(), perf_counter()
    while deliveries.filter(state=DeliveryState.QUEUED).exists():
        pump(Channel.EMAIL)
    figures = {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
    if unsent := deliveries.exclude(state=DeliveryState.SENT).count():
        raise ValueError(f"{unsent} were not sent")
    return figures


def clear_outbox(ids: list[str]) -> dict[str, Any]:
    """The register is measured again after this."""
    from messaging.models import Delivery, Message, Recipient

    made = [UUID(pk) for pk in ids]
    Recipient.objects.filter(message__in=made).delete()
    Delivery.objects.filter(message__in=made).delete()
    Message.objects.filter(pk__in=made).delete()
    return {}


def send_bare(rows: int) -> dict[str, Any]:
    """The yardstick: the same letters by Django's own classes, 500 on a connection, one UPDATE and commit for them."""
    from django.core.mail import EmailMultiAlternatives, get_connection
    from django.db import transaction
    from django.utils import timezone

    from messaging.enums import DeliveryState
    from messaging.models import Delivery
    from messaging.writing.markdown import to_html, to_text

    message = _make_message(rows)
    text, html = to_text(_BODY), to_html(_BODY)
    try:
        cpu, wall = process_time(), perf_counter()
        for _ in range(0, rows, _CHUNK):
            with transaction.atomic():
                waiting = Delivery.objects.filter(message=message, state=DeliveryState.QUEUED).order_by("pk")
                chunk = list(waiting.prefetch_related("recipients__member")[:_CHUNK])
                letters = []
                for row in chunk:
                    member = row.recipients.all()[0].member
                    name = member.first_name if member else ""
                    letter = EmailMultiAlternatives(
                        "Årsmøte", text.replace("{{ fornavn }}", name), "Laget <post@chaos.example>", [row.address]
                    )
                    letter.attach_alternative(html.replace("{{ fornavn }}", name), "text/html")
                    letters.append(letter)
                get_connection().send_messages(letters)
                Delivery.objects.filter(pk__in=[row.pk for row in chunk]).update(
                    state=DeliveryState.SENT, sent_at=timezone.now()
                )
        return {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
    finally:
        clear_outbox([str(message.pk)])


def _make_message(rows: int) -> Any:
    """A message on its way to so many, each with an address of their own, as the job leaves it."""
    from django.utils import timezone

    from accounts.models import User
    from common import clock
    from membership.models import Branch
    from messaging.contact import with_addresses, with_reason
    from messaging.enums import Channel, MessageState, Purpose
    from messaging.models import Delivery, Message, MessageText, Recipient
    from messaging.outbox.keys import key_of

    now = timezone.now()
    county, user = Branch.objects.counties().get(), User.objects.order_by("pk")[0]
    message = Message.objects.create(
        branch=county,
        county=county,
        purpose=Purpose.SERVICE,
        audience={"kind": "members", "params": {}},
        state=MessageState.SENDING,
        created_by=user,
        created_at=now,
        changed_by=user,
        changed_at=now,
        queued_by=user,
        queued_at=now,
        expanded_at=now,
        started_at=now,
    )
    MessageText.objects.create(message=message, subject="Årsmøte", body=_BODY)
    members = with_addresses(county.members.current())
    # Columns that annotations add are unknown to the checker.
    reasoned: Any = with_reason(members, Channel.EMAIL, message.purpose, on=clock.today(), name="why")
    found = reasoned.filter(why="")
    seen: set[str] = set()
    deliveries, recipients = [], []
    for pk, address in found.order_by("pk").values_list("pk", "email_key").iterator(2000):
        if address in seen:
            continue
        seen.add(address)
        delivery = Delivery(
            key=key_of(message.pk, Channel.EMAIL, address),
            message=message,
            branch=county,
            channel=Channel.EMAIL,
            purpose=message.purpose,
            address=address,
            created_at=now,
            not_before_at=now,
            wipe_at=now,
        )
        deliveries.append(delivery)
        recipients.append(Recipient(message=message, member_id=pk, channel=Channel.EMAIL, delivery=delivery))
        if len(deliveries) == rows:
            break
    if len(deliveries) < rows:
        raise ValueError(f"the register has {len(deliveries)} addresses, and {rows} were asked for")
    Delivery.objects.bulk_create(deliveries, batch_size=1000)
    Recipient.objects.bulk_create(recipients, batch_size=1000)
    return message


# --- Outside it -----------------------------------------------------------------------------------------------------


@contextmanager
def mail_server() -> Iterator[tuple[dict[str, str], Callable[[], int]]]:
    """A mail server in a process of its own; the environment that leads there, and how many connections it has had."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, "-m", "chaos.sinks", "smtp", str(port), folder, "0", "--calm"], cwd=ROOT
        )
        try:
            while not answers(("127.0.0.1", port), socket.AF_INET, b"", b"220"):
                if server.poll() is not None:
                    raise RuntimeError("the mail server did not start")
            environment = {
                "MODE": "production",
                "SECRET_KEY": "bench" * 12,
                "PUBLIC_URL": "https://bench.example",
                "EMAIL_URL": f"smtp://127.0.0.1:{port}",
                "EMAIL_BACKEND": "",
                "RETURN_ADDRESS": "retur@bench.example",
            }
            yield environment, lambda: (Path(folder) / "smtp.connected").read_bytes().count(b"\n")
        finally:
            server.kill()
            server.wait()


def sending(start: Callable[[dict[str, str]], Worker], where: str, *, pairs: int, rows: int = 1000) -> Iterator[Figure]:
    """Deliveries a second ÷ the bare loop's, and connections for a thousand mails."""
    with mail_server() as (environment, connections):
        worker = start(environment)
        worker.ask("send_outbox", rows=100)
        before = connections()
        worker.ask("send_outbox", rows=rows)
        used = connections() - before
        found = compare(
            Side(worker, "send_bare", {"rows": rows}), Side(worker, "send_outbox", {"rows": rows}), pairs=pairs
        )
        worker.close()
    yield Figure(
        "emails, outbox to server: mails/s ÷ uncommitted chunks of 500",
        where,
        found.wall_ratio,
        0.4,
        at_least=True,
        cpu_ms=found.other_cpu * 1000,
        wall_ms=found.other_wall * 1000,
        yardstick_ms=found.wall * 1000,
    )
    yield Figure("emails: SMTP connections for 1,000", where, used * 1000 / rows, 3, unit="connections")


def memory(
    start: Callable[[dict[str, str]], Worker], where: str, *, few: int = 5000, many: int = 50_000
) -> Iterator[Figure]:
    """Peak memory of sending to many ÷ to few, each in a process of its own."""
    peaks = []
    with mail_server() as (environment, _connections):
        for rows in (few, many):
            maker, worker = start(environment), start(environment)
            ids = maker.ask("queue_outbox", rows=rows // 2, messages=2)["ids"]
            worker.ask("send_queued", ids=ids)
            peaks.append(worker.ask("peak")["mib"])
            maker.ask("clear_outbox", ids=ids)
            maker.close()
            worker.close()
    yield Figure(f"emails: peak memory at {many:,} ÷ at {few:,}", where, peaks[1] / peaks[0], 1.1)
