"""allauth's second factor, with its secrets sealed in the database."""

from allauth.mfa.adapter import DefaultMFAAdapter

from accounts.crypto import fernet


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Seals TOTP secrets and recovery seeds."""

    def encrypt(self, text: str) -> str:
        """Sealed text for the table."""
        return fernet("mfa").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text again; raises `InvalidToken` when SECRET_KEY has changed."""
        return fernet("mfa").decrypt(encrypted_text.encode()).decode()
