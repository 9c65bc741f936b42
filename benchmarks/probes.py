"""What a worker can measure. Each returns figures; the worker adds CPU and wall seconds of the whole call."""

from __future__ import annotations

import gzip
import io
import resource
from functools import lru_cache
from time import perf_counter, process_time
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string
from django.test.utils import CaptureQueriesContext

from benchmarks.exporting import export_rows
from benchmarks.importing import bulk_create_rows, bulk_update_rows, import_changed, import_rows
from benchmarks.writing import write_bare

__all__ = [
    "bulk_create_rows",
    "bulk_update_rows",
    "cookie",
    "export_rows",
    "import_changed",
    "import_rows",
    "page",
    "peak",
    "queries",
    "term",
    "weight",
]
__all__ += ["write_bare"]

_TOKEN = _get_new_csrf_string()


@lru_cache
def _application() -> WSGIHandler:
    if settings.ROOT_URLCONF == "benchmarks.floor":
        settings.MIDDLEWARE = []
    return WSGIHandler()


@lru_cache
def _cookie(email: str) -> str:
    """A signed-in session, as the browser would send it."""
    if not email:
        return ""
    from importlib import import_module

    from accounts.models import User

    user = User.objects.get(email=email)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={_TOKEN}"


def cookie(email: str) -> dict[str, Any]:
    """A signed-in session's cookie, for asking a server."""
    return {"cookie": _cookie(email)}


def _environ(url: str, user: str, data: str) -> dict[str, Any]:
    path, _, query = url.partition("?")
    body = f"{data}&csrfmiddlewaretoken={_TOKEN}".encode() if data else b""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST" if data else "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_COOKIE": _cookie(user),
        "HTTP_ACCEPT_ENCODING": "",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    setup_testing_defaults(environ)
    return environ


def _fetch(url: str, user: str, data: str = "") -> tuple[str, bytes]:
    """One answer; a form that is sent leads to the page it redirects to, and both count."""
    status: list[str] = []
    response = _application()(_environ(url, user, data), lambda line, headers: status.append(line))  # type: ignore[arg-type]
    content = b"".join(response)
    response.close()
    if data and status[0].startswith("302"):
        return _fetch(response.headers["Location"], user)
    return status[0], content


def page(url: str, user: str = "", data: str = "", n: int = 5) -> dict[str, Any]:
    """The whole response, n times; mean CPU and wall seconds of one. Raises where it is not 200."""
    _fetch(url, user, data)
    cpu, wall = process_time(), perf_counter()
    for _ in range(n):
        status, content = _fetch(url, user, data)
        if not status.startswith("200"):
            raise ValueError(f"{url}: {status}")
    return {"cpu": (process_time() - cpu) / n, "wall": (perf_counter() - wall) / n, "bytes": len(content)}


def queries(url: str, user: str, data: str = "") -> dict[str, Any]:
    """How many statements one page sends, not counting BEGIN, SAVEPOINT and their ends."""
    _fetch(url, user, data)
    with CaptureQueriesContext(connection) as captured:
        status, _content = _fetch(url, user, data)
    if not status.startswith("200"):
        raise ValueError(f"{url}: {status}")
    control = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")
    return {"queries": sum(not query["sql"].upper().startswith(control) for query in captured)}


def weight(url: str, user: str = "") -> dict[str, Any]:
    """One page's bytes, compressed as the server does it."""
    status, content = _fetch(url, user)
    return {"status": status, "bytes": len(content), "compressed": len(gzip.compress(content, 6))}


def term(near: int = 50) -> dict[str, Any]:
    """Part of a name that finds about `near` members of the county: the same work at every size."""
    from django.db.models import Count

    from membership.models import Branch
    from membership.search import find

    county = Branch.objects.counties().get()
    people = county.members.count()
    best, least, most = "", 10**9, 0
    for columns in (["last_name"], ["first_name"], ["first_name", "last_name"]):
        groups = county.members.current().values(*columns).annotate(n=Count("id")).filter(n__lte=near + 10)
        for group in groups.order_by("-n", *columns)[:8]:
            # From within the word: a prefix would be easier than what is asked for.
            text = " ".join(group[column][1:] for column in columns)
            hits = find(county, text, people=people).current().count()
            if abs(hits - near) < least:
                best, least, most = text, abs(hits - near), hits
    return {"term": best, "hits": most}


def peak() -> dict[str, Any]:
    """The most memory this process has had, in MiB."""
    return {"mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
