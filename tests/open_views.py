"""The addresses that are no branch's: which views of ours may be opened without a right in one, and why."""

from typing import Final

PUBLIC: Final = {
    "account_invitation",  # the token in it is the right
    "account_signup",  # says that accounts are made by the county
    "mfa_index",  # redirects to the user's own page
    "recruitment:invited",  # how one joins the branch of a recruiting link; it tells of nobody
    "messaging:unsubscribe",  # the link in the mail is the right, and opens what the mail was about only
    # SMS gateways and the email provider: the secret in the path is the right (and most sign); they show nothing
    *(f"messaging:{who}" for who in ("sveve_report", "sveve_inbound", "twilio_report", "twilio_inbound", "events")),
    # how members' data are handled, and what does not work: written for strangers, and tells of no member
    *(f"privacy:{page}" for page in ("statement", "statement_of", "accessibility", "accessibility_of")),
    "overview:health",  # for monitors: which part does not answer, by its name alone
    # members have no user: the answer is the same to all who ask, and the token in the message is the right
    *(f"privacy:{what}" for what in ("my_page_ask", "my_page_link", "my_page_out", "resign", "resigned")),
    *(f"privacy:{what}" for what in ("not_me", "not_me_done")),
    # the same: the token is the right, and the page after it tells nothing of anybody
    *(f"privacy:{what}" for what in ("stay", "stayed")),
    "demo:mailbox",  # in the demo only: nobody could read their sign-in code before signing in otherwise
}
"""Views of ours that anyone may open, by their URL's name; each must be safe to show to a stranger."""

SIGNED_IN: Final = {"home", "membership:me", "mfa_view_recovery_codes", "overview:operations"}
"""Views that belong to a user, not to a branch; a stranger is sent to sign in."""

LIBRARIES: Final = ("allauth.",)
"""Whose views guard themselves."""
