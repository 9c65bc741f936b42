"""A county, a branch of it and its secretary."""

from __future__ import annotations

import pytest

from accounts.models import User
from membership.models import Branch
from membership.roles import Role
from tests.factories import make_branch, make_county, make_officer


@pytest.fixture
def county(db: None) -> Branch:
    """Troms."""
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    """A branch in Troms."""
    return make_branch(county)


@pytest.fixture
def secretary(county: Branch) -> User:
    """The secretary of Troms."""
    return make_officer(county, Role.COUNTY_SECRETARY)
