"""What ran: one row per execution, tied to the estimate it was allowed by."""

from django.db import models

from apps.core.models import BaseModel


class QueryPreview(BaseModel):
    """A previewed statement, kept so that it can be approved and run exactly as shown."""

    datasource_id = models.UUIDField()
    actor_id = models.UUIDField(null=True, blank=True)
    sql = models.TextField()
    decision = models.CharField(max_length=16)
    query_hash = models.CharField(max_length=64)
    estimate_id = models.UUIDField(null=True, blank=True)
    approval_id = models.UUIDField(null=True, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "query_previews"
        indexes = [models.Index(fields=["expires_at"], name="query_preview_expiry")]

    def __str__(self) -> str:
        return self.decision
