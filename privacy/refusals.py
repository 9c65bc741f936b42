"""What an action refuses, in a sentence that says what to do."""

from __future__ import annotations

from typing import ClassVar

from membership.extensions import Text


class Refused(Exception):
    """Nothing was done. `sentence` says why, and what to do; `field` is where in the form, if anywhere."""

    sentence: ClassVar[Text] = ""
    field: ClassVar[str | None] = None
