"""A browser, and the demo served to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django.live_server_helper import LiveServer

from common import clock as house_clock
from demo.day import stored_day
from tests.browser.scene import Scene
from tests.browser.visits import launch
from tests.demo_world import demo_world

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def db(django_db_setup: None) -> None:
    """In place of pytest-django's, which rolls back what a server's threads are to see.

    By this name it sees that the tests here want a database.
    """


@pytest.fixture(scope="module")
def scene(program: str, db: None, django_db_blocker: Any) -> Iterator[Scene]:
    """The demo in the database: one for each module, since flows change it."""
    with demo_world(django_db_blocker) as made:
        yield made


@pytest.fixture(scope="module")
def site(scene: Scene) -> Iterator[str]:
    """The address of a server in this process, so that its errors and undefined names are the test's."""
    server = LiveServer("127.0.0.1")
    yield str(server)
    server.stop()


@pytest.fixture(scope="session")
def program() -> str:
    """The browser's program, which `make test` finds."""
    path = os.environ.get("MEDLEMSBOKA_BROWSER", "")
    if not path:
        pytest.skip("needs a browser: MEDLEMSBOKA_BROWSER is not set (make test finds Chromium)")
    return path


@pytest.fixture(scope="module")
def browser(program: str, site: str) -> Iterator[Browser]:
    """Started when the demo is made and stopped before it goes: in Playwright's loop the ORM will not be asked."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = launch(playwright, program)
        yield opened
        opened.close()


@pytest.fixture(autouse=True)
def _the_demos_day(clock: None) -> None:
    """Each test's clock forgets the demo's day; the server is to know it. The clock puts back what was there."""
    house_clock.register_demo_day(stored_day)
