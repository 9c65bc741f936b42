"""Text that begins as a formula would: how a CSV file carries it, and how it comes back unchanged.

Only CSV needs it: there nothing tells a text from a formula. Workbooks mark their texts as texts.
"""

from __future__ import annotations

import re
from typing import Final

# What a spreadsheet program may take for a formula, also after quotes, spaces or an apostrophe of our own.
_FORMULA: Final = re.compile("'*[ \"\u00a0]*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_ESCAPED: Final = re.compile("'+[ \"\u00a0]*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def escape(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run. One that has it already gets one more."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape(text: str) -> str:
    """Undo `escape`. Other texts that begin with an apostrophe keep it: 's-Gravenhage."""
    return text[1:] if text.startswith("'") and _ESCAPED.match(text) else text
