"""Sending a message to a whole county: the request that starts it, and the job that finds its recipients.

The request is the writing page's own, with the form as the page printed it. The rows of the job are rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from time import perf_counter, process_time
from typing import Any, Final
from urllib.parse import urlencode

from django.db import transaction

from benchmarks.processes import Side, Worker, compare
from benchmarks.table import Figure

_USER: Final = "fylkessekretaer@demo.example"
_TEXTS: Final = {"nb": {"subject": "Årsmøte", "body": "Hei, {{ fornavn }}! Vi møtes tirsdag kl. 19.", "sms": "Hei"}}
_CHUNK: Final = 1_000


class _Undo(Exception):
    """Ends the transaction."""


class _Form(HTMLParser):
    """What a browser would send of the page's forms that post: each field as it was printed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self._posts = False
        self._name = self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value, kind = found.get("name") or "", found.get("value") or "", found.get("type") or "text"
        if tag == "form":
            self._posts = (found.get("method") or "").lower() == "post" and "id" in found
        elif not self._posts:
            return
        elif tag == "input" and name and (kind not in ("radio", "checkbox", "submit", "file") or "checked" in found):
            self.data[name] = value
        elif tag in ("select", "textarea"):
            self._name, self._text = name, ""
        elif tag == "option" and ("selected" in found or self._name not in self.data):
            self.data[self._name] = value

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._posts:
            self.data[self._name] = self._text.removeprefix("\n")


# --- In the worker --------------------------------------------------------------------------------------------------


def queue_request() -> dict[str, Any]:
    """Press “send” for all in the county, by email; the answer's own seconds. The page was looked at just before."""
    from django.urls import reverse

    from benchmarks.probes import _application, _environ, _fetch
    from jobs import actions as jobs
    from jobs.models import Job
    from messaging.models import Message

    # Without a broker the job would be done before the answer.
    jobs.kick = lambda job_id: None
    message, people = _draft()
    try:
        url = reverse("messaging:message_edit", args=[message.branch.slug, message.pk])
        _status, page = _fetch(url, _USER)
        data = _Form(page.decode()).data | {"count": str(people), "handling": "send"}
        data.pop("csrfmiddlewaretoken", None)
        status: list[str] = []
        asked = _environ(url, _USER, urlencode(data))
        cpu, wall = process_time(), perf_counter()
        response = _application()(asked, lambda line, headers: status.append(line))  # type: ignore[arg-type]
        b"".join(response)
        figures = {"cpu": process_time() - cpu, "wall": perf_counter() - wall, "people": people}
        response.close()
        if Message.objects.get(pk=message.pk).is_draft:
            raise ValueError(f"{url}: {status[0]}, and nothing was sent")
    finally:
        Message.objects.filter(pk=message.pk).delete()
        Job.objects.filter(kind="messages.expand").delete()
    return figures


def expand_rows() -> dict[str, Any]:
    """The job: every recipient and every delivery of a message to all in the county."""
    from common import clock
    from messaging.expanding import Expansion
    from messaging.models import Delivery, Message, Recipient

    figures: dict[str, Any] = {}
    try:
        with transaction.atomic():
            message = _queued()
            cpu, wall = process_time(), perf_counter()
            Expansion(message, today=clock.today()).run(lambda _done, _total=None, /: None)
            figures = {"cpu": process_time() - cpu, "wall": perf_counter() - wall}
            rows = Recipient.objects.filter(message=message).count() + Delivery.objects.filter(message=message).count()
            if Message.objects.get(pk=message.pk).is_draft:
                raise ValueError("the message came back")
            figures |= {"rows": rows}
            raise _Undo
    except _Undo:
        return figures


