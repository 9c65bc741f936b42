"""Letters to those whom neither email nor SMS reaches: printed here, posted by hand."""
