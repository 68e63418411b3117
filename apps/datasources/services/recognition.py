"""Recognises personal data in tables of Postgres: when a statement first reads one, and every night.

Nothing tells ATOM that a table was made or filled, so a statement that reads one asks: unknown, changed or still nearly
empty tables are looked at before it runs. A look is one bounded sample through the gate, under the read-only role. A
table that cannot be looked at has its texts protected until it can. Values are counted and forgotten.
"""

import hashlib
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction

from apps.core import clock, tenant
from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.core.tenant import TenantRef
from apps.datasources.connectors.postgres.connector import PostgresConnector
from apps.datasources.contracts import TableShape
from apps.datasources.engine import postgres_samples
from apps.datasources.models import CatalogColumn, CatalogTable, Datasource
from apps.datasources.selectors import registry as reads
from apps.datasources.selectors.protected import UNRECOGNISED, ProtectedColumns
from apps.datasources.services import personal_data
from apps.policies.contracts import TableRef
from apps.policies.engine.pii.classify import classify_column
from apps.policies.engine.pii.verdict import RECOGNISER_VERSION, PiiVerdict
from apps.policies.enums import Dialect
from apps.realtime.services.publisher import publish
from apps.tenancy.services import wakeups

WAKEUP: Final = "datasources.recognise"
RIPE_ROWS: Final = 200
"""A table that gave fewer rows than this is looked at again when it is read next."""
YOUNG_SECONDS: Final = 30.0
log = structlog.get_logger(__name__)

_Key = tuple[UUID, str, str, str]
_looked: dict[_Key, float] = {}
_KEPT: Final = 20_000
_lock = Lock()


def prepared(actor: Actor, opened: reads.Opened, tables: Sequence[TableRef]) -> ProtectedColumns:
    """The protected columns of the datasource, once every table of the statement has been looked at."""
    connector = opened.connector
    if not isinstance(connector, PostgresConnector) or not tables:
        return opened.hidden
    shapes = _shapes(connector, tables)
    due = [shape for shape in shapes if _is_due(opened.id, shape)]
    if not due:
        return opened.hidden
    failed = [shape for shape in due if not _look(actor, opened.id, connector, shape)]
    hidden = reads.open_for(actor, opened.id).hidden
    return hidden.with_texts(_texts(failed)) if failed else hidden


def _shapes(connector: PostgresConnector, tables: Sequence[TableRef]) -> list[TableShape]:
    """The relations named, and the tables they are parts of."""
    found: dict[tuple[str, str], TableShape] = {}
    for ref in tables:
        shape = connector.shape((ref.dataset or "public", ref.name))
        for each in (shape, *(connector.shape(parent) for parent in (shape.parents if shape else ()))):
            if each is not None:
                found[each.dataset, each.name] = each
    return list(found.values())


def _signature(shape: TableShape) -> str:
    text = repr((shape.columns, shape.definition, RECOGNISER_VERSION))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _is_due(datasource_id: UUID, shape: TableShape) -> bool:
    """Whether it is new, changed, or was nearly empty a while ago. Remembered here, kept in the catalog."""
    key = (datasource_id, shape.dataset, shape.name, _signature(shape))
    if _looked.get(key, 0.0) > time.monotonic():
        return False
    row = CatalogTable.objects.filter(datasource_id=datasource_id, dataset=shape.dataset, name=shape.name).first()
    if row is None or row.profile.get("signature") != key[3] or row.profiled_at is None:
        return True
    ripe = int(row.profile.get("rows_seen", 0)) >= RIPE_ROWS
    if ripe or clock.now() - row.profiled_at < timedelta(seconds=YOUNG_SECONDS):
        _remember(key, ripe=ripe)
        return False
    return True


def _remember(key: _Key, *, ripe: bool) -> None:
    with _lock:
        if len(_looked) >= _KEPT:
            _looked.clear()
        _looked[key] = time.monotonic() + (3600.0 if ripe else YOUNG_SECONDS)


