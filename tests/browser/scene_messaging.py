"""What messages leave behind, for the pictures and the browser tests: see tests/browser/scene.py."""

from __future__ import annotations

from collections.abc import Mapping

from django.test import Client

from tests.browser.scene_inbox import add_inbox
from tests.browser.scene_sendings import add_sendings
from tests.browser.scene_unsubscribe import add_unsubscribe
from tests.browser.scene_writing import add_writing


def add_messages(urls: dict[str, str], clients: Mapping[str, Client]) -> None:
    """Write, queue, send and receive what the pages need, through the doors users go through; addresses into `urls`."""
    add_unsubscribe(urls)
    add_writing(urls, clients["medlemsansvarlig.kafjord"])
    add_sendings(urls)
    add_inbox(urls)
