"""The register's tables, one module per noun."""

from membership.models.branch import Branch, BranchNumber, BranchQuerySet
from membership.models.directory import BoardPost, BoardPostQuerySet
from membership.models.duplicates import DuplicateCheck, DuplicatePair, DuplicatePairQuerySet, FormerNumber, Merge
from membership.models.grant import Grant, GrantQuerySet
from membership.models.history import ChangeBatch, ChangeBatchQuerySet, MemberChange, MemberChangeQuerySet
from membership.models.member import (
    ADULT,
    OWN_CONSENT,
    Member,
    MemberQuerySet,
    Placement,
    Tag,
    TagQuerySet,
    under_age,
)
from membership.models.moves import MoveRequest, MoveRequestQuerySet, Succession
from membership.models.register import (
    BranchSummary,
    ColumnMemory,
    CorrectionsReport,
    ErasedCount,
    ErasedNumber,
    RegisterImport,
    RegisterImportQuerySet,
    SavedView,
)

__all__ = [
    "ADULT",
    "OWN_CONSENT",
    "BoardPost",
    "BoardPostQuerySet",
    "Branch",
    "BranchNumber",
    "BranchQuerySet",
    "BranchSummary",
    "ChangeBatch",
    "ChangeBatchQuerySet",
    "ColumnMemory",
    "CorrectionsReport",
    "DuplicateCheck",
    "DuplicatePair",
    "DuplicatePairQuerySet",
    "ErasedCount",
    "ErasedNumber",
    "FormerNumber",
    "Grant",
    "GrantQuerySet",
    "Member",
    "MemberChange",
    "MemberChangeQuerySet",
    "MemberQuerySet",
    "Merge",
    "MoveRequest",
    "MoveRequestQuerySet",
    "Placement",
    "RegisterImport",
    "RegisterImportQuerySet",
    "SavedView",
    "Succession",
    "Tag",
    "TagQuerySet",
    "under_age",
]
