"""The house's own policy with one rule changed, in a file of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ORIGINAL = Path(__file__).resolve().parents[2] / "docs" / "retention.yaml"


def obey(settings: Any, tmp_path: Path, key: str, keep: str) -> None:
    """From now on this test's house keeps what the rule is about for another time."""
    pattern = re.compile(rf"(  - key: {key}\n(?:    .*\n)*?    keep: ).*")
    text, count = pattern.subn(lambda found: found.group(1) + keep, ORIGINAL.read_text(encoding="utf-8"))
    assert count == 1, key
    path = tmp_path / f"{key}.yaml"
    path.write_text(text, encoding="utf-8")
    settings.RETENTION_POLICY = str(path)
