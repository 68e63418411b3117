"""Files nobody here has seen: loaded, profiled, recommended, confirmed; and what was confirmed can be asked."""

from collections.abc import Iterator

import pytest
from sqlglot import exp

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.datasources.contracts import ConfirmedTable, TableRole
from apps.datasources.engine import confirmed_sql
from apps.datasources.models import Recommendation
from apps.datasources.selectors import catalog
from apps.datasources.services import execution, profiling, recommendations, registry, uploads
from apps.datasources.services.profiling import ProfileInput
from apps.datasources.services.recommendations import Decision
from apps.datasources.services.uploads import Destination
from tests.integration.workflows.conftest import drive
from tests.support import cast

CUSTOMERS = "Kundennummer;Vorname;Nachname;E-Mail;Bundesland;Registriert am\n" + "\n".join(
    f"{1000 + i};Jan{i};Voss;k{i}@mail.test;{['Bayern', 'Hessen', 'Berlin'][i % 3]};{1 + i % 28}.{1 + i % 12}.2025"
    for i in range(120)
)
ORDERS = "Bestellnummer;Kundennummer;Bestelldatum;Gesamtbetrag;Zahlungsart\n" + "\n".join(
    f"{5000 + i};{1000 + i % 120};{1 + i % 28:02d}.{1 + i % 12:02d}.2025;{10 + i % 90},{i % 100:02d} €;"
    f"{['PayPal', 'Rechnung', 'Karte'][i % 3]}"
    for i in range(900)
)
LINES = "order_line_id,Bestellnummer,product,unit_price,quantity,discount\n" + "\n".join(
    f"{i},{5000 + i % 900},{['Tee', 'Kaffee', 'Kakao'][i % 3]},{2 + i % 7}.50,{1 + i % 4},{[0, 0.1][i % 2]}"
    for i in range(2000)
)
FILES = {"kunden.csv": CUSTOMERS, "bestellungen.csv": ORDERS, "order_details.csv": LINES}


@pytest.fixture
def confirmed(fresh_tenant: TenantRef) -> Iterator[tuple[Actor, object, dict[str, ConfirmedTable]]]:
    """A tenant of its own whose files are loaded, profiled and confirmed as they were recommended."""
    frida = cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)
    with tenant_context.entered(fresh_tenant):
        for name, text in FILES.items():
            staged = uploads.stage(frida, [text.encode()], filename=name)
            uploads.load(frida, staged.id, Destination())
        source, _ = registry.connect(frida, name="Own files", type_name="sandbox", config={})
        run = drive(profiling.start(frida, ProfileInput(datasource_id=source.id)).id)
        assert run.status == "succeeded", run.error
        rows = Recommendation.objects.filter(datasource=source)
        recommendations.decide(frida, [Decision(row.id, confirm=True) for row in rows])
        yield frida, source.id, {table.name: table for table in catalog.confirmed_models(frida, source.id)}


def test_own_german_files_are_understood_and_their_figures_can_be_asked(
    confirmed: tuple[Actor, object, dict[str, ConfirmedTable]],
) -> None:
    frida, source, tables = confirmed
    kunden, orders, lines = tables["kunden"], tables["bestellungen"], tables["order_details"]
    assert (kunden.role, kunden.entity_key) == (TableRole.USER, "kundennummer")
    assert (orders.role, orders.time_column, orders.amount_column, orders.entity_key) == (
        TableRole.TRANSACTION,
        "bestelldatum",
        "gesamtbetrag",
        "kundennummer",
    )
    assert (lines.role, lines.amount_column, lines.quantity_column, lines.discount_column) == (
        TableRole.TRANSACTION,
        "unit_price",
        "quantity",
        "discount",
    )
    assert lines.borrowed_time is not None
    assert lines.borrowed_time.table == "bestellungen"
    expected = sum(10 + i % 90 + (i % 100) / 100 for i in range(900))
    assert asked(frida, source, orders) == (900, pytest.approx(expected, abs=0.01))
    worth = sum((2 + i % 7 + 0.5) * (1 + i % 4) * (1 - [0, 0.1][i % 2]) for i in range(2000))
    assert asked(frida, source, lines) == (2000, pytest.approx(worth, rel=1e-6))


def asked(actor: Actor, source: object, table: ConfirmedTable) -> tuple[int, float]:
    """Rows with a time, and the sum of the amount."""
    moment, amount = confirmed_sql.moment(table), confirmed_sql.amount(table)
    assert moment is not None
    assert amount is not None
    statement = confirmed_sql.source(
        table, exp.select(exp.alias_(exp.Count(this=moment), "n"), exp.alias_(exp.Sum(this=amount), "total"))
    )
    result = execution.run(actor, source, statement.sql(dialect="bigquery"))
    [(rows, total)] = result.rows
    return rows, float(total)
