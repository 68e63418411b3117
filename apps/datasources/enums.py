"""The closed vocabularies of the registry and the sandbox warehouse."""

from enum import StrEnum


class DatasourceType(StrEnum):
    """What stands behind a datasource."""

    SANDBOX = "sandbox"
    POSTGRES = "postgres"
    BIGQUERY = "bigquery"


class DatasourceStatus(StrEnum):
    """Life of a datasource; `services.registry` knows the allowed transitions."""

    DRAFT = "draft"
    ACTIVE = "active"
    DISABLED = "disabled"
    DISCONNECTED = "disconnected"
    ARCHIVED = "archived"


class VersionState(StrEnum):
    """Life of one version of a datasource's configuration."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class ApprovalState(StrEnum):
    """Whether publishing a version waits for somebody."""

    NONE = "none"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class EventKind(StrEnum):
    """What happened to a datasource."""

    CREATED = "created"
    UPDATED = "updated"
    PUBLISHED = "published"
    ROLLED_BACK = "rolled_back"
    TESTED = "tested"
    STARTED = "started"
    STOPPED = "stopped"
    ERROR = "error"
    SECRET_ROTATED = "secret_rotated"  # noqa: S105 - a kind of event
    ARCHIVED = "archived"


class LoadMode(StrEnum):
    """What an upload does to a table of that name."""

    NEW = "new"
    REPLACE = "replace"
    APPEND = "append"


class TableOrigin(StrEnum):
    """Where the rows of a sandbox table came from."""

    DEMO = "demo"
    UPLOAD = "upload"


class UploadState(StrEnum):
    """Life of an uploaded file."""

    STAGED = "staged"
    LOADED = "loaded"
    FAILED = "failed"


class UploadFormat(StrEnum):
    """What a file is read as."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
