"""Pages of Min side, and the one its recruiting link leads to: see tests/browser/pages_privacy.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.browser.page import Shown
from tests.browser.scene import NOBODY, Scene
from tests.browser.scene_privacy_my import MEMBER

if TYPE_CHECKING:
    from playwright.sync_api import Page


def _save_nothing_right(page: Page, _base: str, _scene: Scene) -> None:
    """Details that are refused."""
    page.fill("[name=email]", "ingen adresse")
    page.fill("[name=skills]", "x" * 2001)
    with page.expect_navigation():
        page.locator("main form[action*=opplysninger] button").click()


def _ask_for_nothing(page: Page, _base: str, _scene: Scene) -> None:
    """A request without words."""
    with page.expect_navigation():
        page.locator("main form[action*=henvendelse] button").click()


PAGES: Final[tuple[Shown, ...]] = (
    Shown("my_page", MEMBER, "/min-side/meg/"),
    Shown("my_details", MEMBER, "/min-side/meg/opplysninger/"),
    Shown("my_details_refused", MEMBER, "/min-side/meg/opplysninger/", 422, steps=_save_nothing_right),
    Shown("my_reservations", MEMBER, "/min-side/meg/reservasjoner/?lagret=1"),
    Shown("my_dues", MEMBER, "/min-side/meg/kontingent/"),
    Shown("my_move", MEMBER, "/min-side/meg/flytt/"),
    Shown("my_lookups", MEMBER, "/min-side/meg/innsyn/"),
    Shown("my_everything", MEMBER, "/min-side/meg/alt/", on_paper=True),
    Shown("my_recruiting", MEMBER, "/min-side/meg/verv/"),
    Shown("my_groups", MEMBER, "/min-side/meg/grupper/"),
    Shown("my_leave", MEMBER, "/min-side/meg/meld-ut/"),
    Shown("my_requests", MEMBER, "/min-side/meg/henvendelse/"),
    Shown("my_requests_refused", MEMBER, "/min-side/meg/henvendelse/", 422, steps=_ask_for_nothing),
    Shown("invited", NOBODY, "{invited}"),
    Shown("invited_nowhere", NOBODY, "/verv/abcdefghjkmn/", 404),
)
