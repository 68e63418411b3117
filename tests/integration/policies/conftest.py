"""A tenant for the money tests of one module: cleaned before each test, which is far cheaper than a new one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.redis import Line, client
from apps.core.tenant import TenantRef
from apps.policies.connectors import counters
from apps.policies.models import CostEstimate, LedgerEntry
from apps.policies.services import ledger, settings
from tests.support import cast


@contextmanager
def redis_out() -> Iterator[None]:
    """Redis does not answer the limiter inside the block."""
    gone = Line(timeout=0.1, connect_timeout=0.1, url="redis://127.0.0.1:1/0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counters, "_line", gone)
        yield
    counters.breaker.closed_until = 0.0


@pytest.fixture
def without_redis() -> Iterator[None]:
    """The whole test without it."""
    with redis_out():
        yield


@pytest.fixture
def clean_tenant(shared_tenant: TenantRef) -> Iterator[TenantRef]:
    """The module's tenant, entered: no cost, no counters, the product's defaults."""
    with tenant_context.entered(shared_tenant):
        LedgerEntry.objects.all().delete()
        CostEstimate.objects.all().delete()
        defaults = {field.name: field.get_default() for field in settings.fields()}
        settings.change(Actor.system(shared_tenant), **defaults)
        counters.breaker.closed_until = 0.0
        settings.forget()
        ledger.forget()
        for name in client().scan_iter(f"atom:t:{shared_tenant.id.hex}:pol:*"):
            client().delete(name)
        yield shared_tenant


@pytest.fixture
def frida(clean_tenant: TenantRef) -> Actor:
    """Its admin."""
    with tenant_context.entered(None):
        return cast.actor(f"frida@{clean_tenant.slug}.test", clean_tenant)
