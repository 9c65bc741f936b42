"""Takes a picture of every page: `make shots`.

Phone and desktop, light and dark, on a demo of its own that goes away afterwards. The pages stand in
tests/browser/pages.py. `make shots ARGS="FOLDER --only WORD …"`; the folder is var/shots when none is named.
`make shots ARGS=--readme` takes README's picture anew, docs/screenshot.png, and no other.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.processes import Child, ProcessFailed, answers, stop_all, wait_until
from scripts.services import BROWSERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.page import Shown
    from tests.browser.scene import Scene

ROOT = Path(__file__).resolve().parent.parent
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES = ("light", "dark")
TALLEST = 8000
"""Pixels; a longer page is cut, for no eye looks further."""

README_PICTURE = ROOT / "docs" / "screenshot.png"
README_PAGE = "overview_county"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """The address of the app on a freshly made demo. This process has the same settings and database."""
    port = free_port()
    os.environ.update(DATA_DIR=str(folder), PORT=str(port), MODE="demo", DJANGO_SETTINGS_MODULE="config.settings")
    for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "REQUIRE_SECOND_FACTOR"):
        os.environ.pop(name, None)
    subprocess.run([sys.executable, "-m", "scripts.prepare"], cwd=ROOT, check=True)
    import django

    django.setup()
    command = [sys.executable, "-m", "gunicorn", "--config=config/gunicorn.py", "config.wsgi"]
    web = Child("web", command, {"WEB_WORKERS": "1"}, folder / "log" / "web.log", at_our_death=signal.SIGQUIT)
    try:
        ask = f"GET /static/icon.svg HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        wait_until(web, lambda: answers(("127.0.0.1", port), socket.AF_INET, ask, b"HTTP/"), seconds=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_all([web], seconds=6)


def take(browser: "Browser", base: str, scene: "Scene", shown: "Shown", folder: Path) -> None:
    """All pictures of one page."""
    from tests.browser.pages import open_page
    from tests.browser.visits import signed_in_context

    context = signed_in_context(browser, base, scene, shown.who)
    page = context.new_page()
    status = open_page(page, shown, base, scene)
    if status != shown.status:
        print(f"{shown.name}: {status} instead of {shown.status}", flush=True)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        if shown.stays:
            page.reload()
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
            page.screenshot(path=folder / f"{shown.name}-{size}-{scheme}.png", **_clip(page, width))
    if shown.on_paper:
        print_out(page, folder / f"{shown.name}-paper")
    context.close()


def _clip(page: "Page", width: int) -> dict[str, Any]:
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    if height <= TALLEST:
        return {"full_page": True}
    return {"full_page": True, "clip": {"x": 0, "y": 0, "width": width, "height": TALLEST}}


def print_out(page: "Page", path: Path) -> None:
    """As the printer would have it: a PDF, and a picture of each page where poppler is installed."""
    page.emulate_media(media="print")
    page.pdf(path=path.with_suffix(".pdf"), format="A4", prefer_css_page_size=True)
    if shutil.which("pdftoppm"):
        subprocess.run(["pdftoppm", "-r", "60", "-png", path.with_suffix(".pdf"), path], check=True)


def take_readme_picture(program: str, base: str) -> None:
    """The top of the county's overview, of the demo as everyone finds it."""
    from playwright.sync_api import sync_playwright

    from tests.browser.pages import PAGES, open_page
    from tests.browser.scene import plain_scene
    from tests.browser.visits import launch, signed_in_context

    shown = next(page for page in PAGES if page.name == README_PAGE)
    scene = plain_scene(shown.who)
    with sync_playwright() as playwright:
        browser = launch(playwright, program)
        page = signed_in_context(browser, base, scene, shown.who).new_page()
        open_page(page, shown, base, scene)
        page.screenshot(path=README_PICTURE)
        browser.close()
    print(f"{README_PICTURE.relative_to(ROOT)}: {README_PICTURE.stat().st_size // 1000} kB", flush=True)


def find_browser() -> str:
    program = os.environ.get("MEDLEMSBOKA_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), "")
    if not program:
        raise ProcessFailed("There is no Chromium here. Install it (on Debian: apt install chromium).")
    return program


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Take a picture of every page.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "var" / "shots")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="only pages with one of these words in their name")
    parser.add_argument("--readme", action="store_true", help="only README's picture, into docs/")
    options = parser.parse_args(arguments)
    target: Path = options.folder.resolve()
    target.mkdir(parents=True, exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="medlemsboka-shots-"))
    try:
        program = find_browser()
        with site(data) as base:
            if options.readme:
                take_readme_picture(program, base)
                return 0
            shoot(program, base, target, options.only or [""])
    except ProcessFailed as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(data, ignore_errors=True)
    print(f"The pictures are in {target}", flush=True)
    return 0


def shoot(program: str, base: str, target: Path, words: list[str]) -> None:
    """Take the pages that have one of the words in their name."""
    from playwright.sync_api import sync_playwright

    from tests.browser.pages import PAGES
    from tests.browser.scene import make_scene
    from tests.browser.visits import launch

    # Before the browser is there: in Playwright's loop the ORM will not be asked.
    scene = make_scene()
    with sync_playwright() as playwright:
        browser = launch(playwright, program)
        for shown in PAGES:
            if any(word in shown.name for word in words):
                print(shown.name, flush=True)
                take(browser, base, scene, shown, target)
        browser.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
