"""What leaving, keeping and rights leave behind: each part has its own module."""

from __future__ import annotations

from tests.browser.scene_privacy_links import add_links
from tests.browser.scene_privacy_officer import add_leavers
from tests.browser.scene_privacy_rights import add_rights
from tests.browser.scene_privacy_unpaid import add_unpaid


def add_privacy(urls: dict[str, str]) -> None:
    """All of it; add a line for yours."""
    add_unpaid(urls)
    add_rights(urls)
    add_links(urls)
    add_leavers(urls)
