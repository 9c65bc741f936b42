"""Lines of the log."""

from __future__ import annotations

import logging

import pytest
from django.urls import reverse

from common.log import OneLineFormatter

TOKEN = "w8Zk_3-" + "x" * 36


def line_of(message: str, *args: object) -> str:
    return OneLineFormatter().format(logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, None))


@pytest.mark.parametrize(
    "name",
    [
        "privacy:resign",
        "privacy:not_me",
        "privacy:my_page_link",
        "privacy:stay",
        "messaging:unsubscribe",
        "account_invitation",
    ],
)
def test_a_link_that_still_opens_stands_in_no_line(name: str) -> None:
    path = reverse(name, args=[TOKEN])
    for line in (line_of("Unprocessable Entity: %s", path), line_of('"POST %s HTTP/1.1" 422 12', path + "?x=1")):
        assert TOKEN not in line
        assert path.replace(TOKEN, "…") in line


def test_another_path_stands_as_it_is() -> None:
    assert line_of("Not Found: %s", "/min-side/data/").endswith("Not Found: /min-side/data/")
