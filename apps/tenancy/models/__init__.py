"""Models of the tenancy app, all in `public`."""

from apps.tenancy.models.factors import ExternalIdentity, RecoveryCode, SecondFactor, SignInProvider
from apps.tenancy.models.gate_checks import GateCheck
from apps.tenancy.models.grants import ObjectGrant, RestrictedObject
from apps.tenancy.models.letters import Invitation, Letter
from apps.tenancy.models.logins import ApiLogin, PageSession, PersonalToken, RefreshToken, SecurityEvent
from apps.tenancy.models.people import Membership, User
from apps.tenancy.models.purges import Purge
from apps.tenancy.models.tenants import Domain, SchemaScript, SchemaStatus, SlugAlias, Tenant
from apps.tenancy.models.usage import Subscription, UsageDay, UsageMonth
from apps.tenancy.models.wakeups import Wakeup

__all__ = [
    "ApiLogin",
    "Domain",
    "ExternalIdentity",
    "GateCheck",
    "Invitation",
    "Letter",
    "Membership",
    "ObjectGrant",
    "PageSession",
    "PersonalToken",
    "Purge",
    "RecoveryCode",
    "RefreshToken",
    "RestrictedObject",
    "SchemaScript",
    "SchemaStatus",
    "SecondFactor",
    "SecurityEvent",
    "SignInProvider",
    "SlugAlias",
    "Subscription",
    "Tenant",
    "UsageDay",
    "UsageMonth",
    "User",
    "Wakeup",
]
