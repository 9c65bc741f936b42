"""The engine of the outbox: who sends what, when, and what is known if it is cut short."""
