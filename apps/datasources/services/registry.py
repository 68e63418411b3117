"""Changes of the registry: create, edit, test, connect, archive. Versions that were published never change."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import jsonschema_rs
from django.db import IntegrityError, transaction

from apps.audit.services import outbox, trail
from apps.core import clock, redaction, tenant
from apps.core.actor import Actor
from apps.core.errors import Conflict, InvalidInput, Upstream
from apps.core.ids import new_id
from apps.core.permissions import Scope
from apps.datasources.connectors.protocol import TRIAL, Connection
from apps.datasources.contracts import TestReport
from apps.datasources.enums import DatasourceStatus, EventKind, VersionState
from apps.datasources.models import Datasource, DatasourceEvent, DatasourceSecret, DatasourceState, DatasourceVersion
from apps.datasources.registry import kind_of, open_connector
from apps.datasources.selectors import registry as reads
from apps.policies.services.secrets import SecretsManager
from apps.realtime.services.publisher import publish

TRANSITIONS: Mapping[DatasourceStatus, frozenset[DatasourceStatus]] = {
    DatasourceStatus.DRAFT: frozenset({DatasourceStatus.ACTIVE, DatasourceStatus.ARCHIVED}),
    DatasourceStatus.ACTIVE: frozenset(
        {DatasourceStatus.DISABLED, DatasourceStatus.DISCONNECTED, DatasourceStatus.ARCHIVED}
    ),
    DatasourceStatus.DISABLED: frozenset({DatasourceStatus.ACTIVE, DatasourceStatus.ARCHIVED}),
    DatasourceStatus.DISCONNECTED: frozenset({DatasourceStatus.ACTIVE, DatasourceStatus.ARCHIVED}),
    DatasourceStatus.ARCHIVED: frozenset(),
}


def create_draft(
    actor: Actor,
    *,
    name: str,
    type_name: str,
    config: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
    description: str = "",
    tags: Sequence[str] = (),
    project: str = "",
    comment: str = "",
) -> Datasource:
    """A datasource with version 1 as a draft. Raises Conflict when the name is taken, InvalidInput on a bad config."""
    actor.require(Scope.DATASOURCE_ADMIN)
    check_config(type_name, config)
    with trail.unit_of_work():
        datasource = _inserted(
            Datasource(
                name=_clean_name(name), type=type_name, description=description, owner_id=actor.id, tags=list(tags),
                project=project,
            )
        )  # fmt: skip
        DatasourceVersion.objects.create(
            datasource=datasource, number=1, config=dict(config), comment=comment, created_by=actor.id
        )
        DatasourceState.objects.create(datasource=datasource)
        _store_secrets(actor, datasource, secrets or {})
        happened(actor, datasource, EventKind.CREATED, f"Created as a draft of type {type_name}.")
        _audit(actor, datasource, "created", {"name": datasource.name, "type": type_name})
    return datasource


def check_config(type_name: str, config: Mapping[str, Any]) -> None:
    """Against the JSON Schema of the type; raises InvalidInput with one row per fault."""
    validator = jsonschema_rs.validator_for(dict(kind_of(type_name).schema))
    errors = [
        {"field": ".".join(str(part) for part in error.instance_path) or "config", "message": error.message}
        for error in validator.iter_errors(dict(config))
    ]
    if errors:
        raise InvalidInput("The configuration does not fit this type of datasource.", extra={"errors": errors})


def try_config(
    actor: Actor, *, type_name: str, config: Mapping[str, Any], secrets: Mapping[str, str] | None = None
) -> TestReport:
    """Test a configuration nobody has saved yet; nothing is stored."""
    actor.require(Scope.DATASOURCE_OPERATOR)
    check_config(type_name, config)
    owner = tenant.require()
    redaction.remember(*(secrets or {}).values(), owner=owner.id)
    connector = open_connector(type_name, Connection(owner, None, config, secrets or {}, f"{TRIAL}{new_id()}"))
    try:
        connector.validate()
        return connector.test()
    finally:
        connector.close()


def connect(
    actor: Actor,
    *,
    name: str,
    type_name: str,
    config: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
    description: str = "",
    tags: Sequence[str] = (),
) -> tuple[Datasource, TestReport]:
    """Test first, then save and publish version 1. A failed test raises Upstream with its steps and saves nothing."""
    actor.require(Scope.DATASOURCE_ADMIN)
    _refuse_taken(_clean_name(name))
    report = try_config(actor, type_name=type_name, config=config, secrets=secrets)
    if not report.passed:
        trail.record_refusal(actor, "datasource.connect", reason="test failed", object_type="datasource")
        raise failed(report)
    with trail.unit_of_work():
        datasource = create_draft(
            actor, name=name, type_name=type_name, config=config, secrets=secrets, description=description, tags=tags,
            comment="Connected",
        )  # fmt: skip
        publish_version(actor, datasource, 1)
    return datasource, report


def failed(report: TestReport) -> Upstream:
    """The error that tells at which step a test failed."""
    broken = next(step for step in report.steps if not step.passed)
    steps = [{"name": step.name, "passed": step.passed, "message": step.message} for step in report.steps]
    return Upstream(f"The test failed at “{broken.name}”: {broken.message}", code="TEST_FAILED", extra={"steps": steps})


def publish_version(actor: Actor, datasource: Datasource, number: int) -> None:
    """Make a version the current one; the datasource becomes active."""
    actor.require(Scope.DATASOURCE_ADMIN)
    with trail.unit_of_work():
        locked = Datasource.objects.select_for_update().get(id=datasource.id)
        version = locked.versions.filter(number=number).first()
        if version is None:
            raise InvalidInput(f"There is no version {number}.")
        before = locked.state.current_version
        locked.versions.filter(state=VersionState.PUBLISHED).exclude(number=number).update(state=VersionState.ARCHIVED)
        version.state = VersionState.PUBLISHED
        version.save(update_fields=["state", "updated_at"])
        DatasourceState.objects.filter(datasource=locked).update(
            current_version=number, status="ok", last_heartbeat=clock.now(), error_code="", error_message=""
        )
        if locked.status != DatasourceStatus.ACTIVE:
            _move(locked, DatasourceStatus.ACTIVE)
        happened(actor, locked, EventKind.PUBLISHED, f"Version {number} is live.", {"before": before})
        _audit(actor, locked, "published", {"version": number, "before": before})
        outbox.announce(
            "datasource.published", {"datasource_id": str(locked.id), "version": number, "type": locked.type}
        )
    datasource.refresh_from_db()


def update_draft(actor: Actor, datasource_id: UUID, *, changes: Mapping[str, Any]) -> Datasource:
    """Change name, description, tags or project. Raises NotFound, Conflict on a taken name."""
    actor.require(Scope.DATASOURCE_ADMIN)
    datasource = reads.get_datasource_for(actor, datasource_id)
    with trail.unit_of_work():
        before = {name: getattr(datasource, name) for name in changes}
        for name, value in changes.items():
            setattr(datasource, name, _clean_name(value) if name == "name" else value)
        _inserted(datasource)
        happened(actor, datasource, EventKind.UPDATED, f"Changed {', '.join(changes)}.")
        _audit(actor, datasource, "updated", {"before": before, "after": dict(changes)})
    return datasource


def test(actor: Actor, datasource_id: UUID) -> TestReport:
    """Test the current version; the outcome becomes the datasource's light."""
    actor.require(Scope.DATASOURCE_OPERATOR)
    datasource = reads.get_datasource_for(actor, datasource_id)
    version = reads.current_version(datasource)
    connector = reads.opened(actor, datasource, version.config if version else {})
    try:
        report = connector.test()
    finally:
        connector.close()
    broken = next((step for step in report.steps if not step.passed), None)
    with trail.unit_of_work():
        DatasourceState.objects.filter(datasource=datasource).update(
            status="ok" if report.passed else "error",
            last_heartbeat=clock.now(),
            last_event=EventKind.TESTED,
            error_code="TEST_FAILED" if broken else "",
            error_message=broken.message if broken else "",
        )
        happened(actor, datasource, EventKind.TESTED, broken.message if broken else "All steps passed.")
        _audit(actor, datasource, "tested", {"passed": report.passed})
    return report


