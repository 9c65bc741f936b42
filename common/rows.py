"""A long table's rows: the markup of one row is rendered once a page, and filled in for each record.

A template that loops resolves, localises and escapes every name in every row, labels included: with fifty rows that is
most of a page's time. Here a row is a template too, in which what differs from row to row stands in single braces:

    <tr><th scope="row"><a href="{url}">{name}</a></th><td>{% translate "Not paid" %} {owed}</td></tr>
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

_BLANK: Final = re.compile(r"\{([a-z_]+)\}")


def print_rows(template_name: str, context: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> SafeString:
    """Fill the row in for each record. Values are escaped, and not looked at again; KeyError where one is missing."""
    parts = _BLANK.split(render_to_string(template_name, dict(context)))
    fixed, blanks = parts[::2], parts[1::2]
    html: list[str] = []
    for record in records:
        for text, blank in zip(fixed, blanks, strict=False):
            value = record[blank]
            html += (text, value if isinstance(value, SafeString) else escape(str(value)))
        html.append(fixed[-1])
    # What is fixed is our own template, rendered; what is filled in was escaped above.
    return mark_safe("".join(html))  # noqa: S308
