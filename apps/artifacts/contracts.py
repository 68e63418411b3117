"""What crosses the border of `artifacts`: lineage edges in, versions out. No Django here."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.artifacts.enums import NodeKind


@dataclass(frozen=True, slots=True)
class Node:
    """A point of the lineage graph. `ref` is stable across versions: an id, `dataset.table`, `dataset.table.column`."""

    kind: NodeKind
    ref: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` is made from `source`."""

    source: Node
    target: Node


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version as its owner gets it back; `is_new` is false when the content equalled the latest version."""

    artifact_id: UUID
    number: int
    sha256: str
    created_at: datetime
    is_new: bool
    content: dict[str, Any] = field(repr=False)
