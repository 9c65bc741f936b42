"""A browser that asks nobody but us, and a window for each account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

    from tests.browser.scene import Scene

# Chromium's own errands (updates, safe browsing, field trials) are none of ours.
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
    "--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)


def launch(playwright: Playwright, program: str) -> Browser:
    """Debian's Chromium, without a window."""
    return playwright.chromium.launch(executable_path=program, headless=True, args=list(_FLAGS))


def signed_in_context(
    browser: Browser, base: str, scene: Scene, account: str, *, width: int = 1280, height: int = 900, **more: Any
) -> BrowserContext:
    """A browser profile of its own, signed in as one of the scene's accounts, or as nobody."""
    options: dict[str, Any] = {"locale": "nb-NO", "timezone_id": "Europe/Oslo", "color_scheme": "light", **more}
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(15_000)
    if account:
        context.add_cookies([{"name": "sessionid", "value": scene.cookies[account], "url": base}])
    return context
