"""The catalog: tables and columns of a datasource with their newest profile, earlier profiles, recommendations."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core import clock
from apps.core.models import BaseModel
from apps.datasources.contracts import ROLE_NAMES, SemanticType, TableRole
from apps.datasources.engine.recommend.semantic_fields import SemanticFields
from apps.datasources.models.registry import Datasource


class ProfileState(models.TextChoices):
    """How far the profile of a table is."""

    NONE = "none", "Not profiled"
    DONE = "profiled", "Profiled"
    FAILED = "failed", "Failed"


class RecommendationStatus(models.TextChoices):
    """What a person said to a recommendation."""

    PENDING = "pending", "Pending"
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Rejected"


class PiiDecision(models.TextChoices):
    """What a person said to a suspicion; empty while nobody did."""

    OPEN = "", "Open"
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Rejected"


class CatalogTableQuerySet(models.QuerySet["CatalogTable"]):
    """Named filters."""

    def present(self) -> "CatalogTableQuerySet":
        """Tables that the source still has."""
        return self.filter(gone_at__isnull=True)

    def matching(self, text: str) -> "CatalogTableQuerySet":
        """Tables whose name, description or column names hold `text`."""
        found = models.Q(name__icontains=text) | models.Q(dataset__icontains=text)
        found |= models.Q(description__icontains=text)
        columns = CatalogColumn.objects.filter(table_id=models.OuterRef("id"), name__icontains=text)
        return self.filter(found | models.Exists(columns))


class CatalogTable(BaseModel):
    """A table or view of a datasource. `profile` holds the facts about the table (`engine.profiling.facts`)."""

    datasource = models.ForeignKey(Datasource, on_delete=models.CASCADE, related_name="catalog_tables")
    dataset = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=32, default="table")
    description = models.TextField(blank=True, default="")
    row_count = models.BigIntegerField(null=True, blank=True)
    bytes = models.BigIntegerField(null=True, blank=True)
    partition_column = models.CharField(max_length=300, blank=True, default="")
    clustering = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    modified_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=clock.now)
    gone_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=ProfileState.choices, default=ProfileState.NONE)
    error_code = models.CharField(max_length=64, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    profile = models.JSONField(default=dict)
    profiled_at = models.DateTimeField(null=True, blank=True)
    profile_run_id = models.UUIDField(null=True, blank=True)
    latest_at = models.DateTimeField(null=True, blank=True)

    objects = CatalogTableQuerySet.as_manager()

    class Meta:
        db_table = "catalog_tables"
        ordering = ("dataset", "name")
        constraints = [
            models.UniqueConstraint(fields=["datasource", "dataset", "name"], name="catalog_table_once"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset}.{self.name}"

    @property
    def is_profiled(self) -> bool:
        return self.state == ProfileState.DONE


class CatalogColumn(BaseModel):
    """A column (or a field inside a struct). `facts` is a `ColumnProfile`; of personal data it holds no values."""

    table = models.ForeignKey(CatalogTable, on_delete=models.CASCADE, related_name="columns")
    name = models.CharField(max_length=300)
    position = models.PositiveIntegerField()
    type = models.TextField()
    nullable = models.BooleanField(default=True)
    description = models.TextField(blank=True, default="")
    description_edited = models.BooleanField(default=False)
    semantic = models.CharField(
        max_length=16, blank=True, default="", choices=[(s.value, s.value) for s in SemanticType]
    )
    semantic_edited = models.BooleanField(default=False)
    null_share = models.FloatField(null=True, blank=True)
    distinct = models.BigIntegerField(null=True, blank=True)
    facts = models.JSONField(default=dict)
    pii_kind = models.CharField(max_length=32, blank=True, default="")
    pii_tier = models.CharField(max_length=8, blank=True, default="")
    pii_decision = models.CharField(max_length=16, blank=True, default="", choices=PiiDecision.choices)
    pii_decided_by = models.UUIDField(null=True, blank=True)
    pii_decided_at = models.DateTimeField(null=True, blank=True)
    pii_evidence = models.JSONField(default=dict)
    pii_conflict = models.BooleanField(default=False)

    class Meta:
        db_table = "catalog_columns"
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["table", "name"], name="catalog_column_once")]
        indexes = [
            models.Index(
                fields=["pii_tier"],
                name="catalog_pii_open",
                condition=models.Q(pii_decision="") & ~models.Q(pii_tier=""),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def protected_as(self) -> str | None:
        """The class of personal data this column is protected as: a person's word first, then strong evidence."""
        if self.pii_decision == PiiDecision.REJECTED or not self.pii_kind:
            return None
        if self.pii_decision == PiiDecision.CONFIRMED or self.pii_tier == "high":
            return self.pii_kind
        return None

    @property
    def hidden_as(self) -> str | None:
        """The class its stored figures are hidden for: protected, or values look like it and nobody has decided."""
        if self.protected_as or self.pii_decision != PiiDecision.OPEN:
            return self.protected_as
        return self.pii_kind if self.pii_tier and "values" in self.pii_evidence.get("basis", "") else None

    @property
    def awaits_review(self) -> bool:
        """A suspicion nobody has decided, or a decision that new evidence contradicts."""
        return self.pii_conflict or (self.pii_decision == PiiDecision.OPEN and self.pii_tier == "low")


class ProfileSnapshot(BaseModel):
    """One profile of a table as it was then: for drift. One per table and run."""

    table = models.ForeignKey(CatalogTable, on_delete=models.CASCADE, related_name="snapshots")
    run_id = models.UUIDField()
    taken_at = models.DateTimeField()
    row_count = models.BigIntegerField()
    columns = models.JSONField(default=dict)

    class Meta:
        db_table = "catalog_profiles"
        ordering = ("-taken_at",)
        constraints = [models.UniqueConstraint(fields=["table", "run_id"], name="catalog_profile_once_a_run")]


class Recommendation(BaseModel):
    """What the product thinks a table is for, and what a person said to it. A rejected one stays rejected."""

    datasource = models.ForeignKey(Datasource, on_delete=models.CASCADE, related_name="recommendations")
    table = models.OneToOneField(CatalogTable, on_delete=models.CASCADE, related_name="recommendation")
    status = models.CharField(max_length=16, choices=RecommendationStatus.choices, default=RecommendationStatus.PENDING)
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in TableRole])
    confidence = models.FloatField()
    reasons = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    proposed = models.JSONField(default=dict)
    confirmed = models.JSONField(null=True, blank=True)
    decided_by = models.UUIDField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    run_id = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "catalog_recommendations"
        ordering = ("-confidence", "id")
        indexes = [models.Index(fields=["datasource", "status"], name="catalog_recommendation_status")]

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[TableRole(self.role)]

    @property
    def proposed_fields(self) -> SemanticFields:
        return SemanticFields.model_validate(self.proposed)

    @property
    def fields(self) -> SemanticFields:
        """The confirmed fields, or the proposed ones while nobody confirmed."""
        return SemanticFields.model_validate(self.confirmed if self.confirmed is not None else self.proposed)
