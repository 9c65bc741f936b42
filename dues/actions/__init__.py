"""What changes claims, payments and their counts, one module per noun."""
