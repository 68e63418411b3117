"""The manifest of the sandbox warehouse: its tables, their immutable files, and the commits that changed them."""

from django.db import models

from apps.core.models import BaseModel
from apps.datasources.enums import TableOrigin, UploadState


class SandboxCommit(BaseModel):
    """One atomic change of the warehouse; the highest number is the version everybody reads."""

    number = models.BigIntegerField(unique=True)
    action = models.CharField(max_length=32)
    summary = models.JSONField(default=dict)
    created_by = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "sandbox_commits"
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"#{self.number} {self.action}"


class SandboxTable(BaseModel):
    """A table; `columns` holds name, BigQuery type, and the name the uploaded file gave it."""

    dataset = models.CharField(max_length=128)
    name = models.CharField(max_length=300)
    columns = models.JSONField(default=list)
    partition_column = models.CharField(max_length=300, blank=True, default="")
    description = models.TextField(blank=True, default="")
    origin = models.CharField(max_length=16, choices=[(origin.value, origin.value) for origin in TableOrigin])
    row_count = models.BigIntegerField(default=0)
    logical_bytes = models.BigIntegerField(default=0)
    created_by = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "sandbox_tables"
        ordering = ("dataset", "name")
        constraints = [models.UniqueConstraint(fields=["dataset", "name"], name="sandbox_table_once")]

    def __str__(self) -> str:
        return f"{self.dataset}.{self.name}"


class SandboxFile(BaseModel):
    """One immutable Parquet file of one partition; `path` is relative to the tenant's warehouse folder."""

    table = models.ForeignKey(SandboxTable, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=500, unique=True)
    partition = models.DateField(null=True, blank=True)
    row_count = models.BigIntegerField()
    column_bytes = models.JSONField(default=dict)
    file_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        db_table = "sandbox_files"
        ordering = ("partition", "path")
        indexes = [models.Index(fields=["table", "partition"], name="sandbox_file_partition")]

    def __str__(self) -> str:
        return self.path


class SandboxUpload(BaseModel):
    """A file that waits to become a table: staged on disk, read once for the preview, loaded or let go."""

    filename = models.CharField(max_length=255)
    format = models.CharField(max_length=16)
    file_bytes = models.BigIntegerField()
    state = models.CharField(
        max_length=16, default=UploadState.STAGED, choices=[(s.value, s.value) for s in UploadState]
    )
    preview = models.JSONField(default=dict)
    error_message = models.TextField(blank=True, default="")
    table_id = models.UUIDField(null=True, blank=True)
    created_by = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "sandbox_uploads"
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.filename
