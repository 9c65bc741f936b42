"""Log lines that input cannot forge."""

import logging
import re

from django.conf import settings

_BREAKS = {ord("\r"): "\\r", ord("\n"): "\\n", 0x1B: "\\x1b", 0x85: "\\x85", 0x2028: "\\u2028", 0x2029: "\\u2029"}

# Where a link to somebody stands in a path: whoever reads the log must not be able to open it.
_LINK = re.compile(r"(/(?:utmelding|ikke-meg|min-side/l|fortsatt-medlem|avmelding|konto/invitasjon)/)[^/\s?\"']+")


class OneLineFormatter(logging.Formatter):
    """The message on one line; a traceback of our own follows on its own lines."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Line breaks and escapes made visible."""
        return super().formatMessage(record).translate(_BREAKS)

    def format(self, record: logging.LogRecord) -> str:
        """Paths stand in the log, and in some a link's token or the secret that gateways report under: left out."""
        line = _LINK.sub(r"\1…", super().format(record))
        secret: str = getattr(settings, "WEBHOOK_SECRET", "")
        return line.replace(secret, "…") if secret else line
