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
    PAPER = "paper", _("Paper form")
    STAND = "stand", _("Stand")
    MEETING = "meeting", _("Meeting")
    FRIEND = "friend", _("Asked by a member")
    SMS = "sms", _("SMS")


class OpeningReason(models.TextChoices):
    """Why a protected address is opened. A short list, so that the log holds nothing that somebody wrote."""

    LETTER = "letter", _("A letter must be sent that cannot wait")
    MEMBER_ASKED = "member_asked", _("The member has asked us to check it")
    CORRECTION = "correction", _("Something has come back, and the address must be checked")
    EMERGENCY = "emergency", _("Life or health is in danger")


class ImportState(models.TextChoices):
    """A register file's way from upload to the register."""

    UPLOADED = "uploaded", _("Uploaded")
    READ = "read", _("Read")
    APPLYING = "applying", _("Importing")
    APPLIED = "applied", _("Imported")
    FAILED = "failed", _("Could not be read")
    CANCELLED = "cancelled", _("Cancelled")


class ChangeSource(models.TextChoices):
    """How a change came about."""

    OFFICER = "officer", _("by hand")
    MEMBER = "member", _("by the member")
    IMPORT = "import", _("by the central register")
    BULK = "bulk", _("for many at once")
    MERGE = "merge", _("by merging")
    MOVE = "move", _("by moving")
    REFORM = "reform", _("by a merger of branches")
    UNDO = "undo", _("by undoing")
    RETURNED = "returned", _("by returned mail")


class BatchKind(models.TextChoices):
    """Pieces of work that can be taken back as one."""

    IMPORT = "import", _("Import")
    BULK = "bulk", _("Change of many")
    MERGE = "merge", _("Merging of two records")
    REFORM = "reform", _("Merging or splitting of branches")


class BulkKind(models.TextChoices):
    """What can be done with many members at once."""

    ADD_TAG = "add_tag", _("Add to a group")
    REMOVE_TAG = "remove_tag", _("Take out of a group")
    MOVE = "move", _("Move")
    CHECK = "check", _("Mark as checked")


class PairState(models.TextChoices):
    """What became of a likely pair."""

    OPEN = "open", _("Not decided")
    DIFFERENT = "different", _("Not the same person")


class MoveState(models.TextChoices):
    """waiting → accepted | refused | withdrawn."""

    WAITING = "waiting", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SuccessionKind(models.TextChoices):
    """How one branch followed another."""

    MERGER = "merger", _("Merger")
    SPLIT = "split", _("Split")


class PostTitle(models.TextChoices):
    """Posts on a branch's board, the first first."""

    LEADER = "leader", _("Leader")
    DEPUTY = "deputy", _("Deputy leader")
    SECRETARY = "secretary", _("Secretary")
    TREASURER = "treasurer", _("Treasurer")
    MEMBERSHIP = "membership", _("Membership officer")
    RECRUITMENT = "recruitment", _("Recruitment officer")
    STUDIES = "studies", _("Head of studies")
    WOMEN = "women", _("Women's contact")
    YOUTH = "youth", _("Youth contact")
    BOARD = "board", _("Board member")
    SUBSTITUTE = "substitute", _("Deputy board member")
    ELECTION = "election", _("Election campaign manager")
    NOMINATION = "nomination", _("Nomination committee")
    STAFF = "staff", _("Staff")
