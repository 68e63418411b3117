"""Reading artifacts, their versions and lineage; each fetch checks the caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.artifacts.enums import ArtifactKind, NodeKind
from apps.artifacts.models import Artifact, ArtifactVersion, LineageEdge
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.tenancy.selectors import shares

MAX_EDGES = 5_000


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """One edge of the graph, however many versions say it."""

    source: tuple[str, str]
    target: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Graph:
    """Part of the lineage: nodes with their labels, edges between them."""

    nodes: dict[tuple[str, str], str]
    edges: tuple[GraphEdge, ...]


def list_for(actor: Actor, *, kind: ArtifactKind | None = None, text: str = "") -> QuerySet[Artifact]:
    """Artifacts the caller may see, unordered."""
    actor.require(Scope.ARTIFACT_READ)
    found = shares.visible(actor, Artifact.objects.filter(latest_number__gt=0))
    if kind is not None:
        found = found.filter(kind=kind)
    return found.filter(title__icontains=text) if text else found


def get_for(actor: Actor, artifact_id: UUID) -> Artifact:
    """One artifact; NotFound for a stranger's."""
    actor.require(Scope.ARTIFACT_READ)
    found = shares.visible(actor, Artifact.objects.filter(id=artifact_id, latest_number__gt=0)).first()
    if found is None:
        raise NotFound("There is no such artifact.")
    return found


def get_version_for(actor: Actor, artifact_id: UUID, number: int | None = None) -> ArtifactVersion:
    """One version, the latest when `number` is None."""
    artifact = get_for(actor, artifact_id)
    wanted = artifact.latest_number if number is None else number
    found = ArtifactVersion.objects.select_related("artifact").filter(artifact_id=artifact.id, number=wanted).first()
    if found is None:
        raise NotFound(f"There is no version {wanted} of it.")
    return found


def list_versions(actor: Actor, artifact_id: UUID) -> QuerySet[ArtifactVersion]:
    """Versions without their content, newest first."""
    artifact = get_for(actor, artifact_id)
    return ArtifactVersion.objects.filter(artifact_id=artifact.id).defer("content").order_by("-number")


def lineage_of(actor: Actor, artifact_id: UUID) -> Graph:
    """The edges of an artifact's latest version, with what other artifacts make of it."""
    version = get_version_for(actor, artifact_id)
    own = list(LineageEdge.objects.filter(version_id=version.id)[:MAX_EDGES])
    node = (version.artifact.kind, str(artifact_id))
    return _graph([*own, *_downstream({node})])


def impact_of(actor: Actor, kind: NodeKind, ref: str) -> Graph:
    """Everything made from one point, step by step: what breaks when it goes."""
    actor.require(Scope.ARTIFACT_READ)
    return _graph(_downstream({(str(kind), ref)}))


def _downstream(start: set[tuple[str, str]]) -> list[LineageEdge]:
    """Edges reachable from `start`, breadth first; one query a level, each node once."""
    found: list[LineageEdge] = []
    seen, frontier = set(start), set(start)
    while frontier and len(found) < MAX_EDGES:
        at_frontier = Q()
        for kind, ref in frontier:
            at_frontier |= Q(source_kind=kind, source_ref=ref)
        edges = list(LineageEdge.objects.filter(at_frontier)[: MAX_EDGES - len(found)])
        found += edges
        frontier = {(edge.target_kind, edge.target_ref) for edge in edges} - seen
        seen |= frontier
    return found


def _graph(edges: Sequence[LineageEdge]) -> Graph:
    nodes: dict[tuple[str, str], str] = {}
    unique: dict[GraphEdge, None] = {}
    for edge in edges:
        source, target = (edge.source_kind, edge.source_ref), (edge.target_kind, edge.target_ref)
        nodes.setdefault(source, edge.source_label or edge.source_ref)
        nodes.setdefault(target, edge.target_label or edge.target_ref)
        unique[GraphEdge(source, target)] = None
    return Graph(nodes, tuple(unique))
