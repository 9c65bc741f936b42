"""What tests refuse that the running app lets pass: undefined names in our templates, and the network."""

import inspect
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from django.template.base import FilterExpression, Node

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


class UndefinedVariable(AssertionError):
    """One of our templates names something that its view does not give it."""


class StrictUndefined(str):
    """Stands as the engine's `string_if_invalid`, and raises where one of our own templates is at fault.

    Django asks `"%s" in it` and then does `it % name`. A name with a `default` filter may be undefined, and so may any
    name in an `if` (Django does not come here for those). Templates of libraries get what they get in production.
    """

    __slots__ = ()

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, name: object) -> str:
        expression, context, node = _who_asked()
        if expression is not None and _has_default(expression):
            return str(expression.resolve(context, ignore_failures=True))
        origin = getattr(getattr(node, "origin", None), "name", "")
        if origin and Path(origin).is_relative_to(TEMPLATES):
            line = getattr(getattr(node, "token", None), "lineno", "?")
            raise UndefinedVariable(f"{Path(origin).relative_to(TEMPLATES)}, line {line}: {name} is not defined")
        return _as_in_production(expression, context)


def _has_default(expression: FilterExpression) -> bool:
    names = {getattr(function, "_filter_name", "") for function, _arguments in expression.filters}
    return bool(names & {"default", "default_if_none"})


def _as_in_production(expression: FilterExpression | None, context: Any) -> str:
    """What an empty `string_if_invalid` would have given: the filters are applied to an empty text."""
    if expression is None:
        return ""
    engine = context.template.engine
    strict, engine.string_if_invalid = engine.string_if_invalid, ""
    try:
        return str(expression.resolve(context))
    finally:
        engine.string_if_invalid = strict


def _who_asked() -> tuple[FilterExpression | None, Any, Node | None]:
    """The expression that was resolved, its context, and the tag it stands in."""
    expression, context = None, None
    for frame in _frames():
        asker = frame.get("self")
        if isinstance(asker, FilterExpression) and expression is None:
            expression, context = asker, frame.get("context")
        if isinstance(asker, Node):
            return expression, context if context is not None else frame.get("context"), asker
    return expression, context, None


def _frames() -> Iterator[dict[str, Any]]:
    frame = inspect.currentframe()
    while frame is not None:
        yield frame.f_locals
        frame = frame.f_back


# --- The network ----------------------------------------------------------------------------------------------------


class NetworkRefused(AssertionError):
    """A test tried to reach another machine."""


def is_here(host: object) -> bool:
    """Whether a host is this machine itself."""
    text = host.decode() if isinstance(host, bytes) else host
    if text in {None, "", "localhost"}:
        return True
    try:
        return ip_address(str(text)).is_loopback
    except ValueError:
        return False


def refuse_network() -> None:
    """From now on, this process reaches nothing but loopback and sockets that are files."""
    connect, lookup = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not is_here(address[0]):
            raise NetworkRefused(f"tests reach nothing but this machine, and this one wanted {address[0]}")
        connect(self, address)

    def guarded_lookup(host: Any, *arguments: Any, **options: Any) -> Any:
        if not is_here(host):
            raise NetworkRefused(f"tests reach nothing but this machine, and this one looked up {host!r}")
        return lookup(host, *arguments, **options)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = guarded_lookup
