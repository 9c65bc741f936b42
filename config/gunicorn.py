"""How gunicorn serves the pages: `gunicorn --config config/gunicorn.py config.wsgi`."""

import gc
import os
from typing import Any

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
# Threads, so that a slow client or a long download does not hold a whole process.
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "3"))
# The app is loaded once and shared by the processes: they start faster and take less memory.
preload_app = True


def when_ready(server: Any) -> None:
    """Put all that is loaded out of the collector's reach: it would write on every page the processes share."""
    gc.collect()
    gc.freeze()


timeout = 60
graceful_timeout = 20
keepalive = 5
# No log of requests: an address says who looked at whom. What must be known is in the audit log.
accesslog = None
errorlog = "-"
loglevel = "warning"
