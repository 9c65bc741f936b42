"""Ways to the messages' pages that no address gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.scene import Scene

if TYPE_CHECKING:
    from playwright.sync_api import Page


def press_send(page: Page, _base: str, _scene: Scene) -> None:
    """Send a draft that lacks something."""
    with page.expect_navigation():
        page.locator("button[value=send]").click()
