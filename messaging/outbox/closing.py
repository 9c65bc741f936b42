"""A worker that is asked to stop ends between two messages, so that a restart leaves none in doubt.

Celery tells its first process only, and that one waits for the others, which do not know. They share one byte with it.
"""

from __future__ import annotations

import mmap
from typing import Any, Final

from celery.signals import worker_init, worker_shutting_down

# Laid out when the tasks are loaded, before the worker makes its processes: memory without a file, common to them all.
_closing: Final = mmap.mmap(-1, 1)


def is_closing() -> bool:
    """Whether this worker is to begin nothing more."""
    return _closing[0] == 1


def close(**_told: Any) -> None:
    """From now on."""
    _closing[0] = 1


def begin(**_told: Any) -> None:
    """A worker begins."""
    _closing[0] = 0


worker_init.connect(begin, weak=False)
worker_shutting_down.connect(close, weak=False)
