"""The environment, typed and validated once at start; a bad value stops the start with one line that names it."""

import base64
import os
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from atom_project import mail
from atom_project.runtime import environment

ROOT = Path(__file__).resolve().parent.parent


_MASTER_KEY_REFERENCE: Final = re.compile(
    r"^(?:hashivault://[\w.-]+|gcpkms://projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+)$"
)


class Profile(StrEnum):
    """How this installation runs: everything embedded, the test suite, or real servers."""

    EMBEDDED = "embedded"
    TEST = "test"
    PRODUCTION = "production"


class Config(BaseSettings):
    """Every environment variable ATOM reads (docs/runtime-flags.md lists them)."""

    model_config = SettingsConfigDict(extra="ignore", case_sensitive=False)

    profile: Profile = Field(Profile.EMBEDDED, alias="ATOM_PROFILE")
    postgres_dsn: SecretStr = SecretStr("")
    postgres_admin_dsn: SecretStr = SecretStr("")
    redis_url: SecretStr = SecretStr("")
    kafka_url: str = ""
    minio_endpoint: str = ""
    minio_access_key: SecretStr = SecretStr("")
    minio_secret_key: SecretStr = SecretStr("")
    vault_addr: str = ""
    vault_token: SecretStr = SecretStr("")
    vault_transit_mount: str = "transit"
    vault_kv_mount: str = "secret"
    cosign_key_path: str = ""
    cosign_password: SecretStr = SecretStr("")
    cosign_trusted_keys: str = ""
    prom_url: str = ""
    loki_url: str = ""
    openai_key: SecretStr = SecretStr("")
    openai_base_url: str = ""
    openai_model: str = ""
    jwt_secret: SecretStr = SecretStr("")
    jwt_algorithm: Literal["HS256", "RS256", "ES256"] = "HS256"
    jwt_private_key: SecretStr = SecretStr("")
    jwt_private_key_path: Path | None = None
    jwt_previous_keys_path: Path | None = None
    jwt_previous_secret: SecretStr = SecretStr("")
    jwt_issuer: str = Field("atom", min_length=1)
    jwt_audience: str = Field("atom", min_length=1)
    atom_master_key: SecretStr = SecretStr("")
    atom_master_key_previous: SecretStr = SecretStr("")
    atom_demo_password: SecretStr = SecretStr("")
    simulation_mode: bool = False
    allow_real_query_execution: bool | None = None
    bigquery_mock_mode: bool = True
    bigquery_project_id: str = ""
    metabase_mock_mode: bool = True
    metabase_url: str = ""
    metabase_api_key: SecretStr = SecretStr("")
    run_startup_connection_tests: bool = False
    port: int = Field(8000, ge=1, le=65535)
    metrics_port: int = Field(0, ge=0, le=65535)
    metrics_token: SecretStr = SecretStr("")
    public_base_url: str = ""
    allowed_hosts: str = ""
    email_url: str = ""
    dns_server: str = Field("", pattern=r"^$|^.+:\d{1,5}$", alias="ATOM_DNS_SERVER")
    log_dir: Path | None = None
    log_level: str = "INFO"
    state_dir: Path = Field(ROOT / ".atom", alias="ATOM_STATE_DIR")
    process: str = Field("manage", alias="ATOM_PROCESS")
    web_threads: int = Field(16, ge=1, le=200, alias="ATOM_WEB_THREADS")
    database_pool_size: int = Field(20, ge=2, le=200, alias="ATOM_DATABASE_POOL_SIZE")
    worker_concurrency: int = Field(4, ge=1, le=64, alias="ATOM_WORKER_CONCURRENCY")
    warehouse_upload_limit_mb: int = Field(2048, ge=1, alias="ATOM_UPLOAD_LIMIT_MB")

    @field_validator("atom_master_key", "atom_master_key_previous")
    @classmethod
    def _master_keys_are_readable(cls, value: SecretStr) -> SecretStr:
        for text in filter(None, value.get_secret_value().split(",")):
            if not _MASTER_KEY_REFERENCE.match(text.strip()) and len(_decoded(text)) != 32:
                raise ValueError(
                    "must be 32 bytes in base64, hashivault://<key> or gcpkms://projects/…/cryptoKeys/<key>"
                )
        return value

    @field_validator("atom_master_key")
    @classmethod
    def _master_key_is_one(cls, value: SecretStr) -> SecretStr:
        if "," in value.get_secret_value():
            raise ValueError("must be one key; further ones go to ATOM_MASTER_KEY_PREVIOUS")
        return value

    @field_validator("postgres_dsn", "postgres_admin_dsn")
    @classmethod
    def _is_postgres(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and not text.startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return value

    @field_validator("email_url")
    @classmethod
    def _email_url_can_be_read(cls, value: str) -> str:
        mail.settings_of(value, state_dir=ROOT)
        return value

    @model_validator(mode="after")
    def _public_keys_have_their_private_key(self) -> Self:
        given = self.jwt_private_key.get_secret_value() or self.jwt_private_key_path
        if self.jwt_algorithm != "HS256" and not given:
            raise ValueError(f"JWT_ALGORITHM={self.jwt_algorithm} needs JWT_PRIVATE_KEY or JWT_PRIVATE_KEY_PATH")
        return self

    @model_validator(mode="after")
    def _real_execution_is_consistent(self) -> Self:
        if not self.allow_real_query_execution:
            return self
        if self.simulation_mode:
            raise ValueError("SIMULATION_MODE=true and ALLOW_REAL_QUERY_EXECUTION=true exclude each other")
        if self.bigquery_mock_mode or not self.bigquery_project_id:
            raise ValueError("ALLOW_REAL_QUERY_EXECUTION=true needs BIGQUERY_MOCK_MODE=false and BIGQUERY_PROJECT_ID")
        if not self.metabase_mock_mode and not (self.metabase_url and self.metabase_api_key.get_secret_value()):
            raise ValueError("a live Metabase needs METABASE_URL and METABASE_API_KEY")
        return self

    @model_validator(mode="after")
    def _production_is_explicit(self) -> Self:
        if self.profile is not Profile.PRODUCTION:
            return self
        required = ("postgres_dsn", "redis_url", "jwt_secret", "atom_master_key")
        missing = [name.upper() for name in required if not getattr(self, name).get_secret_value()]
        if self.allow_real_query_execution is None:
            missing.append("ALLOW_REAL_QUERY_EXECUTION")
        if missing:
            raise ValueError(f"the production profile needs {', '.join(missing)}")
        return self

    def secret_values(self) -> tuple[str, ...]:
        """Every configured value that must never be read anywhere: secrets, and passwords inside addresses."""
        found: list[str] = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                found += [value.get_secret_value(), *value.get_secret_value().split(",")]
            texts = [value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")]
            found += [part for text in texts for part in _passwords(text)]
        return tuple(value for value in dict.fromkeys(found) if value)

    @property
    def env(self) -> str:
        """`LIVE` only in the production profile with simulation off, else `SIM`."""
        return "LIVE" if self.profile is Profile.PRODUCTION and not self.simulation_mode else "SIM"

    @property
    def real_execution(self) -> bool:
        """Whether ALLOW_REAL_QUERY_EXECUTION is set and true."""
        return bool(self.allow_real_query_execution)

    @property
    def base_url(self) -> str:
        """Address of this installation as people reach it, without a trailing slash."""
        return (self.public_base_url or f"http://127.0.0.1:{self.port}").rstrip("/")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError:
        return b""


def _passwords(text: str) -> list[str]:
    if "://" not in text:
        return []
    try:
        password = urlsplit(text).password
    except ValueError:
        return []
    return [password, unquote(password)] if password else []


def describe(error: ValidationError) -> str:
    """One line that names each bad variable, never its value."""
    parts = []
    for item in error.errors(include_input=False, include_url=False):
        name = ".".join(str(part) for part in item["loc"]).upper()
        message = item["msg"].removeprefix("Value error, ")
        parts.append(f"{name}: {message}" if name else message)
    return "configuration: " + "; ".join(parts)


def load() -> Config:
    """Read the environment (the embedded profile fills what is missing); exits with status 2 on a bad value."""
    try:
        if os.environ.get("ATOM_PROFILE", "embedded") != Profile.PRODUCTION:
            environment.load()
        return Config()
    except ValidationError as error:
        sys.stderr.write(describe(error) + "\n")
        raise SystemExit(2) from None


config = load()
