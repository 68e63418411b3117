"""Reads of the gate's decisions: entries of the audit trail, with the reason of each in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDay, TruncHour

from apps.audit.models import Entry, Person
from apps.audit.selectors import entries
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.paging import Page, paginate
from apps.core.permissions import Scope
from apps.policies.enums import Outcome
from apps.policies.selectors.costs import PERIODS

ACTION: Final = "security_gate_decision"
DECISIONS: Final = ("allow", "rewrite", "needs_approval", "block")
RESULTS: Final = ("executed", "previewed", "refused", "failed")


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """What to look for; empty fields do not narrow. `result` is what came of it."""

    period: str = "7d"
    decision: str = ""
    result: str = ""
    rule: str = ""
    purpose: str = ""
    who: str = ""
    datasource_id: UUID | None = None
    query_hash: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def start(self) -> datetime:
        """Where the period begins."""
        return self.since or clock.now() - timedelta(days=PERIODS.get(self.period, 7))


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision as people read it."""

    id: UUID
    at: datetime
    who: str
    decision: str
    result: str
    purpose: str
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    bytes: int
    datasource_id: str
    query_hash: str
    approval_id: str
    estimate_id: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many decisions of one kind fell into one day or hour."""

    at: datetime
    decision: str
    number: int


def list_decisions_for(
    actor: Actor, search: DecisionFilter, *, cursor: str | None = None, limit: int = 50
) -> tuple[Sequence[DecisionLine], str | None]:
    """One page of decisions, newest first, and the cursor of the next."""
    page: Page[Entry] = paginate(_rows(actor, search), order=("-seq",), cursor=cursor, limit=limit)
    labels = entries.labels_of(page.items)
    return [_line(entry, labels) for entry in page.items], page.next_cursor


def count_by_time(actor: Actor, search: DecisionFilter) -> Sequence[Counted]:
    """Decisions of the period by day (hour within two days) and outcome: one grouped query."""
    zone = ZoneInfo(tenant_context.require().timezone)
    is_short = clock.now() - search.start() <= timedelta(days=2)
    trunc = TruncHour("at", tzinfo=zone) if is_short else TruncDay("at", tzinfo=zone)
    rows = _rows(actor, search).annotate(slot=trunc).values("slot", "decision").annotate(number=Count("seq"))
    return [Counted(row["slot"], row["decision"], row["number"]) for row in rows.order_by("slot", "decision")]


def _rows(actor: Actor, search: DecisionFilter) -> QuerySet[Entry]:
    actor.require(Scope.AUDIT_READ)
    wanted: dict[str, Any] = {
        "decision": search.decision,
        "outcome": search.result,
        "summary__purpose": search.purpose,
        "object_id": str(search.datasource_id) if search.datasource_id else "",
        "sha256__startswith": search.query_hash,
    }
    rows = Entry.objects.filter(action=ACTION, at__gte=search.start())
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if search.until:
        rows = rows.filter(at__lt=search.until)
    if search.rule:
        rows = rows.filter(_fired(search.rule))
    if search.who:
        refs = Person.objects.filter(label__icontains=search.who).values("ref")
        rows = rows.filter(Q(actor_ref__in=refs) | Q(actor_kind=search.who))
    return rows


def _fired(rule: str) -> Q:
    found = Q()
    for outcome in Outcome:
        found |= Q(summary__rules__contains=[f"{rule}:{outcome.value}"])
    return found


def _line(entry: Entry, labels: Mapping[UUID, str]) -> DecisionLine:
    facts = entry.summary
    rules = tuple(str(each).partition(":")[0] for each in facts.get("rules", ()))
    known = labels.get(entry.actor_ref, "(removed person)") if entry.actor_ref else entry.actor_kind
    return DecisionLine(
        id=entry.id,
        at=entry.at,
        who=known,
        decision=entry.decision,
        result=entry.outcome,
        purpose=str(facts.get("purpose", "")),
        rules=tuple(dict.fromkeys(rules)),
        reasons=tuple(str(each) for each in facts.get("reasons", ())) or _said_nothing(entry, facts, rules),
        bytes=int(facts.get("bytes", 0) or 0),
        datasource_id=entry.object_id,
        query_hash=entry.sha256,
        approval_id=str(facts.get("approval", "")),
        estimate_id=str(facts.get("estimate", "")),
        request_id=entry.request_id,
    )


def _said_nothing(entry: Entry, facts: Mapping[str, Any], rules: tuple[str, ...]) -> tuple[str, ...]:
    """Words for a decision whose rules had none of their own (or that is older than the words)."""
    if entry.outcome == "failed":
        return (f"Allowed, then the engine failed with {facts.get('code', 'an error')}.",)
    if entry.decision == "allow":
        return ("No rule objected.",)
    named = ", ".join(rule.replace("_", " ") for rule in rules)
    return (f"Rules that fired: {named}.",) if named else ()
