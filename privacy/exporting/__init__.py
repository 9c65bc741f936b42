"""What is kept about one member, read section by section: for the page, and as JSON."""
