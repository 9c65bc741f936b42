"""An officer with two members to write to."""

from __future__ import annotations

import pytest

from accounts.models import User
from membership.models import Branch
from tests.factories import make_member, make_officer


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik")


@pytest.fixture
def members(kafjord: Branch) -> list[str]:
    """Their first names."""
    return [make_member(kafjord, name).first_name for name in ("Ane", "Bo")]