def create_rows() -> dict[str, Any]:
    """The yardstick: as many rows of both kinds by `bulk_create`, a thousand at a time, from ids that are known."""
    from uuid import uuid4

    from common import clock
    from messaging.expanding import WAITING
    from messaging.models import Delivery, Recipient

    figures: dict[str, Any] = {}
    try:
        with transaction.atomic():
            message = _queued()
            now = clock.machine_time()
            ids = list(message.branch.members.current().order_by("pk").values_list("pk", flat=True))
            cpu, wall = process_time(), perf_counter()
            for start in range(0, len(ids), _CHUNK):
                chunk = ids[start : start + _CHUNK]
                deliveries = [
                    Delivery(
                        key=str(uuid4()),
                        message=message,
                        branch=message.branch,
                        channel="email",
                        purpose=message.purpose,
                        address=f"medlem{pk}@example.no",
                        created_at=now,
                        not_before_at=WAITING,
                        wipe_at=now,
                    )
                    for pk in chunk
                ]
                Delivery.objects.bulk_create(deliveries)
                Recipient.objects.bulk_create(
                    Recipient(message=message, member_id=pk, channel="email", delivery=delivery)
                    for pk, delivery in zip(chunk, deliveries, strict=True)
                )
            figures = {"cpu": process_time() - cpu, "wall": perf_counter() - wall, "rows": 2 * len(ids)}
            raise _Undo
    except _Undo:
        return figures


def plan_all() -> dict[str, Any]:
    """Counting whom a message to all in the county reaches, by what, and why the others are not."""
    from django.core.cache import cache

    from common import clock
    from membership.models import Branch
    from messaging.audience.plan import plan_of
    from messaging.enums import Purpose, Way

    county = Branch.objects.counties().get()
    cache.clear()
    plan = plan_of(
        county,
        {"kind": "members", "params": {}},
        way=Way.BOTH,
        with_letters=True,
        purpose=Purpose.NEWSLETTER,
        is_personal=False,
        today=clock.today(),
    )
    return {"people": plan.people}


def _draft() -> tuple[Any, int]:
    from accounts.models import User
    from common import clock
    from membership.models import Branch
    from messaging.actions.messages import save_draft
    from messaging.actions.messages_checks import plan_for
    from messaging.enums import Purpose, Way
    from messaging.writing.compose import Composer

    values = {
        "purpose": Purpose.NEWSLETTER,
        "way": Way.EMAIL,
        "audience": {"kind": "members", "params": {}},
        "texts": _TEXTS,
    }
    user = User.objects.get(email=_USER)
    message = save_draft(Branch.objects.counties().get(), values=values, by=user, now=clock.machine_time())
    return message, plan_for(message, Composer(message), clock.today()).people


def _queued() -> Any:
    """As the request leaves it, with nobody to approve it first."""
    from accounts.models import User
    from common import clock
    from messaging.enums import MessageState
    from messaging.models import Message

    message, people = _draft()
    now = clock.machine_time()
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.QUEUED,
        queued_by=User.objects.get(email=_USER),
        queued_at=now,
        confirmed=people,
        due_at=now,
    )
    return Message.objects.select_related("branch", "queued_by", "approved_by").get(pk=message.pk)


# --- Outside it -----------------------------------------------------------------------------------------------------


def queueing(floor: Worker, worker: Worker, where: str, *, pairs: int) -> Iterator[Figure]:
    """The request ÷ the floor page; the job's rows a second ÷ bulk_create's; the count above the send button."""
    found = compare(Side(worker, "queue_request"), Side(floor, "page", {"url": "/", "n": 5}), pairs=pairs)
    yield Figure(
        "request that sends to all in the county: CPU ÷ floor page",
        where,
        found.cpu_ratio,
        3,
        cpu_ms=found.cpu * 1000,
        wall_ms=found.wall * 1000,
        yardstick_ms=found.other_cpu * 1000,
    )
    rows = compare(Side(worker, "create_rows"), Side(worker, "expand_rows"), pairs=max(1, pairs // 3))
    yield Figure(
        "finding all its recipients: rows/s ÷ bulk_create",
        where,
        rows.wall_ratio,
        0.4,
        at_least=True,
        cpu_ms=rows.other_cpu * 1000,
        wall_ms=rows.other_wall * 1000,
        yardstick_ms=rows.wall * 1000,
    )
    plan = [worker.ask("plan_all") for _ in range(max(1, pairs // 3))]
    best = min(plan, key=lambda one: one["cpu"])
    yield Figure(
        "counting whom it reaches and why not the others",
        where,
        best["cpu"] * 1000,
        600,
        cpu_ms=best["cpu"] * 1000,
        wall_ms=best["wall"] * 1000,
        unit="ms",
    )
