"""The short emails of requests, breaches and reviews: which texts each is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string


@dataclass(frozen=True, slots=True)
class Mail:
    """One kind of email: a word for its key in the outbox, and its templates."""

    key: str
    subject_name: str
    body_name: str

    def subject(self, context: Mapping[str, Any]) -> str:
        """On one line."""
        return " ".join(render_to_string(self.subject_name, dict(context)).split())

    def body(self, context: Mapping[str, Any]) -> str:
        """As text."""
        return render_to_string(self.body_name, dict(context)).strip() + "\n"


ANSWER: Final = Mail(
    "request-answer", "privacy/email/request_answer_subject.txt", "privacy/email/request_answer_message.txt"
)
EXTENDED: Final = Mail(
    "request-extended", "privacy/email/request_extended_subject.txt", "privacy/email/request_extended_message.txt"
)
REQUESTS: Final = Mail(
    "request-reminder", "privacy/email/request_reminder_subject.txt", "privacy/email/request_reminder_message.txt"
)
BREACH_REPORTED: Final = Mail(
    "breach-reported", "privacy/email/breach_reported_subject.txt", "privacy/email/breach_reported_message.txt"
)
BREACH_DAY_LEFT: Final = Mail(
    "breach-day-left", "privacy/email/breach_day_left_subject.txt", "privacy/email/breach_day_left_message.txt"
)
REVIEW_OPEN: Final = Mail(
    "review-open", "privacy/email/review_open_subject.txt", "privacy/email/review_open_message.txt"
)
REVIEW_LATE: Final = Mail(
    "review-late", "privacy/email/review_late_subject.txt", "privacy/email/review_late_message.txt"
)
