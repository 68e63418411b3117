"""Models of the tenancy app, all in `public`."""

from apps.tenancy.models.gate_checks import GateCheck
from apps.tenancy.models.people import Membership, RefreshToken, User
from apps.tenancy.models.purges import Purge
from apps.tenancy.models.tenants import Domain, SchemaScript, SchemaStatus, SlugAlias, Tenant
from apps.tenancy.models.usage import Subscription, UsageDay, UsageMonth
from apps.tenancy.models.wakeups import Wakeup

__all__ = [
    "Domain",
    "GateCheck",
    "Membership",
    "Purge",
    "RefreshToken",
    "SchemaScript",
    "SchemaStatus",
    "SlugAlias",
    "Subscription",
    "Tenant",
    "UsageDay",
    "UsageMonth",
    "User",
    "Wakeup",
]
