"""One person registered twice: which records are likely to be one person's, and why."""