def archive(actor: Actor, datasource_id: UUID) -> Datasource:
    """Take a datasource out of use; its history stays."""
    actor.require(Scope.DATASOURCE_ADMIN)
    reads.get_datasource_for(actor, datasource_id)
    with trail.unit_of_work():
        locked = Datasource.objects.select_for_update().get(id=datasource_id)
        _move(locked, DatasourceStatus.ARCHIVED)
        happened(actor, locked, EventKind.ARCHIVED, "Archived.")
        _audit(actor, locked, "archived", {"name": locked.name})
        outbox.announce("datasource.archived", {"datasource_id": str(locked.id)})
    return locked


def _move(datasource: Datasource, to: DatasourceStatus) -> None:
    if to not in TRANSITIONS[DatasourceStatus(datasource.status)]:
        raise Conflict(f"A datasource that is {datasource.status} cannot become {to.value}.", code="BAD_TRANSITION")
    datasource.status = to
    datasource.save(update_fields=["status", "updated_at"])


def _inserted(datasource: Datasource) -> Datasource:
    try:
        with transaction.atomic():
            datasource.save()
    except IntegrityError as error:
        raise _taken(datasource.name) from error
    return datasource


def _refuse_taken(name: str) -> None:
    if Datasource.objects.standing().filter(name__iexact=name).exists():
        raise _taken(name)


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a datasource called “{name}” already.", code="NAME_TAKEN")


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= 120:
        raise InvalidInput("A datasource needs a name of 1 to 120 characters.")
    return cleaned


def _store_secrets(actor: Actor, datasource: Datasource, secrets: Mapping[str, str]) -> None:
    for key, value in secrets.items():
        sealed = SecretsManager().seal(reads.secret_name(datasource.id, key), 1, value)
        DatasourceSecret.objects.create(datasource=datasource, key=key, encrypted_value=sealed, created_by=actor.id)


def happened(
    actor: Actor, datasource: Datasource, kind: EventKind, message: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Write an event of a datasource, and tell the pages that look at it after commit."""
    event = DatasourceEvent.objects.create(
        datasource=datasource, kind=kind, message=message, detail=dict(detail or {}), actor_id=actor.id
    )
    owner = tenant.require()
    body = {"kind": kind.value, "message": message, "status": datasource.status, "at": event.created_at.isoformat()}
    transaction.on_commit(lambda: publish(owner.id, f"datasource.{datasource.id}", body))


def _audit(actor: Actor, datasource: Datasource, what: str, summary: Mapping[str, Any]) -> None:
    trail.record(actor, f"datasource.{what}", object_type="datasource", object_id=datasource.id, summary=dict(summary))
