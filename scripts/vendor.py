"""Copies what the pages use of the packages from npm to static/vendor/. Nothing is built, nothing is committed."""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
ICON_LIST = ROOT / "scripts" / "icons.txt"

CSS = MODULES / "@digdir" / "designsystemet-css"
FONT = MODULES / "@fontsource-variable" / "schibsted-grotesk"
ICONS = MODULES / "@navikt" / "aksel-icons"

FONT_FILES = ("schibsted-grotesk-latin-wght-normal.woff2", "schibsted-grotesk-latin-ext-wght-normal.woff2")

LEFT_OUT = ("ds-avatar-stack", "ds-search", "ds-textfield")
"""Parts of the design system that no page uses (each with older names beside it): a fifth of the style sheet."""


class VendorError(Exception):
    """A package from npm does not look as expected."""


def trimmed(css: str) -> str:
    """The design system's style sheet without the parts in LEFT_OUT.

    The file is a row of `@layer` blocks, one for each part. A part is told by the first class its block names.
    """
    blocks = re.split(r"(?=@layer ds\.)", css)
    missing = set(LEFT_OUT) - {first_class(block) for block in blocks}
    if missing:
        raise VendorError(f"The design system's style sheet has no part named {', '.join(sorted(missing))}.")
    return "".join(block for block in blocks if first_class(block) not in LEFT_OUT)


def first_class(block: str) -> str:
    found = re.search(r"\.(ds-[a-z]+(?:-[a-z]+)*)", block)
    return found.group(1) if found else ""


def icon_names() -> list[str]:
    """The icons in scripts/icons.txt, one a line."""
    return ICON_LIST.read_text(encoding="utf-8").split()


def copy_icons(target: Path) -> None:
    target.mkdir()
    for name in icon_names():
        source = ICONS / "dist" / "svg" / f"{name}.svg"
        if not source.exists():
            raise VendorError(f"There is no icon named {name}; scripts/icons.txt asks for it.")
        shutil.copyfile(source, target / source.name)


def copy_fonts(target: Path) -> None:
    target.mkdir()
    for name in FONT_FILES:
        shutil.copyfile(FONT / "files" / name, target / name)
    shutil.copyfile(FONT / "LICENSE", target / "LICENSE")


def copy_all() -> None:
    """Makes static/vendor/ anew. Raises VendorError or OSError when a package is not as expected."""
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    css = (CSS / "dist" / "src" / "index.css").read_text(encoding="utf-8")
    (fresh / "designsystemet.css").write_text(trimmed(css), encoding="utf-8")
    shutil.copyfile(CSS / "LICENSE", fresh / "designsystemet.LICENSE")
    copy_fonts(fresh / "fonts")
    copy_icons(fresh / "icons")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
