"""What a line of the access table holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.access_world import Belongings, Place

Arguments = Callable[[Place, Belongings], list[Any]]


@dataclass(frozen=True)
class Page:
    """One address: what follows the slug, and the answers of those who may, by method (405 where it is no door)."""

    get: int = 405
    post: int = 405
    args: Arguments = lambda _place, _own: []
    data: Mapping[str, Any] = field(default_factory=dict)
    # Nobody finds it in a branch under the county.
    county_only: bool = False
