"""Why a file is not read, and how much of it we are willing to read. Knows no Django: the child process uses it too."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Why a file is not read."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    WEB_PAGE = "web_page"
    PDF = "pdf"
    DOCUMENT = "document"
    ARCHIVE = "archive"
    OTHER_KIND = "other_kind"
    HOSTILE = "hostile"
    TOO_MANY_CELLS = "too_many_cells"
    TOO_SPREAD = "too_spread"
    TOO_MANY_MERGES = "too_many_merges"
    TOO_SLOW = "too_slow"
    CRASHED = "crashed"
    NO_START = "no_start"


class Refused(Exception):
    """Raised where a file turns out not to be readable; only `reading` turns it into a sentence."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read. The defaults hold a national party's 50,000 members with 30 columns."""

    file_bytes: int = 25 * 1024 * 1024
    zip_entries: int = 2_000
    inflated_bytes: int = 400 * 1024 * 1024
    # Deflate reaches 1000:1 on nothing but zeros; real sheets stay under 100:1. Small parts are not measured.
    inflation_ratio: int = 250
    merged_ranges: int = 10_000
    # Cells in the box around everything that holds a value: the parser lays out all of it.
    box_cells: int = 20_000_000
    cells: int = 1_500_000
    result_bytes: int = 256 * 1024 * 1024
    memory_bytes: int = 1536 * 1024 * 1024
    cpu_seconds: int = 30
    wall_seconds: float = 60.0


LIMITS = Limits()
