"""Members as files: which columns, which members, how they are written."""
