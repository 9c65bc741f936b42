"""What is kept of messages for a year and no longer."""
