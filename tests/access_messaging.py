"""The messages' lines of the access table: see tests/access_pages.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from membership.roles import Role
from tests.access_table import Page

PAGES: Final[Mapping[str, Page]] = {
    "messaging:message_list": Page(200),
}  # fmt: skip

# The dangerous ones once more, in plain words: page → the roles that open it.
MAY: Final[Mapping[str, set[Role]]] = {
}  # fmt: skip
