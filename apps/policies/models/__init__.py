"""Tables of `policies`; all live in the tenant's schema."""

from apps.policies.models.approval import Approval, ApprovalState
from apps.policies.models.cost import CostEstimate, LedgerEntry, LedgerState
from apps.policies.models.secrets import Secret, TenantKey
from apps.policies.models.settings import PolicySettings

__all__ = [
    "Approval",
    "ApprovalState",
    "CostEstimate",
    "LedgerEntry",
    "LedgerState",
    "PolicySettings",
    "Secret",
    "TenantKey",
]
