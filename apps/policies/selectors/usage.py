"""What the bill is made of: bytes by day, from the ledger of executions."""

from datetime import UTC, date, datetime, time

from django.db.models import BigIntegerField, Sum
from django.db.models.functions import Cast, Coalesce, TruncDate

from apps.policies.models import LedgerEntry, LedgerState


def bytes_by_day(since: date) -> dict[date, int]:
    """Bytes that executions read (or hold in reserve), by day in UTC; the tenant is entered. One statement."""
    entries = LedgerEntry.objects.filter(created_at__gte=datetime.combine(since, time(), UTC))
    counted = entries.exclude(state=LedgerState.RELEASED).annotate(day=TruncDate("created_at", tzinfo=UTC))
    total = Cast(Sum(Coalesce("actual_bytes", "reserved_bytes")), BigIntegerField())
    return dict(counted.values("day").annotate(total=total).values_list("day", "total"))
