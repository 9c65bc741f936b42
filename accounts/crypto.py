"""Sealing what must not be readable in a table or a backup."""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet
from django.conf import settings


@lru_cache
def fernet(purpose: str) -> Fernet:
    """A cipher for one purpose, keyed from SECRET_KEY; a new SECRET_KEY makes old seals unreadable."""
    key = hashlib.scrypt(settings.SECRET_KEY.encode(), salt=purpose.encode(), n=2**12, r=8, p=1, dklen=32)
    return Fernet(base64.urlsafe_b64encode(key))