def _look(actor: Actor, datasource_id: UUID, connector: PostgresConnector, shape: TableShape) -> bool:
    """Sample what `actor` may see of a table and keep what was found; False when it cannot be read."""
    from apps.datasources.services import execution  # noqa: PLC0415 - execution asks here before it runs anything

    owner = tenant.require()
    estimate = next(
        (t.row_estimate for t in connector.tables() if (t.schema, t.name) == (shape.dataset, shape.name)), None
    )
    try:
        result = execution.run(
            actor, datasource_id, postgres_samples.statement(shape, estimate),
            max_rows=postgres_samples.ROWS, artifact_ref="recognition", recognition=True,
        ) if shape.columns else None  # fmt: skip
    except AtomError as error:
        log.warning("recognition.failed", table=f"{shape.dataset}.{shape.name}", code=error.code)
        return False
    rows = result.rows if result is not None else []
    values = postgres_samples.counted(rows, len(shape.columns))
    verdicts = {
        name: classify_column(name, postgres_samples.kind_of(type_), seen, table=shape.name, key=owner.id.bytes)
        for (name, type_), seen in zip(shape.columns, values, strict=True)
    }
    _store(datasource_id, shape, verdicts, len(rows))
    _remember((datasource_id, shape.dataset, shape.name, _signature(shape)), ripe=len(rows) >= RIPE_ROWS)
    return True


@transaction.atomic
def _store(datasource_id: UUID, shape: TableShape, verdicts: dict[str, PiiVerdict], rows: int) -> None:
    """Upserts, so that two who look at once agree."""
    now = clock.now()
    facts = {"signature": _signature(shape), "rows_seen": rows}
    table, created = CatalogTable.objects.update_or_create(
        datasource_id=datasource_id, dataset=shape.dataset, name=shape.name,
        defaults={"kind": shape.kind, "profile": facts, "profiled_at": now, "seen_at": now, "gone_at": None},
    )  # fmt: skip
    names = [name for name, _ in shape.columns]
    fresh = [
        CatalogColumn(table=table, name=name, position=at, type=type_, updated_at=now)
        for at, (name, type_) in enumerate(shape.columns)
    ]
    CatalogColumn.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["table", "name"], update_fields=["position", "type", "updated_at"]
    )
    CatalogColumn.objects.filter(table=table).exclude(name__in=names).delete()
    columns = {row.name: row for row in CatalogColumn.objects.select_for_update().filter(table=table).order_by("id")}
    before = {name for name, row in columns.items() if row.protected_as}
    personal_data.write(columns, personal_data.kept(columns, verdicts))
    CatalogColumn.objects.bulk_update(columns.values(), ["pii_kind", "pii_tier", "pii_evidence", "pii_conflict"])
    found = sum(1 for row in columns.values() if row.protected_as and row.name not in before)
    if created:
        wakeups.schedule(WAKEUP, _next_night(now))
    if found:
        transaction.on_commit(lambda: _notify(shape.name, found))


def _notify(table: str, found: int) -> None:
    owner = tenant.require()
    message = {
        "title": f"{found} columns of {table} protected as personal data", "message": "", "level": "info",
        "url": f"/t/{owner.slug}/data/pii/",
    }  # fmt: skip
    publish(owner.id, "notifications", message)


def _texts(failed: Sequence[TableShape]) -> dict[tuple[str, str, str], str]:
    return {
        (shape.dataset.lower(), shape.name.lower(), name.lower()): UNRECOGNISED
        for shape in failed
        for name, type_ in shape.columns
        if postgres_samples.kind_of(type_) == "STRING"
    }


def _next_night(now: datetime) -> datetime:
    """Three in the morning (UTC), spread over an hour by tenant."""
    minute = tenant.require().id.int % 60
    night = now.replace(hour=3, minute=minute, second=0, microsecond=0)
    return night if night > now else night + timedelta(days=1)


def nightly(_ref: str, owner: TenantRef) -> None:
    """Handler of the wake-up `datasources.recognise`: every table of every Postgres datasource again."""
    system = Actor.system(owner, "recognition")
    for datasource_id in (
        Datasource.objects.standing().filter(type="postgres", status="active").values_list("id", flat=True)
    ):
        opened = reads.open_for(system, datasource_id)
        connector = opened.connector
        if not isinstance(connector, PostgresConnector) or connector.dialect is not Dialect.POSTGRES:
            continue
        try:
            shapes = connector.structure(fresh=True).tables.values()
        except AtomError as error:
            log.warning("recognition.failed", datasource=str(datasource_id), code=error.code)
            continue
        for shape in shapes:
            _look(system, datasource_id, connector, shape)
        names = {(shape.dataset, shape.name) for shape in shapes}
        gone = [
            t.id
            for t in CatalogTable.objects.present().filter(datasource_id=datasource_id)
            if (t.dataset, t.name) not in names
        ]
        CatalogTable.objects.filter(id__in=gone).update(gone_at=clock.now())
    wakeups.schedule(WAKEUP, _next_night(clock.now()))


def forget() -> None:
    """Drop what this process remembers."""
    _looked.clear()
