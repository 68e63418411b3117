"""Who acts: resolved once at the door from the verified token or session, then passed on as a value."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from apps.core.errors import Forbidden
from apps.core.permissions import ROLE_SCOPES, Role
from apps.core.tenant import TenantRef


class ActorKind(StrEnum):
    """What kind of caller this is."""

    USER = "user"
    TOKEN = "token"  # noqa: S105 - a kind of caller
    SYSTEM = "system"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Actor:
    """A caller inside one tenant (or, for operators and the platform, none)."""

    id: UUID | None
    tenant: TenantRef | None
    email: str
    name: str
    role: Role
    scopes: frozenset[str]
    kind: ActorKind = ActorKind.USER
    request_id: str = ""
    address: str = ""
    by_provider: bool = False  # a tenant's own sign-in vouched for them: worth nothing outside that tenant

    @classmethod
    def system(cls, tenant: TenantRef | None, name: str = "scheduler", request_id: str = "") -> "Actor":
        """The platform acting for a tenant: an admin's scopes, no person."""
        scopes = frozenset(ROLE_SCOPES[Role.ADMIN])
        return cls(None, tenant, "", name, Role.ADMIN, scopes, ActorKind.SYSTEM, request_id)

    @property
    def person_id(self) -> UUID:
        """Id of the person who acts; raises Forbidden for the platform."""
        if self.id is None:
            raise Forbidden("Only a person may do this.", code="PERSON_NEEDED")
        return self.id

    @property
    def tenant_id(self) -> UUID:
        """Id of the tenant acted in; raises Forbidden outside one."""
        if self.tenant is None:
            raise Forbidden("This happens inside a workspace.", code="TENANT_NEEDED")
        return self.tenant.id

    def has(self, scope: str) -> bool:
        """Whether the caller holds `scope`."""
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Raise Forbidden unless the caller holds `scope`."""
        if scope not in self.scopes:
            raise Forbidden(
                f"Your role ({self.role}) does not include “{scope}”.",
                next_steps=["Ask an admin of this tenant for a role that includes it."],
                extra={"required_scope": str(scope)},
            )

    def with_request(self, request_id: str) -> "Actor":
        """The same caller, in another request."""
        return replace(self, request_id=request_id)
