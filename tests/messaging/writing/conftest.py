"""An officer who writes, and three members, of whom one has no email."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from membership.models import Branch, Member
from tests.factories import make_member, make_officer


@pytest.fixture
def officer(kafjord: Branch) -> User:
    return make_officer(kafjord, name="Kari Nordvik", email="kari@demo.example", phone="+4799900001")


@pytest.fixture
def members(kafjord: Branch) -> list[Member]:
    return [
        make_member(kafjord, "Ane", "Berg"),
        make_member(kafjord, "Nils-Áslak", "Valkeapää"),
        make_member(kafjord, "Per", "Uten", email=""),
    ]


@pytest.fixture
def client(client_for: Callable[[User], Client], officer: User) -> Client:
    return client_for(officer)
