"""The parts of a member's form: what stands first in each, and what is folded away under “more”."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django import forms

from membership.extensions import Text

# Most who say no say it to email or SMS: those two stand first.
_UNDER_MORE: Final = frozenset(
    {
        *("no_phone", "no_post", "no_newsletter", "no_meetings", "no_surveys", "no_recruitment"),
        "fundraising_consent_on",
    }
)


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together."""

    key: str
    title: Text
    fields: list[forms.BoundField]
    explain: Text = ""

    @property
    def first(self) -> list[forms.BoundField]:
        """What is always seen."""
        return [field for field in self.fields if field.name not in _UNDER_MORE]

    @property
    def more(self) -> list[forms.BoundField]:
        """What is folded away."""
        return [field for field in self.fields if field.name in _UNDER_MORE]

    @property
    def opens_more(self) -> bool:
        """Whether something there is filled in, or wrong: it is not to be overlooked."""
        return any(field.value() or field.errors for field in self.more)
