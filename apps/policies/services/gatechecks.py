"""What `manage.py gate_selfcheck` looks at: verdicts of the shipped corpus, the limiter, the audit trail, secrets.

Each check works on the running parts (Redis, the database, the master key), leaves nothing behind but one audit entry,
and answers instead of raising: what cannot be looked at has not passed.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final
from uuid import uuid4

import orjson
from django.db import connection
from django.db.utils import Error as DatabaseError

from apps.audit.models import Entry
from apps.audit.services import trail
from apps.core import redaction
from apps.core.errors import AtomError
from apps.core.tenant import TenantRef, entered
from apps.policies.connectors import counters, masterkeys, second_reader
from apps.policies.connectors.masterkeys import UnreadableKeyError
from apps.policies.contracts import Dialect, Purpose, TargetKind
from apps.policies.engine import safety
from apps.policies.engine.limits import Limits
from apps.policies.engine.second_reader import SecondReader
from apps.policies.engine.statement import Context
from apps.policies.services import budget
from apps.policies.services.rotation import OPERATOR
from apps.policies.services.secrets import SecretsManager
from apps.policies.services.selfcheck import CheckResult
from apps.tenancy.selectors import tenants

_CORPUS: Final = Path(__file__).resolve().parents[1] / "selfcheck"
_CALLERS: Final = 16
_FITTING: Final = 5
_TARGETS: Final = {Dialect.BIGQUERY: TargetKind.LIVE_WAREHOUSE, Dialect.POSTGRES: TargetKind.EXTERNAL_POSTGRES}


def run() -> list[CheckResult]:
    """Every check, in the tenant that comes first; takes about as long as compiling the second reader (10 s)."""
    found = [_looked_at("second reader", _second_reader)]
    found += [_looked_at(f"corpus {dialect.value}", partial(corpus, dialect)) for dialect in Dialect]
    refs = tenants.list_active()
    if not refs:
        return [*found, CheckResult("tenant", False, "There is no tenant to check with; provision one first.")]
    with entered(refs[0]):
        found += [
            _looked_at("rates", rates), _looked_at("budget", no_overshoot), _looked_at("audit", audit),
            _looked_at("secrets", partial(secrets, refs[0])), _looked_at("redaction", redacted),
        ]  # fmt: skip
    return found


def _looked_at(name: str, check: Callable[[], str]) -> CheckResult:
    try:
        return CheckResult(name, True, check())
    except AssertionError as error:
        return CheckResult(name, False, str(error))
    except AtomError as error:
        return CheckResult(name, False, error.message)
    except (*counters.Unreachable, DatabaseError, OSError) as error:
        return CheckResult(name, False, f"not reachable ({type(error).__name__})")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def cases(dialect: Dialect) -> Iterator[dict[str, str]]:
    """The shipped corpus of a dialect: id, what is expected (`block` or `run`), why, and the statement."""
    for line in (_CORPUS / f"{dialect.value}.jsonl").read_bytes().splitlines():
        yield orjson.loads(line)


def corpus(dialect: Dialect, *, second: SecondReader | None = None) -> str:
    """Nothing that writes passes, nothing that only reads is blocked; as a live target sees it."""
    reader = second or (second_reader.reader() if dialect is Dialect.BIGQUERY else None)
    context = Context(dialect, Purpose.READ, Limits(), target=_TARGETS[dialect])
    wrong, count = [], 0
    for case in cases(dialect):
        verdict = safety.review(case["sql"], context, second=reader)
        count += 1
        if verdict.blocked != (case["expect"] == "block"):
            wrong.append(f"{case['id']} ({case['why']})")
    _require(count >= 50, f"only {count} statements were shipped")
    _require(not wrong, f"{len(wrong)} of {count} statements came out otherwise: {'; '.join(wrong[:5])}")
    return f"{count} statements came out as they must"


def _second_reader() -> str:
    reader = second_reader.reader()
    _require(reader.read("SELECT 1 AS x").is_query, "it does not read a plain query")
    _require(not reader.read("DROP TABLE t").is_query, "it takes a DROP for a query")
    return "it reads queries and knows what is none"


def rates() -> str:
    """The third request of a limit of two is refused."""
    key = counters.key(uuid4(), "rate", "selfcheck")
    fulls = [int(counters.run(counters.ADMIT, [key], [5, 2])[0]) for _ in range(3)]
    _require(fulls == [0, 0, 1], f"three requests under a limit of two answered {fulls}")
    return "a limit of two stops the third"


def no_overshoot() -> str:
    """Callers that race for the hourly budget get exactly what fits."""
    nobody, size = uuid4(), 1_000
    used = budget.look(nobody, size=0, budget=10**18).bytes_used
    room = used + _FITTING * size

    def reserve(number: int) -> bool:
        return budget.reserve(nobody, reservation_id=str(number), size=size, budget=room).allowed

    with ThreadPoolExecutor(_CALLERS) as pool:
        allowed = sum(pool.map(reserve, range(_CALLERS)))
    for name in budget.keys(nobody):
        counters.forget(name)
    _require(allowed == _FITTING, f"{allowed} of {_CALLERS} callers were allowed where {_FITTING} fit")
    return f"{_CALLERS} callers at once, {_FITTING} fitted, {allowed} were allowed"


def audit() -> str:
    """An entry is chained, and this role can neither change nor remove it."""
    trail.record(OPERATOR, "gate.selfcheck", object_type="gate")
    last = Entry.objects.order_by("-seq").first()
    _require(last is not None, "the entry is not there")
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash = audit_digest(prev_hash, e) FROM audit_entry e ORDER BY seq DESC LIMIT 1")
        _require(cursor.fetchone() == (True,), "the last entry does not carry its own digest")
        cursor.execute(
            "SELECT has_table_privilege('audit_entry', 'UPDATE') OR has_table_privilege('audit_entry', 'DELETE')"
            " OR has_table_privilege('audit_entry', 'TRUNCATE')"
        )
        _require(cursor.fetchone() == (False,), "the runtime role may change the trail")
    return "entries are chained and cannot be changed"


def secrets(tenant: TenantRef) -> str:
    """Sealed values open under their own name and version alone; the master key is there."""
    value, manager = os.urandom(24).hex(), SecretsManager(tenant)
    sealed = manager.seal("selfcheck", 1, value)
    _require(value.encode() not in sealed, "the sealed form shows the value")
    opened = manager.unseal("selfcheck", 1, sealed, actor=OPERATOR, purpose="gate self-check")
    _require(opened == value, "a sealed value did not come back")
    _require(_is_refused(manager, sealed), "a sealed value opened under another name")
    master = masterkeys.current()
    try:
        master.unwrap(master.wrap(b"x" * 32, bound=b"selfcheck"), bound=b"another")
    except UnreadableKeyError:
        return "values open where they belong and nowhere else"
    raise AssertionError("the master key does not mind what it is bound to")


def _is_refused(manager: SecretsManager, sealed: bytes) -> bool:
    try:
        manager.unseal("another", 1, sealed, actor=OPERATOR, purpose="gate self-check")
    except AtomError:
        return True
    return False


def redacted() -> str:
    """A secret of this process and the shape of one do not survive a log line."""
    value = os.urandom(24).hex()
    redaction.remember(value)
    line = redaction.redact_text(f"connecting with {value} and postgresql://alice:s3cret-pw@db/x")
    _require(value not in line and "s3cret-pw" not in line, "a secret was still readable in a log line")
    return "secrets are hidden in log lines"
