"""The demo's own day: everything in it is relative to that, so that it is the same whenever it is looked at."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class DemoDay(models.Model):
    """One row: which day it is in the demo, and what the demo was made from. Its being there marks a demo database."""

    day_on = models.DateField()
    seed = models.PositiveIntegerField()
    members = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="demo_day_is_one_row")
        ]

    def __str__(self) -> str:
        return str(self.day_on)
