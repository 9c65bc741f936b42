"""Kills what can be killed while messages are sent, and counts afterwards: `make chaos`. See chaos/__main__.py."""
