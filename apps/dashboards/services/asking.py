"""Asking the warehouse: every query of a dashboard or memo goes through here, and from here through the gate.

Several questions are asked side by side, each in a copy of the caller's context, so tenant and actor travel along.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection

from apps.core.actor import Actor
from apps.core.errors import AtomError
from apps.dashboards.engine import query
from apps.datasources.services import execution
from apps.policies.enums import Purpose

AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Question:
    """A query (BigQuery text) under a name; `artifact_ref` says in the ledger what it was asked for."""

    ref: str
    sql: str
    artifact_ref: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Rows by column name, and where they came from."""

    rows: list[dict[str, Any]]
    sql: str
    query_hash: str
    estimated_bytes: int
    estimated_usd: str
    bytes_billed: int | None
    duration_ms: float
    cache_hit: bool
    simulated: bool
    warnings: tuple[str, ...]


def ask(actor: Actor, datasource_id: UUID, question: Question) -> Reply:
    """Run one query through the gate; raises what execution raises."""
    found = execution.run(actor, datasource_id, question.sql, purpose=Purpose.READ, artifact_ref=question.artifact_ref)
    names = [column.name for column in found.columns]
    return Reply(
        rows=[dict(zip(names, row, strict=True)) for row in found.rows],
        sql=query.laid_out(found.final_sql),
        query_hash=found.query_hash,
        estimated_bytes=found.estimate.bytes,
        estimated_usd=str(found.estimate.usd),
        bytes_billed=found.bytes_billed,
        duration_ms=found.duration_ms,
        cache_hit=found.cache_hit,
        simulated=found.simulated,
        warnings=tuple(found.warnings),
    )


def ask_all(
    actor: Actor,
    datasource_id: UUID,
    questions: Sequence[Question],
    *,
    on_reply: Callable[[int, Question], None] | None = None,
) -> Mapping[str, Reply | AtomError]:
    """Ask AT_ONCE questions at a time; an error takes the place of a reply. `on_reply(done, question)` may stop it."""
    return side_by_side(questions, lambda question: ask(actor, datasource_id, question), on_reply)


def side_by_side(
    questions: Sequence[Question],
    one: Callable[[Question], Any],
    on_reply: Callable[[int, Question], None] | None = None,
) -> dict[str, Any]:
    """`one(question)` for each, AT_ONCE at a time, by name; AtomErrors are values, anything else is raised."""
    found: dict[str, Any] = {}
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="ask") as pool:
        waiting = {pool.submit(copy_context().run, _settled, one, question): question for question in questions}
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                question = waiting[future]
                found[question.ref] = future.result()
                if on_reply is not None:
                    on_reply(done, question)
        finally:
            for future in waiting:
                future.cancel()
    return found


def _settled(one: Callable[[Question], Any], question: Question) -> Any:
    try:
        return one(question)
    except AtomError as error:
        return error
    finally:
        # The thread's own connection goes back to the pool: nobody else closes it.
        connection.close()
