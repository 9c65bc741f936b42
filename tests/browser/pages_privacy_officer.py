"""Pages on which an officer registers that somebody has left, and sees who has: see tests/browser/pages_privacy.py."""

from __future__ import annotations

from typing import Final

from tests.browser.page import Shown
from tests.browser.scene import KAFJORD, SECRETARY

PAGES: Final[tuple[Shown, ...]] = (
    Shown("leavers", KAFJORD, "/lag/kafjord/personvern/utmeldte/"),
    Shown("leavers_county", SECRETARY, "/lag/troms/personvern/utmeldte/"),
    Shown("leavers_registered", KAFJORD, "{left_by_email}"),
    Shown("leavers_letters", KAFJORD, "/lag/kafjord/personvern/utmeldte/?vis=brev"),
    Shown("resignation", KAFJORD, "{resignation_reached}"),
    Shown("resignation_by_letter", KAFJORD, "{resignation_unreached}"),
    Shown("death", KAFJORD, "{death}"),
    Shown("status_with_doors", KAFJORD, "{status_with_doors}"),
)
