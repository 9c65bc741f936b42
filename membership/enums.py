"""The register's fixed words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BranchKind(models.TextChoices):
    """The three levels. What a level is called is the county's setting; these are the words by default."""

    COUNTY = "county", _("county party")
    MUNICIPAL = "municipal", _("municipal branch")
    LOCAL = "local", _("local branch")


class MemberStatus(models.TextChoices):
    """Where a person stands towards the party."""

    APPLIED = "applied", _("Applied")
    MEMBER = "member", _("Member")
    RESIGNED = "resigned", _("Resigned")
    EXPELLED = "expelled", _("Expelled")
    DECEASED = "deceased", _("Deceased")


class Category(models.TextChoices):
    """What kind of dues a member pays."""

    ORDINARY = "ordinary", _("Ordinary")
    REDUCED = "reduced", _("Reduced")
    HOUSEHOLD = "household", _("Household member")
    FIRST_YEAR = "first_year", _("First year")
    YOUTH = "youth", _("Youth")


class Gender(models.TextChoices):
    """Only if given."""

    UNKNOWN = "", _("Not given")
    WOMAN = "K", _("Woman")
    MAN = "M", _("Man")
    OTHER = "X", _("Other")


class AddressProtection(models.TextChoices):
    """Told by the member. Which of the two it is, is never shown."""

    NONE = "", _("None")
    CONFIDENTIAL = "confidential", _("Confidential")
    STRICT = "strict", _("Strictly confidential")


class MemberSource(models.TextChoices):
    """How the person came into the register."""

    REGISTER_FILE = "register_file", _("Central register")
    OFFICER = "officer", _("Registered by an officer")
    JOIN_FORM = "join_form", _("Join form")


class ImportState(models.TextChoices):
    """A register file's way from upload to the register."""

    UPLOADED = "uploaded", _("Uploaded")
    READ = "read", _("Read")
    APPLYING = "applying", _("Importing")
    APPLIED = "applied", _("Imported")
    FAILED = "failed", _("Could not be read")
    CANCELLED = "cancelled", _("Cancelled")
