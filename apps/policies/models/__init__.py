"""Tables of `policies`; all live in the tenant's schema."""

from apps.policies.models.approval import Approval, ApprovalEvent, ApprovalState
from apps.policies.models.cost import CostEstimate, LedgerEntry, LedgerState
from apps.policies.models.permits import PermitUse
from apps.policies.models.secrets import Secret, TenantKey
from apps.policies.models.settings import PolicySettings, PolicyVersion

__all__ = [
    "Approval",
    "ApprovalEvent",
    "ApprovalState",
    "CostEstimate",
    "LedgerEntry",
    "LedgerState",
    "PermitUse",
    "PolicySettings",
    "PolicyVersion",
    "Secret",
    "TenantKey",
]
