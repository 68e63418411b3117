"""Program doors of artifacts and feedback."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from pydantic import BaseModel, ConfigDict, Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.artifacts.engine import diff
from apps.artifacts.enums import ArtifactKind, FeedbackKind, NodeKind, Polarity
from apps.artifacts.models import Artifact, ArtifactVersion, Feedback
from apps.artifacts.selectors import artifacts
from apps.artifacts.selectors import feedback as feedback_reads
from apps.artifacts.services import feedback
from apps.core import paging
from apps.core.api import AtomView
from apps.core.errors import InvalidInput
from apps.core.permissions import Scope

TAG = ["Artifacts"]


class ListQuery(BaseModel):
    """Filters of the artifact list."""

    kind: ArtifactKind | None = None
    q: str = Field("", max_length=200)
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=paging.MAX_LIMIT)


class DiffQuery(BaseModel):
    """Which two versions to compare."""

    model_config = ConfigDict(populate_by_name=True)

    before: int = Field(alias="from", ge=1, le=2**31 - 1)
    after: int = Field(alias="to", ge=1, le=2**31 - 1)


class ImpactQuery(BaseModel):
    """A point of the lineage graph."""

    kind: NodeKind
    ref: str = Field(min_length=1, max_length=600)


class FeedbackQuery(BaseModel):
    """Filters of the feedback list; without `limit` the set is complete."""

    artifact_id: UUID | None = None
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    polarity: Polarity | None = None
    cursor: str | None = None
    limit: int | None = Field(None, ge=1, le=paging.MAX_LIMIT)


class FeedbackBody(BaseModel):
    """One opinion."""

    model_config = ConfigDict(extra="forbid")

    kind: FeedbackKind
    polarity: Polarity
    comment: str = Field("", max_length=4_000)
    artifact_id: UUID | None = None
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    anchor: str = Field("", max_length=120)
    prompt_hash: str = Field("", max_length=64, pattern=r"^[0-9a-f]*$")
    tool_hashes: list[str] = Field(default_factory=list, max_length=100)
    query_hash: str = Field("", max_length=64, pattern=r"^[0-9a-f]*$")


class ArtifactList(AtomView):
    """`GET /artifacts`."""

    required_scope = Scope.ARTIFACT_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Artifacts, newest first."""
        wish = self.query(ListQuery)
        rows = artifacts.list_for(self.actor, kind=wish.kind, text=wish.q)
        page = paging.paginate(rows, order=("-updated_at", "-id"), cursor=wish.cursor, limit=wish.limit)
        return Response(paging.as_json(page, artifact_json))


class ArtifactDetail(AtomView):
    """`GET /artifacts/{id}`."""

    required_scope = Scope.ARTIFACT_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, artifact_id: UUID) -> Response:
        """One artifact with its latest version's content."""
        version = artifacts.get_version_for(self.actor, artifact_id)
        return Response({**artifact_json(version.artifact), "latest": version_json(version, content=True)})


class VersionList(AtomView):
    """`GET /artifacts/{id}/versions`."""

    required_scope = Scope.ARTIFACT_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, artifact_id: UUID) -> Response:
        """Versions, newest first."""
        wish = self.query(ListQuery)
        rows = artifacts.list_versions(self.actor, artifact_id)
        page = paging.paginate(rows, order=("-number",), cursor=wish.cursor, limit=wish.limit)
        return Response(paging.as_json(page, version_json))


class VersionDetail(AtomView):
    """`GET /artifacts/{id}/versions/{n}`."""

    required_scope = Scope.ARTIFACT_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, artifact_id: UUID, number: int) -> Response:
        """One version with its content."""
        version = artifacts.get_version_for(self.actor, artifact_id, number)
        staleness = {key: value for key, value in artifact_json(version.artifact).items() if key.startswith("stale")}
        return Response({**version_json(version, content=True), **staleness})


class Lineage(AtomView):
    """`GET /artifacts/{id}/lineage`."""

    required_scope = Scope.ARTIFACT_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, artifact_id: UUID) -> Response:
        """What the artifact is made from, and what is made from it."""
        return Response(graph_json(artifacts.lineage_of(self.actor, artifact_id)))


