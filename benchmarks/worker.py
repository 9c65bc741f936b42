"""One process on one database: does what it is told on standard input, one JSON line each, and answers with figures.

`python -m benchmarks.worker`, with DATABASE_URL and DJANGO_SETTINGS_MODULE in the environment.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

Command = Callable[..., dict[str, Any]]


def main() -> None:
    """Until standard input ends."""
    import django

    django.setup()
    from benchmarks import deliveries, duplicates, erasing, probes, queueing

    commands: dict[str, Command] = {
        "page": probes.page,
        "queries": probes.queries,
        "weight": probes.weight,
        "term": probes.term,
        "import_rows": probes.import_rows,
        "import_changed": probes.import_changed,
        "bulk_update_rows": probes.bulk_update_rows,
        "bulk_create": probes.bulk_create_rows,
        "export": probes.export_rows,
        "write_bare": probes.write_bare,
        "search_duplicates": duplicates.search_duplicates,
        "compare_bare": duplicates.compare_bare,
        "send_outbox": deliveries.send_outbox,
        "queue_outbox": deliveries.queue_outbox,
        "send_queued": deliveries.send_queued,
        "clear_outbox": deliveries.clear_outbox,
        "send_bare": deliveries.send_bare,
        "queue_request": queueing.queue_request,
        "expand_rows": queueing.expand_rows,
        "create_rows": queueing.create_rows,
        "plan_all": queueing.plan_all,
        "erase_rows": erasing.erase_rows,
        "erase_queries": erasing.erase_queries,
        "delete_bare": erasing.delete_bare,
        "let_leave": erasing.let_leave,
        "erase_all": erasing.erase_all,
        "peak": probes.peak,
        "cookie": probes.cookie,
    }
    for line in sys.stdin:
        asked = json.loads(line)
        answer = _answer(commands[asked.pop("do")], asked)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _answer(command: Command, asked: dict[str, Any]) -> dict[str, Any]:
    cpu, wall = process_time(), perf_counter()
    try:
        answer = command(**asked)
    except Exception:  # told to the parent, which stops with it
        return {"error": traceback.format_exc()}
    return {"cpu": process_time() - cpu, "wall": perf_counter() - wall} | answer


if __name__ == "__main__":
    main()
