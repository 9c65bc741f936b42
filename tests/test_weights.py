"""What a phone has to fetch: sizes as they go over the wire."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.once

KB = 1000


def on_the_wire(path: Path) -> int:
    """Bytes of a file; fonts are compressed as they are."""
    content = path.read_bytes()
    return len(content) if path.suffix == ".woff2" else len(gzip.compress(content, 9))


def static_files(html: str) -> list[Path]:
    """Every file of ours that a page asks for."""
    names = sorted(set(re.findall(r'(?:href|src)="/static/([^"]+)"', html)))
    found = {name: finders.find(name) for name in names}
    assert all(found.values()), found
    return [Path(str(path)) for path in found.values()]


@pytest.fixture
def sign_in_page(client: Client) -> str:
    return client.get(reverse("account_login")).content.decode()


@pytest.mark.django_db
def test_the_first_visit_to_sign_in_is_light(sign_in_page: str) -> None:
    sizes = {path.name: on_the_wire(path) for path in static_files(sign_in_page)}
    sizes["the page"] = len(gzip.compress(sign_in_page.encode(), 9))
    assert sum(sizes.values()) <= 140 * KB, sizes


@pytest.mark.django_db
def test_the_style_sheets_are_light(sign_in_page: str) -> None:
    sizes = {path.name: on_the_wire(path) for path in static_files(sign_in_page) if path.suffix == ".css"}
    assert len(sizes) == 3
    assert sum(sizes.values()) <= 40 * KB, sizes
