"""Closed sets of words of the tenancy app."""

from enum import StrEnum


class TenantStatus(StrEnum):
    """Life of a tenant; only ACTIVE ones can be entered."""

    PROVISIONING = "provisioning"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    PURGING = "purging"
    FAILED = "failed"


class PurgeState(StrEnum):
    """How far a purge is; each step may be repeated."""

    ASKED = "asked"
    STOPPING = "stopping"
    REMOVING = "removing"
    VERIFYING = "verifying"
    DONE = "done"
    FAILED = "failed"


class Theme(StrEnum):
    """How pages look to a person."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"
