"""Who signs in, and the log of what they did."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.enums import Verb


class UserManager(BaseUserManager["User"]):
    """Makes users; the address is kept in lower case."""

    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> User:
        """One user; without a password none can be used (the code by email still can)."""
        user = self.model(email=email.strip().lower() if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Addresses differ only by case in people's fingers, not in the register."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """An officer or a caller. Members have no user: they come through signed links."""

    # Empty for callers who sign in by mobile only.
    email = models.EmailField(_("email"), null=True, blank=True)
    phone = models.CharField(_("mobile"), max_length=16, null=True, blank=True, help_text=_("E.164"))
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.UniqueConstraint(fields=["phone"], name="user_phone_unique"),
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone__isnull=False), name="user_email_or_phone"
            ),
        ]

    def __str__(self) -> str:
        return self.name


def verb_choices() -> list[tuple[str, Any]]:
    """The words of the log. A function, so that a new word needs no migration."""
    return list(Verb.choices)


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    """Reads of the log."""

    def expired(self, today: date) -> AuditEventQuerySet:
        """Events whose keeping time is over."""
        return self.filter(erase_on__lte=today)

    def by_user(self, user: User) -> AuditEventQuerySet:
        """What one user did, newest first."""
        return self.filter(actor_id=user.pk).order_by("-at", "-id")


class AuditEvent(models.Model):
    """One line of the log: ids and counts, never names or free text. Append-only, by trigger in the database."""

    at = models.DateTimeField()
    # Plain numbers, not foreign keys: the line must outlive the row it speaks of, and can never be changed.
    actor_id = models.BigIntegerField(null=True)
    branch_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=40, choices=verb_choices)
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    count = models.PositiveIntegerField(null=True)
    details = models.JSONField(default=dict)
    erase_on = models.DateField()

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["branch_id", "at"], name="audit_branch_at"),
            models.Index(fields=["actor_id", "at"], name="audit_actor_at"),
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
            models.Index(fields=["erase_on"], name="audit_erase_on"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"
