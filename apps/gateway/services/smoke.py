"""The whole path of a new user as a program would walk it, with a time per step: what `manage.py e2e_smoke` runs.

It speaks HTTP only (through `Door`), on a throw-away tenant that it purges at the end as its admin would; where a step
before that fails, the tenant is removed all the same.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.core.errors import AtomError
from apps.core.ids import new_id
from apps.core.permissions import Role
from apps.core.tenant import TenantRef
from apps.tenancy.selectors import tenants
from apps.tenancy.services import members, provisioning

WAIT_SECONDS = 180
POLL_SECONDS = 0.2


class SmokeFailed(AtomError):
    """A step did not do what a user needs."""

    default_code = "SMOKE_FAILED"


class Door(Protocol):
    """One way to call the API."""

    def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> tuple[int, Any]:
        """Status and decoded body."""


@dataclass(slots=True)
class Smoke:
    """One walk; `steps` collects (name, seconds)."""

    door: Door
    say: Callable[[str], None]
    token: str = ""
    steps: list[tuple[str, float]] = field(default_factory=list)

    def expect(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """The answer's body; raises SmokeFailed on any other status."""
        found, answer = self.door.call(method, path, body, token=self.token)
        if found != status:
            raise SmokeFailed(f"{method} {path} answered {found}, expected {status}: {answer}")
        return answer

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step and say it."""
        started = time.perf_counter()
        yield
        seconds = time.perf_counter() - started
        self.steps.append((name, seconds))
        self.say(f"ok  {seconds:7.2f} s  {name}")

    def wait_for(self, workflow_id: str) -> dict[str, Any]:
        """The run once it has ended well; raises SmokeFailed when it ends otherwise or takes too long."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            run: dict[str, Any] = self.expect("GET", f"/api/v1/workflows/runs/{workflow_id}")
            if run["status"] == "succeeded":
                return run
            if run["status"] in ("failed", "cancelled", "partial_failure", "dead"):
                raise SmokeFailed(f"workflow {workflow_id} ended as {run['status']}: {run.get('error')}")
            time.sleep(POLL_SECONDS)
        raise SmokeFailed(f"workflow {workflow_id} did not end within {WAIT_SECONDS} s")

    def wait_for_purge(self, address: str) -> dict[str, Any]:
        """The receipt, once everything is removed; raises SmokeFailed when it takes too long."""
        self.token = ""
        deadline = time.monotonic() + WAIT_SECONDS
        found: dict[str, Any] = {}
        while time.monotonic() < deadline:
            found = self.expect("GET", address)
            if found["state"] == "done":
                return dict(found["receipt"])
            time.sleep(POLL_SECONDS)
        raise SmokeFailed(f"the purge did not end within {WAIT_SECONDS} s: {found.get('state')} {found.get('problem')}")


def check(condition: object, sentence: str) -> None:
    """Raise SmokeFailed with `sentence` unless the condition holds."""
    if not condition:
        raise SmokeFailed(sentence)


@contextmanager
def throw_away_tenant() -> Iterator[tuple[TenantRef, str, str]]:
    """A tenant with one admin, and its removal at the end: (tenant, e-mail, password)."""
    slug = f"smoke-{new_id().hex[-12:]}"
    email, password = f"admin@{slug}.test", new_id().hex
    tenant = provisioning.provision(slug, "Smoke")
    try:
        members.ensure_member(tenant, email=email, name="Smoke", role=Role.ADMIN, password=password)
        yield tenant, email, password
    finally:
        if tenants.exists(tenant.id):  # a step failed before the purge, or in it
            provisioning.remove(tenant.id)
            members.remove_people(email_domain=f"{slug}.test")


def walk(smoke: Smoke, email: str, password: str) -> None:
    """All steps from login to the purge; raises SmokeFailed at the first that fails."""
    _log_in(smoke, email, password)
    datasource = _connect(smoke)
    _query(smoke, datasource)
    _profile_and_confirm(smoke, datasource)
    dashboard = _dashboard(smoke, datasource)
    memo = _memo(smoke, datasource)
    _feedback(smoke, memo)
    _audit(smoke)
    check(dashboard, "no dashboard")
    _purge(smoke)


def _log_in(smoke: Smoke, email: str, password: str) -> None:
    with smoke.step("log in"):
        answer = smoke.expect("POST", "/auth/login", {"username": email, "password": password})
        smoke.token = answer["token"]
        check(answer["role"] == "admin", "the new user is not the admin")


def _connect(smoke: Smoke) -> str:
    with smoke.step("load the demo company"):
        smoke.expect("POST", "/api/v1/warehouse/demo", status=201)
    with smoke.step("connect the sandbox warehouse"):
        body = {"name": "Warehouse"}
        answer = smoke.expect("POST", "/api/v1/connectors/sandbox/connect", body, status=201)
        check(answer["simulated"] is True, "a stand-in must say that it is one")
        return str(answer["datasource_id"])


