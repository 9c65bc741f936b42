"""What a column of a register file can hold, and which column was taken for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as context


class Field(models.TextChoices):
    """The fields of a member that a file can tell. `Field.choices` fills the select of the preview."""

    MEMBER_NUMBER = "member_number", gettext_lazy("Member number")
    FULL_NAME = "full_name", gettext_lazy("Full name")
    FIRST_NAME = "first_name", gettext_lazy("First name")
    MIDDLE_NAME = "middle_name", gettext_lazy("Middle name")
    LAST_NAME = "last_name", gettext_lazy("Last name")
    BIRTH_DATE = "birth_date", gettext_lazy("Date or year of birth")
    GENDER = "gender", gettext_lazy("Gender")
    MOBILE = "mobile", gettext_lazy("Mobile")
    PHONE2 = "phone2", gettext_lazy("Other phone")
    EMAIL = "email", gettext_lazy("Email")
    ADDRESS = "address", gettext_lazy("Street address")
    ADDRESS2 = "address2", gettext_lazy("Address, second line (c/o)")
    POSTAL_CODE = "postal_code", gettext_lazy("Postal code")
    CITY = "city", gettext_lazy("Town")
    MUNICIPALITY = "municipality", gettext_lazy("Municipality")
    BRANCH = "branch", gettext_lazy("Branch")
    STATUS = "status", gettext_lazy("Membership status")
    JOINED = "joined", gettext_lazy("Date joined")
    LEFT = "left", gettext_lazy("Date left")
    FEE_TYPE = "fee_type", gettext_lazy("Kind of dues")
    PAID = "paid", gettext_lazy("Dues paid")
    KID = "kid", gettext_lazy("KID number")
    OFFICE = "office", gettext_lazy("Office held")
    RECRUITED_BY = "recruited_by", gettext_lazy("Recruited by")
    LANGUAGE = "language", gettext_lazy("Language")
    NO_PHONE = "no_phone", context("import column", "No phone calls")
    NO_SMS = "no_sms", context("import column", "No SMS")
    NO_EMAIL = "no_email", context("import column", "No email")
    NO_POST = "no_post", context("import column", "No letters")
    NOTE = "note", gettext_lazy("Note")


NAME_FIELDS = frozenset({Field.FULL_NAME, Field.FIRST_NAME, Field.LAST_NAME})


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which column (0 is A) is taken for which field; a column not named is not read.

    `header_row` is the row number Excel shows; rows up to and including it are not members.
    `years` names the dues year a heading carries (“Betalt 2026”), by column.
    """

    header_row: int
    fields: dict[int, Field]
    headers: dict[int, str] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, for storing with the import."""
        return {
            "header_row": self.header_row,
            "fields": {str(index): str(name) for index, name in self.fields.items()},
            "headers": {str(index): header for index, header in self.headers.items()},
            "years": {str(index): year for index, year in self.years.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ColumnMapping:
        """Back from `to_json`. Raises ValueError, KeyError or TypeError for anything else."""
        return cls(
            header_row=int(stored["header_row"]),
            fields={int(index): Field(name) for index, name in stored["fields"].items()},
            headers={int(index): str(header) for index, header in stored["headers"].items()},
            years={int(index): int(year) for index, year in stored["years"].items()},
        )

    def with_fields(self, fields: Mapping[int, Field]) -> ColumnMapping:
        """The same file read with the officer's choice of fields."""
        return ColumnMapping(self.header_row, dict(fields), self.headers, self.years)

    def complaints(self) -> list[str]:
        """What keeps the file from being read with this mapping, one sentence each; empty when it can be."""
        found: list[str] = []
        chosen = list(self.fields.values())
        if Field.MEMBER_NUMBER not in chosen:
            found.append(_("Choose which column holds the member number: it decides who is who."))
        if not NAME_FIELDS.intersection(chosen):
            found.append(_("Choose which column holds the name."))
        twice = [name for name in dict.fromkeys(chosen) if chosen.count(name) > 1]
        found.extend(
            _("Two columns are chosen as “%(field)s”. Keep one of them.") % {"field": name.label} for name in twice
        )
        return found
