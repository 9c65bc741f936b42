"""The makers' and runners' commands: set-up, run, test, lock, translations."""
