"""One page as the pictures and the browser tests know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tests.browser.scene import Scene

if TYPE_CHECKING:
    from playwright.sync_api import Page

Steps = Callable[["Page", str, Scene], None]


@dataclass(frozen=True, slots=True)
class Shown:
    """One page: who sees most of it, and how one comes there."""

    name: str
    who: str
    # An address, or between braces the name of one in the scene.
    url: str = ""
    status: int = 200
    # For pages that an address alone does not give; `url` is where they begin.
    steps: Steps | None = None
    # Looked at as it comes out of the printer too.
    on_paper: bool = False
    # An error page that must do without our style sheet, because it may be what failed.
    bare: bool = False

    @property
    def stays(self) -> bool:
        """Whether the address alone gives the page, so that it can be opened again."""
        return self.steps is None

    def address(self, base: str, scene: Scene) -> str:
        """The whole address."""
        return urljoin(base, self.url.format(**scene.urls, year=scene.today.year))
