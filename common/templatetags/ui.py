"""Icons, figures and dates in templates."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from common.dates import format_date as _format_date
from common.dates import format_long
from common.money import format_kr
from common.numbers import format_int
from common.phone import format_phone, tel_uri

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """An Aksel icon, inlined; hidden from screen readers, because a word always stands beside it."""
    svg = (Path(settings.BASE_DIR) / "static" / "vendor" / "icons" / f"{name}.svg").read_text()
    _head, _, rest = svg.partition("<svg")
    attributes, _, body = rest.partition(">")
    view_box = attributes.partition('viewBox="')[2].partition('"')[0] or "0 0 24 24"
    # Our own files from a pinned package, never input.
    return mark_safe(  # noqa: S308
        f'<svg class="ico" viewBox="{view_box}" fill="none" aria-hidden="true" focusable="false">{body}'
    )


@register.filter
def kr(ore: int) -> str:
    """Øre as kroner."""
    return format_kr(ore)


@register.filter
def number(value: int | None) -> str:
    """A whole number with no-break spaces; an en dash for what nobody knows."""
    return "–" if value is None else format_int(value)


@register.filter
def short_date(day: date | datetime | None) -> str:
    """dd.mm.yyyy, in Norwegian time; empty for none."""
    return _format_date(_day(day)) if day else ""


@register.filter
def long_date(day: date | datetime | None) -> str:
    """“20. november 2026”; empty for none."""
    return format_long(_day(day)) if day else ""


@register.filter
def phone(e164: str) -> str:
    """A number in the groups people read."""
    return format_phone(e164)


@register.filter
def tel(e164: str) -> str:
    """The address behind a number to tap."""
    return tel_uri(e164)


def _day(value: date | datetime) -> date:
    return localtime(value).date() if isinstance(value, datetime) else value
