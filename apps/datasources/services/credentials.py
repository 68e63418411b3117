"""Changing a secret of a datasource while it is in use.

1. The new value is tried against the source, beside the kept ones, on connections of its own.  2. Only when the test
passes it becomes the next version, by compare and set: of two rotations at once the later is told.  3. From then on
every process opens new connections with it, because the version is part of a pool's name; what runs goes on. When the
test fails, or the process dies, nothing has changed: that is the rollback.
"""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.audit.services import trail
from apps.core import clock, redaction, tenant
from apps.core.actor import Actor
from apps.core.errors import Conflict, InvalidInput
from apps.core.permissions import Scope
from apps.datasources.connectors.protocol import Pooled
from apps.datasources.contracts import TestReport
from apps.datasources.enums import DatasourceStatus, EventKind
from apps.datasources.models import Datasource, DatasourceSecret
from apps.datasources.selectors import registry as reads
from apps.datasources.services import registry
from apps.policies.services.secrets import SecretsManager

LONGEST: Final = 65_536
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Rotated:
    """The secret as it is now, and the test its value passed."""

    secret: DatasourceSecret
    report: TestReport


def rotate(actor: Actor, datasource_id: UUID, key: str, value: str, *, expected: int | None = None) -> Rotated:
    """Make `value` the current version of the secret `key` (or its first). `expected` is the version the caller saw,
    0 for none. Raises InvalidInput, Conflict (archived, managed by ATOM, changed meanwhile) and Upstream when the
    source does not take the new value.
    """
    actor.require(Scope.DATASOURCE_ADMIN)
    datasource = reads.get_datasource_for(actor, datasource_id)
    redaction.remember(value, owner=tenant.require().id)
    _check(datasource, key, value)
    before = _version(datasource, key)
    if expected is not None and expected != before:
        raise _changed(before)
    report = _tried(actor, datasource, key, value)
    old = reads.opened(actor, datasource, _config(datasource))
    with trail.unit_of_work():
        row = _kept(actor, datasource, key, value, before)
        detail = {"key": key, "version": row.version}
        registry.happened(actor, datasource, EventKind.SECRET_ROTATED, f"“{key}” is at version {row.version}.", detail)
        trail.record(
            actor, "datasource.secret_rotated", object_type="datasource", object_id=datasource.id, summary=detail
        )
        if isinstance(old, Pooled):
            transaction.on_commit(old.end)
    return Rotated(row, report)


def reseal_all() -> int:
    """Seal the secrets of all datasources again under the newest data key (registered for rotations)."""
    manager, changed = SecretsManager(), 0
    for row in DatasourceSecret.objects.order_by("id").iterator(chunk_size=200):
        name = reads.secret_name(row.datasource_id, row.key)
        again = manager.resealed(name, row.version, bytes(row.encrypted_value))
        if again is not None:
            same = DatasourceSecret.objects.filter(id=row.id, encrypted_value=row.encrypted_value)
            changed += same.update(encrypted_value=again)
    return changed


def _check(datasource: Datasource, key: str, value: str) -> None:
    if not _KEY.fullmatch(key):
        raise InvalidInput("The name of a secret is a letter, then up to 63 letters, digits, “_” or “-”.")
    if not value or len(value) > LONGEST or "\0" in value:
        raise InvalidInput("The value of a secret is 1 to 65 536 characters, without NUL.")
    if datasource.status == DatasourceStatus.ARCHIVED:
        raise Conflict("This datasource is archived.", code="DATASOURCE_NOT_ACTIVE")
    if datasource.type == "sandbox" or (datasource.type == "postgres" and not _config(datasource).get("host")):
        raise Conflict("ATOM itself keeps and changes the login of this datasource.", code="SECRET_MANAGED")


def _config(datasource: Datasource) -> dict[str, object]:
    version = reads.current_version(datasource)
    return version.config if version else {}


def _version(datasource: Datasource, key: str) -> int:
    row = DatasourceSecret.objects.filter(datasource=datasource, key=key).values_list("version", flat=True).first()
    return row or 0


def _tried(actor: Actor, datasource: Datasource, key: str, value: str) -> TestReport:
    connector = reads.on_trial(actor, datasource, _config(datasource), {key: value})
    try:
        report = connector.test()
    finally:
        connector.close()
    if not report.passed:
        trail.record_refusal(
            actor, "datasource.secret_rotate", reason="test failed", object_type="datasource", object_id=datasource.id
        )
        raise registry.failed(report)
    return report


def _kept(actor: Actor, datasource: Datasource, key: str, value: str, before: int) -> DatasourceSecret:
    version = before + 1
    sealed = SecretsManager().seal(reads.secret_name(datasource.id, key), version, value)
    if not before:
        return _first(actor, datasource, key, sealed)
    same = DatasourceSecret.objects.filter(datasource=datasource, key=key, version=before)
    now = clock.now()
    if not same.update(encrypted_value=sealed, version=version, rotated_by=actor.id, rotated_at=now, updated_at=now):
        raise _changed(_version(datasource, key))
    return DatasourceSecret.objects.defer("encrypted_value").get(datasource=datasource, key=key)


def _first(actor: Actor, datasource: Datasource, key: str, sealed: bytes) -> DatasourceSecret:
    try:
        with transaction.atomic():
            return DatasourceSecret.objects.create(
                datasource=datasource, key=key, encrypted_value=sealed, created_by=actor.id
            )
    except IntegrityError:
        raise _changed(_version(datasource, key)) from None


def _changed(version: int) -> Conflict:
    return Conflict(
        "Somebody else changed this secret meanwhile.", code="VERSION_CONFLICT",
        next_steps=["Read the list of secrets and decide again."], extra={"version": version},
    )  # fmt: skip
