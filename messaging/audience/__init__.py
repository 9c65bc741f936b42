"""Whom a message is for: read from `Message.audience`, asked again each time, and never wider than it says.

    {"kind": "members", "params": {…}}     the register's own filters, as a saved view keeps them; {} is everybody
    {"kind": "people", "ids": […]}         members picked one by one
    {"kind": "officers", "roles": […]}     users with a role in the branch or under it
    {"kind": source.kind, …}               what an app above has added to messaging.extensions

All of them find current members of the branch and those under it. What cannot be read raises `NotAnAudience`, a
ValueError: a filter that is not understood would narrow nothing, and the message would go to all.
"""

from messaging.audience.choices import Choice, choices_for, label_of
from messaging.audience.members import (
    MEMBERS,
    MOST_PICKED,
    OFFICERS,
    PEOPLE,
    NotAnAudience,
    is_officers,
    members_audience,
    members_of,
    people_audience,
    users_of,
)
from messaging.audience.sending import rights_behind, still_asked

__all__ = [
    "MEMBERS",
    "MOST_PICKED",
    "OFFICERS",
    "PEOPLE",
    "Choice",
    "NotAnAudience",
    "choices_for",
    "is_officers",
    "label_of",
    "members_audience",
    "members_of",
    "people_audience",
    "rights_behind",
    "still_asked",
    "users_of",
]
