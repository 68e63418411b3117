"""Who may do what: the one table of roles and scopes (rendered into docs/rbac.md)."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """A member's role in one tenant, widest first."""

    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Scope(StrEnum):
    """A permission, named `<noun>:<verb>`."""

    QUERIES_RUN = "queries:run"
    QUERIES_APPROVE = "queries:approve"
    APPROVALS_READ = "approvals:read"
    PII_READ = "pii:read"
    PII_REVIEW = "pii:review"
    DATASOURCE_ADMIN = "datasource:admin"
    DATASOURCE_OPERATOR = "datasource:operator"
    DATASOURCE_VIEWER = "datasource:viewer"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    CATALOG_PROFILE = "catalog:profile"
    DASHBOARD_READ = "dashboard:read"
    DASHBOARD_GENERATE = "dashboard:generate"
    DASHBOARD_WRITE = "dashboard:write"
    MEMO_READ = "memo:read"
    MEMO_GENERATE = "memo:generate"
    ARTIFACT_READ = "artifact:read"
    FEEDBACK_WRITE = "feedback:write"
    WORKFLOW_READ = "workflow:read"
    WORKFLOW_OPERATE = "workflow:operate"
    STUDIO_READ = "studio:read"
    STUDIO_WRITE = "studio:write"
    STORAGE_READ = "storage:read"
    STORAGE_WRITE = "storage:write"
    REALTIME_SUBSCRIBE = "realtime:subscribe"
    REALTIME_PUBLISH = "realtime:publish"
    AUDIT_READ = "audit:read"
    MEMBERS_READ = "members:read"
    MEMBERS_MANAGE = "members:manage"
    SETTINGS_MANAGE = "settings:manage"
    TENANT_MANAGE = "tenant:manage"


_VIEWER: Final = frozenset(
    {
        Scope.DATASOURCE_VIEWER,
        Scope.CATALOG_READ,
        Scope.DASHBOARD_READ,
        Scope.MEMO_READ,
        Scope.ARTIFACT_READ,
        Scope.FEEDBACK_WRITE,
        Scope.WORKFLOW_READ,
        Scope.STUDIO_READ,
        Scope.STORAGE_READ,
        Scope.REALTIME_SUBSCRIBE,
    }
)
_MEMBER: Final = _VIEWER | {
    Scope.QUERIES_RUN,
    Scope.APPROVALS_READ,
    Scope.DATASOURCE_OPERATOR,
    Scope.CATALOG_WRITE,
    Scope.CATALOG_PROFILE,
    Scope.DASHBOARD_GENERATE,
    Scope.DASHBOARD_WRITE,
    Scope.MEMO_GENERATE,
    Scope.WORKFLOW_OPERATE,
    Scope.STUDIO_WRITE,
    Scope.STORAGE_WRITE,
    Scope.REALTIME_PUBLISH,
    Scope.MEMBERS_READ,
    Scope.PII_REVIEW,
}
# An admin has every scope but clear-text PII, which is granted to a person, never to a role.
_ADMIN: Final = frozenset(Scope) - {Scope.PII_READ}

ROLE_SCOPES: Final = MappingProxyType({Role.ADMIN: _ADMIN, Role.MEMBER: frozenset(_MEMBER), Role.VIEWER: _VIEWER})
_RANK: Final = MappingProxyType({Role.VIEWER: 0, Role.MEMBER: 1, Role.ADMIN: 2})


def narrowed(role: Role, wish: str) -> Role:
    """The weaker of `role` and the role named by `wish`: a header may narrow, never widen."""
    try:
        wanted = Role(wish)
    except ValueError:
        return role
    return wanted if _RANK[wanted] < _RANK[role] else role


def scopes_of(role: Role, granted: frozenset[str] = frozenset()) -> frozenset[str]:
    """Scopes of a role plus those granted to the person (only known ones count)."""
    return frozenset(ROLE_SCOPES[role]) | (granted & frozenset(Scope))
