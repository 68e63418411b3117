"""Models of the tenancy app, all in `public`."""

from apps.tenancy.models.people import Membership, RefreshToken, User
from apps.tenancy.models.tenants import Domain, SchemaScript, SchemaStatus, Tenant
from apps.tenancy.models.wakeups import Wakeup

__all__ = [
    "Domain",
    "Membership",
    "RefreshToken",
    "SchemaScript",
    "SchemaStatus",
    "Tenant",
    "User",
    "Wakeup",
]
