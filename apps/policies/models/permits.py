"""Permits that crossed a process and were used: the primary key makes a second use impossible."""

from django.db import models

from apps.core.models import BaseModel


class PermitUse(BaseModel):
    """`id` is the permit's own number. Rows past `expires_at` say nothing any more and are swept."""

    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "permit_uses"

    def __str__(self) -> str:
        return str(self.id)