def _query(smoke: Smoke, datasource: str) -> None:
    with smoke.step("SELECT 1 on the studio database and the sandbox"):
        for extra in ({}, {"datasource_id": datasource}):
            answer = smoke.expect("POST", "/api/v1/data/query", {"sql": "SELECT 1", **extra})
            check(answer["rows"] == [[1]], f"SELECT 1 answered {answer['rows']}")
        smoke.expect("POST", "/api/v1/data/query", {"sql": "DROP TABLE x"}, status=422)


def _profile_and_confirm(smoke: Smoke, datasource: str) -> None:
    with smoke.step("profile every table"):
        run = smoke.expect("POST", "/api/v1/catalog/profile", {"datasource_id": datasource}, status=202)
        smoke.wait_for(run["workflow_id"])
    with smoke.step("review and confirm the recommended tables"):
        found = smoke.expect("GET", f"/api/v1/recommendations?datasource_id={datasource}")["items"]
        check(found, "no table was recommended")
        items = [{"id": item["id"], "decision": "confirm"} for item in found]
        smoke.expect("POST", "/api/v1/recommendations/confirm", {"items": items})


def _dashboard(smoke: Smoke, datasource: str) -> str:
    with smoke.step("generate the dashboards"):
        run = smoke.expect("POST", "/api/v1/dashboards/generate", {"datasource_id": datasource}, status=202)
        smoke.wait_for(run["workflow_id"])
        dashboards = smoke.expect("GET", f"/api/v1/dashboards?datasource_id={datasource}")["items"]
        check(dashboards, "no dashboard was made")
    with smoke.step("read every card"):
        for dashboard in dashboards:
            detail = smoke.expect("GET", f"/api/v1/dashboards/{dashboard['id']}")
            check(detail["cards"], f"dashboard {dashboard['title']} has no card")
            for card in detail["cards"]:
                smoke.expect("GET", f"/api/v1/dashboards/{dashboard['id']}/cards/{card['key']}/data")
    return str(dashboards[0]["id"])


def _memo(smoke: Smoke, datasource: str) -> dict[str, Any]:
    with smoke.step("generate and validate the weekly memo"):
        run = smoke.expect("POST", "/api/v1/memos/generate", {"datasource_id": datasource}, status=202)
        smoke.wait_for(run["workflow_id"])
        memos = smoke.expect("GET", f"/api/v1/memos?datasource_id={datasource}")["items"]
        check(memos, "no memo was written")
        memo: dict[str, Any] = smoke.expect("GET", f"/api/v1/memos/{memos[0]['id']}")
        check(memo["rendered"], "the memo is empty")
        check(memo["validation_status"].startswith("passed"), f"memo is {memo['validation_status']}")
        return memo


def _feedback(smoke: Smoke, memo: dict[str, Any]) -> None:
    with smoke.step("leave feedback on the memo"):
        body = {
            "kind": "memo",
            "polarity": "positive",
            "comment": "useful",
            "artifact_id": memo["artifact_id"],
            "version": memo["version"],
        }
        smoke.expect("POST", "/api/v1/feedback", body, status=201)
        found = smoke.expect("GET", f"/api/v1/feedback?artifact_id={memo['artifact_id']}")["items"]
        check(len(found) == 1, "the feedback is not there")


def _audit(smoke: Smoke) -> None:
    with smoke.step("find it all in the audit trail, whole"):
        for action in ("auth.login", "security_gate_decision", "memo.generated", "feedback.given"):
            found = smoke.expect("GET", f"/api/v1/audit?action={action}&limit=1")["items"]
            check(found, f"no {action} in the audit trail")
        check(smoke.expect("GET", "/api/v1/audit/verify")["whole"], "the audit chain is broken")


def _purge(smoke: Smoke) -> None:
    with smoke.step("look at what a purge would remove"):
        preview = smoke.expect("GET", "/api/v1/tenants/purge/preview")
        check(preview["stores"]["cluster"]["databases"] == 1, "the studio database is not counted")
    with smoke.step("purge the tenant and read the receipt"):
        asked = smoke.expect("POST", "/api/v1/tenants/purge", {"confirm": True, "force": True}, status=202)
        smoke.expect("GET", "/api/v1/auth/me", status=403)
        receipt = smoke.wait_for_purge(f"/api/v1/tenants/purge/receipts/{asked['receipt_token']}")
        left = [number for items in receipt["left"].values() for number in items.values()]
        check(not any(left), f"something is left: {receipt['left']}")
        check(receipt["audit"]["entries_kept"] > 0, "the audit trail was not kept")
