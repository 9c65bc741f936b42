"""The demo's day of one test is not the next one's."""

from collections.abc import Iterator

import pytest

from demo.day import forget


@pytest.fixture(autouse=True)
def _forget_the_day() -> Iterator[None]:
    forget()
    yield
    forget()
