"""The county, the branch and the officer that most tests of messages begin with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from membership.models import Branch
from tests.factories import make_branch, make_county, make_officer
from tests.messaging.gateways import Gateway, Sveve, Twilio, open_gateway


@pytest.fixture
def county(db: None) -> Branch:
    return make_county()


@pytest.fixture
def kafjord(county: Branch) -> Branch:
    """A branch under it."""
    return make_branch(county)


@pytest.fixture
def branch(kafjord: Branch) -> Branch:
    """The same, where the place says nothing."""
    return kafjord


@pytest.fixture
def officer(kafjord: Branch) -> User:
    """Its membership officer."""
    return make_officer(kafjord)


@pytest.fixture
def user(kafjord: Branch) -> User:
    """The same, where the test signs somebody else in."""
    return make_officer(kafjord)


@pytest.fixture
def sveve(settings: Any) -> Iterator[Gateway]:
    with open_gateway(Sveve()) as gateway:
        settings.SMS_URL = gateway.url
        yield gateway


@pytest.fixture
def twilio(settings: Any) -> Iterator[Gateway]:
    with open_gateway(Twilio()) as gateway:
        settings.SMS_URL = gateway.url
        yield gateway