class Impact(AtomView):
    """`GET /artifacts/impact?kind=&ref=`."""

    required_scope = Scope.ARTIFACT_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """What breaks when a column, table or query goes."""
        wish = self.query(ImpactQuery)
        return Response(graph_json(artifacts.impact_of(self.actor, wish.kind, wish.ref)))


class Diff(AtomView):
    """`GET /artifacts/{id}/diff?from=&to=`."""

    required_scope = Scope.ARTIFACT_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, artifact_id: UUID) -> Response:
        """What changed between two versions."""
        wish = self.query(DiffQuery)
        before = artifacts.get_version_for(self.actor, artifact_id, wish.before)
        after = artifacts.get_version_for(self.actor, artifact_id, wish.after)
        found = diff.changes(before.content, after.content)
        rows = [{"path": c.path, "kind": c.kind, "before": c.before, "after": c.after} for c in found]
        return Response(
            {"from": wish.before, "to": wish.after, "equal": before.sha256 == after.sha256, "changes": rows}
        )


class FeedbackList(AtomView):
    """`GET` and `POST /feedback`."""

    required_scopes = {"GET": Scope.ARTIFACT_READ, "POST": Scope.FEEDBACK_WRITE}

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Feedback, newest first: all that matches, unless a limit asks for pages."""
        wish = self.query(FeedbackQuery)
        rows = feedback_reads.list_for(
            self.actor, artifact_id=wish.artifact_id, version=wish.version, polarity=wish.polarity
        )
        if wish.limit is None and wish.artifact_id is not None and not wish.cursor:
            return Response({"items": [feedback_json(row) for row in rows], "next": None})
        page = paging.paginate(rows, cursor=wish.cursor, limit=wish.limit or 50)
        return Response(paging.as_json(page, feedback_json))

    @extend_schema(tags=TAG, request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Give feedback; it can't be changed afterwards."""
        body = self.parse(FeedbackBody)
        if any(len(known) > 64 for known in body.tool_hashes):
            raise InvalidInput("A tool hash is at most 64 characters long.")
        row = feedback.give(self.actor, **body.model_dump())
        return Response(feedback_json(row), status=201)


class FeedbackSummary(AtomView):
    """`GET /feedback/summary`."""

    required_scope = Scope.ARTIFACT_READ

    @extend_schema(tags=TAG, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Counts by week, type and polarity; negative feedback against prompt and tool hashes."""
        weeks = [
            {"week": row.week.isoformat(), "kind": row.kind, "polarity": row.polarity, "count": row.count}
            for row in feedback_reads.by_week(self.actor)
        ]
        return Response({"weeks": weeks, "negative": feedback_reads.negative_by_hash(self.actor)})


def artifact_json(row: Artifact) -> dict[str, Any]:
    """An artifact as programs read it."""
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.title,
        "version": row.latest_number,
        "sha256": row.latest_sha256,
        "datasource_id": row.datasource_id,
        "stale": row.stale,
        "stale_reason": row.stale_reason,
        "stale_since": row.stale_since,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def version_json(row: ArtifactVersion, *, content: bool = False) -> dict[str, Any]:
    """A version as programs read it, with its content where asked."""
    head = {"number": row.number, "sha256": row.sha256, "created_at": row.created_at, "actor_id": row.actor_id}
    head |= {"run_id": row.run_id, "provenance": row.provenance}
    return {**head, "content": row.content} if content else head


def feedback_json(row: Feedback) -> dict[str, Any]:
    """An opinion as programs read it."""
    names = "id kind polarity comment artifact_id version version_sha256 anchor prompt_hash tool_hashes query_hash"
    return {name: getattr(row, name) for name in [*names.split(), "actor_id", "created_at"]}


def graph_json(graph: artifacts.Graph) -> dict[str, Any]:
    """A graph as programs read it."""
    nodes = [{"kind": kind, "ref": ref, "label": label} for (kind, ref), label in graph.nodes.items()]
    edges = [
        {"source": {"kind": e.source[0], "ref": e.source[1]}, "target": {"kind": e.target[0], "ref": e.target[1]}}
        for e in graph.edges
    ]
    return {"nodes": nodes, "edges": edges}
