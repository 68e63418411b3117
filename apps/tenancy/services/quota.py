"""What the plan still allows: asked before work begins, answered from the last roll-up, read at most every 15 seconds.

So a limit holds to within one roll-up (an hour); the hourly budget of the gate is the sharp instrument.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connection

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, InvalidInput, LimitReached, NotFound
from apps.core.tenant import TenantRef
from apps.tenancy.engine import plans
from apps.tenancy.engine.plans import Limits
from apps.tenancy.models import Subscription, Tenant
from apps.tenancy.services import lifecycle

CACHE_SECONDS: Final = 15.0
_STATE = """
    SELECT s.plan, s.bytes_limit, s.queries_limit, s.storage_limit, s.seats_limit,
           coalesce(m.bytes, 0), coalesce(m.queries, 0),
           coalesce((SELECT d.storage FROM public.tenancy_usageday d
                      WHERE d.tenant_id = t.id ORDER BY d.day DESC LIMIT 1), 0),
           (SELECT count(*) FROM public.tenancy_membership p WHERE p.tenant_id = t.id AND p.is_active)
      FROM public.tenancy_tenant t
      LEFT JOIN public.tenancy_subscription s ON s.tenant_id = t.id
      LEFT JOIN public.tenancy_usagemonth m
             ON m.tenant_id = t.id AND m.month = date_trunc('month', %s::timestamptz)::date
     WHERE t.id = %s
"""


@dataclass(frozen=True, slots=True)
class State:
    """The plan, what it allows, and what is used of it this month."""

    plan: str
    limits: Limits
    used: Limits


_states: dict[UUID, tuple[float, State]] = {}


def state_of(tenant_id: UUID) -> State:
    """Plan, limits and use, as of now; asked in whatever context one is, since a tenant may read its own rows."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [clock.now(), tenant_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such tenant.")
    plan, in_bytes, in_queries, in_storage, in_seats, *used = row
    limits = plans.merged(plan or plans.DEFAULT, bytes=in_bytes, queries=in_queries, storage=in_storage, seats=in_seats)
    return State(plan or plans.DEFAULT, limits, Limits(*used))


def admit_query(tenant: TenantRef) -> None:
    """Raise LimitReached (429) when the month's queries or bytes are used up. Cost: a dictionary look-up, mostly."""
    state = _recent(tenant.id)
    for what, limit, used in (
        ("queries", state.limits.queries, state.used.queries),
        ("bytes", state.limits.bytes, state.used.bytes),
    ):
        if limit is not None and (used or 0) >= limit:
            raise LimitReached(
                f"The plan “{state.plan}” allows {limit} {what} a month, and they are used up.",
                code=f"QUOTA_{what.upper()}", retry_after=_until_next_month(), extra={"limit": limit, "used": used},
                next_steps=["Ask the operator for another plan, or wait for the next month."],
            )  # fmt: skip


def admit_storage(tenant: TenantRef, adding: int = 0) -> None:
    """Raise Conflict (409) when `adding` bytes would not fit into the plan."""
    _admit_level(_recent(tenant.id), "storage", adding)


def admit_seat(tenant_id: UUID) -> None:
    """Raise Conflict (409) when the plan has no seat for one more person; counts people as they are now."""
    _admit_level(state_of(tenant_id), "seats", 1)


def choose(tenant_id: UUID, *, actor: Actor, plan: str, own: Limits) -> Subscription:
    """Give a tenant another plan or limits of its own (None: the plan's); operators only, on record."""
    lifecycle.require_operator(actor)
    if plan not in plans.PLANS:
        raise InvalidInput(f"There is no plan “{plan}”; choose {', '.join(plans.PLANS)}.", code="BAD_PLAN")
    fields = {
        "plan": plan, "bytes_limit": own.bytes, "queries_limit": own.queries, "storage_limit": own.storage,
        "seats_limit": own.seats,
    }  # fmt: skip
    with tenant_context.entered(None), trail.unit_of_work():
        tenant = Tenant.objects.filter(id=tenant_id).first()
        if tenant is None:
            raise NotFound("There is no such tenant.")
        row, _ = Subscription.objects.update_or_create(tenant=tenant, defaults=fields)
        trail.record(actor, "tenant.plan_chosen", object_type="tenant", object_id=tenant_id, summary=fields)
    forget(tenant_id)
    return row


def forget(tenant_id: UUID) -> None:
    """Read anew at the next question, in this process."""
    _states.pop(tenant_id, None)


def _recent(tenant_id: UUID) -> State:
    kept, now = _states.get(tenant_id), time.monotonic()
    if kept and now - kept[0] < CACHE_SECONDS:
        return kept[1]
    state = state_of(tenant_id)
    _states[tenant_id] = (now, state)
    return state


def _admit_level(state: State, what: str, adding: int) -> None:
    limit, used = getattr(state.limits, what), getattr(state.used, what) or 0
    if limit is not None and used + adding > limit:
        raise Conflict(
            f"The plan “{state.plan}” has room for {limit} {'bytes' if what == 'storage' else what}; {used} are taken.",
            code=f"QUOTA_{what.upper()}",
            extra={"limit": limit, "used": used},
            next_steps=["Free some, or ask the operator for another plan."],
        )


def _until_next_month() -> int:
    now = clock.now()
    following = (now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)
    return int((following - now).total_seconds())
