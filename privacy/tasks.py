"""Celery's doors to what the clock starts here."""
