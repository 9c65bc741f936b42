"""What comes back: STOPP, keywords, answers, and the gateways' reports of what became of an SMS."""

from messaging.inbound.receiving import receive

__all__ = ["receive"]
