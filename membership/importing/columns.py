"""What a column of a register file can hold, and which column was taken for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy


class Field(models.TextChoices):
    """The fields of a member that a file can tell. `Field.choices` fills the select of the preview."""

    MEMBER_NUMBER = "member_number", pgettext_lazy("import column", "Member number")
    FULL_NAME = "full_name", pgettext_lazy("import column", "Full name")
    FIRST_NAME = "first_name", pgettext_lazy("import column", "First name")
    MIDDLE_NAME = "middle_name", pgettext_lazy("import column", "Middle name")
    LAST_NAME = "last_name", pgettext_lazy("import column", "Last name")
    BIRTH_DATE = "birth_date", pgettext_lazy("import column", "Date or year of birth")
    GENDER = "gender", pgettext_lazy("import column", "Gender")
    MOBILE = "mobile", pgettext_lazy("import column", "Mobile")
    PHONE2 = "phone2", pgettext_lazy("import column", "Other phone")
    EMAIL = "email", pgettext_lazy("import column", "Email")
    ADDRESS = "address", pgettext_lazy("import column", "Street address")
    ADDRESS2 = "address2", pgettext_lazy("import column", "Address, second line (c/o)")
    POSTAL_CODE = "postal_code", pgettext_lazy("import column", "Postal code")
    CITY = "city", pgettext_lazy("import column", "Town")
    MUNICIPALITY = "municipality", pgettext_lazy("import column", "Municipality")
    BRANCH = "branch", pgettext_lazy("import column", "Branch")
    STATUS = "status", pgettext_lazy("import column", "Membership status")
    JOINED = "joined", pgettext_lazy("import column", "Date joined")
    LEFT = "left", pgettext_lazy("import column", "Date left")
    FEE_TYPE = "fee_type", pgettext_lazy("import column", "Kind of dues")
    PAID = "paid", pgettext_lazy("import column", "Dues paid")
    KID = "kid", pgettext_lazy("import column", "KID number")
    OFFICE = "office", pgettext_lazy("import column", "Office held")
    RECRUITED_BY = "recruited_by", pgettext_lazy("import column", "Recruited by")
    LANGUAGE = "language", pgettext_lazy("import column", "Language")
    NO_PHONE = "no_phone", pgettext_lazy("import column", "No phone calls")
    NO_SMS = "no_sms", pgettext_lazy("import column", "No SMS")
    NO_EMAIL = "no_email", pgettext_lazy("import column", "No email")
    NO_POST = "no_post", pgettext_lazy("import column", "No letters")
    NO_NEWSLETTER = "no_newsletter", pgettext_lazy("import column", "No newsletters")
    NO_MEETINGS = "no_meetings", pgettext_lazy("import column", "No invitations")
    NO_SURVEYS = "no_surveys", pgettext_lazy("import column", "No surveys")
    NO_RECRUITMENT = "no_recruitment", pgettext_lazy("import column", "Not asked to recruit")
    FUNDRAISING_CONSENT = "fundraising_consent", pgettext_lazy("import column", "May be asked for gifts (date)")
    SOURCE = "source", pgettext_lazy("import column", "How they joined")
    RECRUITER_NUMBER = "recruiter_number", pgettext_lazy("import column", "Recruiter's member number")
    SKILLS = "skills", pgettext_lazy("import column", "Can contribute")
    TAGS = "tags", pgettext_lazy("import column", "Groups")
    GUARDIAN_NAME = "guardian_name", pgettext_lazy("import column", "Guardian")
    GUARDIAN_CONSENT = "guardian_consent", pgettext_lazy("import column", "Guardian's consent (date)")
    CHECKED = "checked", pgettext_lazy("import column", "Checked (date)")
    BRANCH_CODE = "branch_code", pgettext_lazy("import column", "The branch's code")
    MOBILE_TYPED = "mobile_typed", pgettext_lazy("import column", "Mobile that cannot be read")
    PHONE2_TYPED = "phone2_typed", pgettext_lazy("import column", "Other phone that cannot be read")
    NOTE = "note", pgettext_lazy("import column", "Note")


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
