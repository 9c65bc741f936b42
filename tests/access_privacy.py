"""The lines of the access table for leaving, erasing and members' rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.access_table import Page

PAGES: Final[Mapping[str, Page]] = {
    "privacy:home": Page(200),
}
