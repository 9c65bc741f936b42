"""Who may do what: one readable table. Printed in docs/architecture.md and on the county's page of roles."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """One right each; pages and commands ask for exactly one."""

    VIEW_OVERVIEW = "view_overview", _("See the overview")
    VIEW_MEMBERS = "view_members", _("See the register")
    EDIT_MEMBERS = "edit_members", _("Change members")
    VIEW_NOTES = "view_notes", _("Read internal notes")
    OPEN_PROTECTED = "open_protected", _("Open protected addresses")
    IMPORT_MEMBERS = "import_members", _("Import the register")
    EXPORT_MEMBERS = "export_members", _("Download member lists")
    VIEW_DUES = "view_dues", _("See who has not paid")
    REGISTER_PAYMENT = "register_payment", _("Register payments")
    MANAGE_CALLS = "manage_calls", _("Make call lists")
    CALL = "call", _("Call from a list handed to one")
    VIEW_TARGETS = "view_targets", _("See recruitment targets")
    SET_TARGETS = "set_targets", _("Set recruitment targets")
    MANAGE_ACCESS = "manage_access", _("Give and end access")
    VIEW_ROLES = "view_roles", _("Read the table of roles")
    VIEW_DIRECTORY = "view_directory", _("See who is who")
    EDIT_BRANCH = "edit_branch", _("Keep the branch's board and settings")
    REFORM_BRANCHES = "reform_branches", _("Merge and split branches")
    VIEW_MESSAGES = "view_messages", _("See what has been sent")
    WRITE_MESSAGES = "write_messages", _("Write messages")
    SEND_MESSAGES = "send_messages", _("Send messages")
    ANSWER_INBOX = "answer_inbox", _("Read and answer the inbox")
    VIEW_OPERATIONS = "view_operations", _("See how the machinery runs")
    RECORD_LEAVING = "record_leaving", _("Register resignations and deaths")
    REPORT_BREACH = "report_breach", _("Report that something went wrong with members’ data")
    MANAGE_PRIVACY = "manage_privacy", _("Answer for members’ rights and for erasing")
    REVIEW_ACCESS = "review_access", _("Review who has access")


class Role(models.TextChoices):
    """The offices of domain.md, section 1, and two technical ones."""

    MEMBERSHIP_OFFICER = "membership_officer", _("Membership officer")
    RECRUITMENT_OFFICER = "recruitment_officer", _("Recruitment officer")
    TREASURER = "treasurer", _("Treasurer")
    CALLER = "caller", _("Caller")
    BRANCH_LEADER = "branch_leader", _("Branch leader")
    COUNTY_SECRETARY = "county_secretary", _("County secretary")
    COUNTY_MEMBERSHIP_OFFICER = "county_membership_officer", _("County membership officer")
    COMMITTEE_READER = "committee_reader", _("Membership committee")
    ADMINISTRATOR = "administrator", _("Administrator")
    SURVEY_EDITOR = "survey_editor", _("Survey editor")


_P = Permission

_OFFICER = frozenset(
    {
        _P.VIEW_OVERVIEW,
        _P.VIEW_MEMBERS,
        _P.EDIT_MEMBERS,
        _P.VIEW_NOTES,
        _P.IMPORT_MEMBERS,
        _P.EXPORT_MEMBERS,
        _P.VIEW_DUES,
        _P.REGISTER_PAYMENT,
        _P.MANAGE_CALLS,
        _P.VIEW_TARGETS,
        _P.SET_TARGETS,
        _P.VIEW_DIRECTORY,
        _P.EDIT_BRANCH,
        _P.VIEW_MESSAGES,
        _P.WRITE_MESSAGES,
        _P.SEND_MESSAGES,
        _P.ANSWER_INBOX,
        _P.RECORD_LEAVING,
        _P.REPORT_BREACH,
    }
)

PERMISSIONS: Final = MappingProxyType(
    {
        Role.MEMBERSHIP_OFFICER: _OFFICER,
        Role.RECRUITMENT_OFFICER: frozenset({_P.VIEW_OVERVIEW, _P.VIEW_TARGETS, _P.SET_TARGETS, _P.VIEW_DIRECTORY}),
        Role.TREASURER: frozenset(
            {
                _P.VIEW_OVERVIEW,
                _P.VIEW_MEMBERS,
                _P.EXPORT_MEMBERS,
                _P.VIEW_DUES,
                _P.REGISTER_PAYMENT,
                _P.MANAGE_CALLS,
                _P.VIEW_TARGETS,
                _P.VIEW_DIRECTORY,
                _P.VIEW_MESSAGES,
                _P.WRITE_MESSAGES,
                _P.REPORT_BREACH,
            }
        ),
        Role.CALLER: frozenset({_P.CALL}),
        Role.BRANCH_LEADER: frozenset(
            {
                _P.VIEW_OVERVIEW,
                _P.VIEW_MEMBERS,
                _P.VIEW_DUES,
                _P.VIEW_TARGETS,
                _P.SET_TARGETS,
                _P.VIEW_DIRECTORY,
                _P.EDIT_BRANCH,
                _P.VIEW_MESSAGES,
                _P.WRITE_MESSAGES,
                _P.SEND_MESSAGES,
                _P.ANSWER_INBOX,
                _P.REPORT_BREACH,
            }
        ),
        Role.COUNTY_SECRETARY: _OFFICER
        | {
            _P.OPEN_PROTECTED,
            _P.MANAGE_ACCESS,
            _P.VIEW_ROLES,
            _P.REFORM_BRANCHES,
            _P.MANAGE_PRIVACY,
            _P.REVIEW_ACCESS,
        },
        Role.COUNTY_MEMBERSHIP_OFFICER: _OFFICER | {_P.VIEW_ROLES, _P.MANAGE_PRIVACY},
        Role.COMMITTEE_READER: frozenset({_P.VIEW_OVERVIEW, _P.VIEW_TARGETS, _P.VIEW_DIRECTORY}),
        Role.ADMINISTRATOR: frozenset(
            {_P.MANAGE_ACCESS, _P.VIEW_ROLES, _P.VIEW_DIRECTORY, _P.VIEW_OPERATIONS, _P.REVIEW_ACCESS}
        ),
        Role.SURVEY_EDITOR: frozenset({_P.VIEW_OVERVIEW}),
    }
)

# Rights that open the register: whoever holds one needs a second factor where REQUIRE_SECOND_FACTOR is on.
OPENS_REGISTER: Final = frozenset(
    {
        _P.VIEW_MEMBERS,
        _P.VIEW_DUES,
        _P.IMPORT_MEMBERS,
        _P.EXPORT_MEMBERS,
        _P.MANAGE_CALLS,
        _P.MANAGE_ACCESS,
        _P.VIEW_MESSAGES,
        _P.SEND_MESSAGES,
        _P.ANSWER_INBOX,
        _P.RECORD_LEAVING,
        _P.MANAGE_PRIVACY,
    }
)


def permissions_of(role: str) -> frozenset[Permission]:
    """The rights of one role; none for a word that is no role any more."""
    return PERMISSIONS[Role(role)] if role in Role.values else frozenset()


# Offices of the county's; and the one the county has another of.
_COUNTY_ONLY: Final = frozenset(
    {Role.COUNTY_SECRETARY, Role.COUNTY_MEMBERSHIP_OFFICER, Role.COMMITTEE_READER, Role.ADMINISTRATOR}
)
_BRANCH_ONLY: Final = frozenset({Role.MEMBERSHIP_OFFICER})


def roles_at(*, county: bool) -> list[Role]:
    """The roles that are given at a level: the county has offices of its own."""
    elsewhere = _BRANCH_ONLY if county else _COUNTY_ONLY
    return [role for role in Role if role not in elsewhere]
