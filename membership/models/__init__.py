"""The register's tables, one module per noun."""

from membership.models.branch import Branch, BranchNumber, BranchQuerySet
from membership.models.grant import Grant, GrantQuerySet
from membership.models.member import Member, MemberQuerySet, Placement, Tag
from membership.models.register import BranchSummary, RegisterImport, RegisterImportQuerySet, SavedView

__all__ = [
    "Branch",
    "BranchNumber",
    "BranchQuerySet",
    "BranchSummary",
    "Grant",
    "GrantQuerySet",
    "Member",
    "MemberQuerySet",
    "Placement",
    "RegisterImport",
    "RegisterImportQuerySet",
    "SavedView",
    "Tag",
]
