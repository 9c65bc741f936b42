"""Leaving, keeping, and members' rights."""

from privacy.models.keeping import Hold, HoldQuerySet, PrivacySettings, StayAgreement, UnpaidCase, UnpaidRound
from privacy.models.leaving import MOST_TRIES, AccessLink, Departure, DepartureQuerySet
from privacy.models.rights import (
    AccessReview,
    AccessReviewLine,
    Breach,
    BreachQuerySet,
    RightsRequest,
    RightsRequestQuerySet,
)

__all__ = [
    "MOST_TRIES",
    "AccessLink",
    "AccessReview",
    "AccessReviewLine",
    "Breach",
    "BreachQuerySet",
    "Departure",
    "DepartureQuerySet",
    "Hold",
    "HoldQuerySet",
    "PrivacySettings",
    "RightsRequest",
    "RightsRequestQuerySet",
    "StayAgreement",
    "UnpaidCase",
    "UnpaidRound",
]
