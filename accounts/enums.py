"""What the log can say."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verb(models.TextChoices):
    """One verb per kind of act. Add at the end; never rename: old lines keep theirs."""

    ACCESS_DENIED = "access.denied", _("was refused")
    SIGNED_IN = "account.signed_in", _("signed in")
    SIGNED_OUT = "account.signed_out", _("signed out")
    SIGN_IN_FAILED = "account.sign_in_failed", _("failed to sign in")
    USER_CREATED = "account.created", _("made a user")
    GRANT_GIVEN = "grant.given", _("gave access")
    GRANT_ENDED = "grant.ended", _("ended access")
    BRANCH_CREATED = "branch.created", _("made a branch")
    OVERVIEW_OPENED = "overview.opened", _("opened the overview")
    ROLES_OPENED = "roles.opened", _("read the table of roles")
    MEMBERS_LISTED = "members.listed", _("opened the register list")
    MEMBERS_SEARCHED = "members.searched", _("searched for members")
    MEMBER_OPENED = "member.opened", _("opened a member")
    MEMBER_CHANGED = "member.changed", _("changed a member")
    VIEW_SAVED = "view.saved", _("saved a view")
    VIEW_DELETED = "view.deleted", _("deleted a saved view")
    IMPORT_STARTED = "import.started", _("uploaded a register file")
    IMPORT_READ = "import.read", _("read a register file")
    IMPORT_OPENED = "import.opened", _("opened an import")
    IMPORT_APPLIED = "import.applied", _("imported a register file")
    IMPORT_CANCELLED = "import.cancelled", _("cancelled an import")
    UNPAID_LISTED = "unpaid.listed", _("opened the unpaid list")
    UNPAID_EXPORTED = "unpaid.exported", _("exported the unpaid list")
    MEMBERS_EXPORTED = "members.exported", _("exported members")
    PAYMENT_REGISTERED = "payment.registered", _("registered a payment")
    PAYMENT_UNDONE = "payment.undone", _("undid a payment")
    CLAIMS_RAISED = "claims.raised", _("raised claims")
    CALL_LIST_MADE = "call_list.made", _("made a call list")
    CALL_LIST_OPENED = "call_list.opened", _("opened a call list")
    CALL_LIST_PRINTED = "call_list.printed", _("printed a call list")
    CALL_LIST_CLOSED = "call_list.closed", _("closed a call list")
    TARGETS_OPENED = "targets.opened", _("opened the targets")
    TARGETS_IMPORTED = "targets.imported", _("imported targets")
    JOB_OPENED = "job.opened", _("looked at a job")
    FILE_FETCHED = "file.fetched", _("fetched a file")
    MAILBOX_OPENED = "mailbox.opened", _("opened the demo mailbox")
