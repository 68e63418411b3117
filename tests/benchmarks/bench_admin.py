"""The operators' lists with 1 000 tenants; `audit` measures the trail's own pages.

Run by `make bench`; needs the embedded servers.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import Client

from apps.core.ids import new_id
from apps.tenancy.models import Tenant, User
from tests.benchmarks.report import Report, median_ms

TENANTS = 1000


def run(report: Report) -> None:
    """The median of each list; the limit is of the tenants' list."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(email="operator@atom.test"))
    with _many_tenants():
        for name, address in (
            ("tenants", "/admin/tenancy/tenant/"),
            ("first page", "/admin/"),
            ("members", "/admin/tenancy/membership/"),
            ("audit of everybody", "/admin/audit/entry/"),
        ):
            assert client.get(address).status_code == 200, address
            figure = median_ms(lambda address=address: client.get(address), runs=15)
            report.figure(f"admin, {TENANTS} tenants: {name}", figure, "ms", limit=300.0)


@contextmanager
def _many_tenants() -> Iterator[None]:
    mark = new_id().hex[:8]
    names = [f"many-{mark}-{number:04}" for number in range(TENANTS)]
    Tenant.objects.bulk_create(
        Tenant(slug=name, name=name, schema_name=f"none_{name}", role_name=f"none_{name}", status="failed")
        for name in names
    )
    yield
    Tenant.objects.filter(slug__startswith=f"many-{mark}-").delete()
