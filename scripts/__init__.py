"""The makers' and runners' commands: set-up, run, test, lock, translations."""

import sys

OLDEST_PYTHON = (3, 11)

# Here, and in words that an old Python can read, because it stands before any module that it could not.
if sys.version_info < OLDEST_PYTHON:
    sys.exit(
        f"Medlemsboka needs Python 3.11, and this is Python {sys.version_info[0]}.{sys.version_info[1]}. Install it"
        " (on Debian: apt install python3 python3-venv), or name another with make PYTHON=/path/to/python3.11."
    )
