"""Pages of the dues app, one module per subject."""
