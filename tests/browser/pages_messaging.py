"""The messages' pages for the pictures and the browser tests: see tests/browser/pages.py."""

from __future__ import annotations

from typing import Final

from tests.browser.page import Shown

PAGES: Final[tuple[Shown, ...]] = (
)  # fmt: skip
