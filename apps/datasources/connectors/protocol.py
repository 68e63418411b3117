"""What every connector can do. Adding a type of datasource is one module that answers to this, and a registry line.

Errors leave a connector as `core.errors`: InvalidInput for SQL the engine refuses, Forbidden for missing rights,
QueryTimeout past the permit's limit, Upstream (transient) when the other side is out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable
from uuid import UUID

from apps.core.tenant import TenantRef
from apps.datasources.contracts import IntrospectedTable, ResultSet, TableShape, TestReport
from apps.policies.contracts import Estimate, Permit, TableRef, TableView
from apps.policies.enums import Dialect, TargetKind

TRIAL: Final = "trial-"


@dataclass(frozen=True, slots=True)
class Connection:
    """What a connector is built from: the published configuration, and a way to its secrets."""

    tenant: TenantRef
    datasource_id: UUID | None
    config: Mapping[str, Any]
    secrets: Mapping[str, str]
    secret_version: str = ""
    """Changes with every rotation, so that what is opened with an older secret is not used again; `trial-…` for a
    configuration or a secret that is only being tested: what was opened for it ends with `close`."""

    @property
    def is_trial(self) -> bool:
        """Whether this is a test of something not (yet) kept."""
        return self.secret_version.startswith(TRIAL)


class Connector(Protocol):
    """One datasource, opened. Cheap to build: expensive things are opened on first use and kept elsewhere."""

    type: str
    dialect: Dialect
    billed_by_bytes: bool
    simulated: bool

    @property
    def target(self) -> TargetKind:
        """What stands behind it, which decides whether executing is *real*."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever an answer may change; part of every cache key."""
        ...

    def validate(self) -> Sequence[str]:
        """Check the configuration without connecting; warnings are returned, faults raise InvalidInput."""
        ...

    def test(self) -> TestReport:
        """Connect and look around; never raises for what a person can put right."""
        ...

    def introspect(self, datasets: Sequence[str] | None = None) -> Sequence[IntrospectedTable]:
        """Tables and columns from metadata alone."""
        ...

    def table(self, ref: TableRef) -> TableView | None:
        """One table as the gate needs it, without protected columns; None when it does not exist."""
        ...

    def similar(self, ref: TableRef) -> Sequence[str]:
        """Existing names close to one that does not exist."""
        ...

    def dry_run(self, sql: str) -> Estimate:
        """What running `sql` would read."""
        ...

    def execute(self, permit: Permit, *, job_id: str) -> ResultSet:
        """Run exactly `permit.sql`, within its time, rows and bytes."""
        ...

    def cancel(self, job_id: str) -> bool:
        """Stop a running job; False when it is not known here."""
        ...

    def sample(self, ref: TableRef, *, rows: int) -> str:
        """The statement that draws a bounded sample; it goes through the gate like any other."""
        ...

    def close(self) -> None:
        """Let go of what was opened."""
        ...


@runtime_checkable
class Pooled(Protocol):
    """A connector whose connections outlive it."""

    def end(self) -> None:
        """Let go of them in this process; what is in use goes when it is given back."""
        ...


@runtime_checkable
class Shaped(Protocol):
    """A connector that knows more of its tables than their columns: views, partitions, system tables with values."""

    def shape(self, path: Sequence[str]) -> TableShape | None:
        """The table that a statement names by `path`; None for one that does not exist."""
        ...
