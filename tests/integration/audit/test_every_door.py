"""No way to change anything leaves no entry: every route of the URL configuration, admin action and command, by itself.

Generated from what is there, so that a new door is covered, or fails here.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management import get_commands
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.audit.models import Entry
from apps.audit.services import commands
from apps.core import tenant as tenant_context
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.tenancy.models import User
from tests.support import cast

ROOT = Path(__file__).resolve().parents[3]
WRITES = ("post", "put", "patch", "delete")
# Aliases of views that are asked under their first address.
ALIASES = ("api/v1/", "auth/")
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_SAMPLES = {"uuid": "018f2f3e-0000-7000-8000-000000000000", "int": "1", "path": "a/b"}


def _walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _address(route: str) -> str:
    plain = _PARAMETER.sub(lambda found: _SAMPLES.get(found[1] or "str", "x"), route)
    return "/" + re.sub(r"[\^$?]|\\Z", "", plain)


def _routes(urlconf: str) -> list[tuple[str, Any]]:
    return [(_address(path), view) for path, view in _walk(get_resolver(urlconf).url_patterns)]


def _methods(view: Any) -> list[str]:
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return [name for name in WRITES if hasattr(cls, name)] if cls else ["post"]


def _recorded(requests: dict[str, str], *tenants: TenantRef | None) -> list[str]:
    """Those of {request id: what} that left no entry on any of the chains."""
    left = dict(requests)
    for tenant in tenants:
        with tenant_context.entered(tenant):
            for found in Entry.objects.filter(request_id__in=list(left)).values_list("request_id", flat=True):
                left.pop(found, None)
    return sorted(left.values())


def test_every_write_to_the_api_leaves_an_entry(fresh_tenant: TenantRef) -> None:
    frida = cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)
    asked, failed = {}, []
    for address, view in _routes("atom_project.urls"):
        if address.startswith(("/api/v1/", "/auth/")):
            for method in _methods(view):
                client = cast.api_client(frida)  # some of them end every login
                request_id = f"door-{new_id()}"
                asked[request_id] = f"{method} {address}"
                answer = getattr(client, method)(address, {}, format="json", headers={"X-Request-ID": request_id})
                if answer.status_code >= 500:
                    failed.append(f"{method} {address}: {answer.status_code}")
    assert failed == []
    assert len(asked) > 40
    assert _recorded(asked, fresh_tenant, None) == []


def test_every_post_to_a_page_leaves_an_entry(fresh_tenant: TenantRef) -> None:
    frida = cast.actor(f"frida@{fresh_tenant.slug}.test", fresh_tenant)
    client = cast.page_client(frida)
    asked, failed = {}, []
    routes = [each for each in _routes("atom_project.tenant_urls") if not each[0].startswith(("/api/", "/auth/"))]
    for address, _ in routes:
        client.force_login(User.objects.get(id=frida.id))  # several of them end the session
        request_id = f"door-{new_id()}"
        asked[request_id] = f"post {address}"
        answer = client.post(f"/t/{fresh_tenant.slug}{address}", {}, headers={"X-Request-ID": request_id})
        if answer.status_code >= 500:
            failed.append(f"post {address}: {answer.status_code}")
    assert failed == []
    assert len(asked) > 40
    assert _recorded(asked, fresh_tenant, None) == []


def test_every_action_of_an_operator_leaves_an_entry_on_the_platforms_chain(acme: TenantRef) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(email="operator@atom.test"))
    asked = {}
    for address, _ in _routes("atom_project.urls"):
        if address.startswith("/admin/"):
            request_id = f"door-{new_id()}"
            asked[request_id] = f"post {address}"
            client.post(address, {"action": "nothing"}, headers={"X-Request-ID": request_id})
            client.force_login(User.objects.get(email="operator@atom.test"))  # one of them is the logout
    assert len(asked) > 10
    assert _recorded(asked, None) == []


def test_a_login_of_an_operator_and_a_failed_one_are_on_the_platforms_chain(world: object) -> None:
    for password, outcome in ((cast.PASSWORD, "ok"), ("wrong", "refused")):
        request_id = f"door-{new_id()}"
        form = {"email": "operator@atom.test", "password": password}
        Client().post("/login?next=/admin/", form, headers={"X-Request-ID": request_id})
        found = Entry.objects.filter(request_id=request_id)
        assert [entry.outcome for entry in found] == [outcome]


def test_a_stranger_is_recorded_and_a_flood_of_them_does_not_fill_the_chain(
    api: Callable[[Any], Any], world: object
) -> None:
    before = Entry.objects.count()
    for _ in range(60):
        api(None).post("/api/v1/data/query", {"sql": "SELECT 1"}, REMOTE_ADDR="198.51.100.77")
    assert 1 <= Entry.objects.count() - before <= 31


def test_what_the_firewall_refuses_before_anybody_is_known_is_recorded(api: Callable[[Any], Any]) -> None:
    request_id = f"door-{new_id()}"
    api(None).get("/.env", headers={"X-Request-ID": request_id}, REMOTE_ADDR="198.51.100.78")
    entry = Entry.objects.get(request_id=request_id)
    assert (entry.outcome, entry.object_id) == ("refused", "W102")


def test_the_address_of_whoever_asks_is_kept_as_a_pseudonym(acme: TenantRef, alice: Any) -> None:
    request_id = f"door-{new_id()}"
    cast.api_client(alice).post(
        "/api/v1/nothing", {}, headers={"X-Request-ID": request_id}, REMOTE_ADDR="203.0.113.200"
    )
    with tenant_context.entered(acme):
        entry = Entry.objects.get(request_id=request_id)
        assert entry.address_ref is not None
        assert "203.0.113.200" not in str(entry.summary)


def test_every_command_of_ours_is_recorded_unless_it_touches_nothing() -> None:
    ours = {name for name, app in get_commands().items() if app.startswith("apps.")}
    assert {"verify_audit", "audit_retention", "migrate_tenants"} <= ours
    assert ours & commands.UNRECORDED <= {"check_sql"}


def test_a_command_line_leaves_an_entry_with_its_outcome_and_no_values(world: object) -> None:
    before = Entry.objects.filter(action="command.verify_audit").count()
    for only in ("platform", "no-such-chain-secret"):
        run = [sys.executable, "manage.py", "verify_audit", "--only", only]
        subprocess.run(run, cwd=ROOT, check=False, capture_output=True, timeout=90)
    found = list(Entry.objects.filter(action="command.verify_audit").order_by("seq"))[before:]
    assert [entry.summary for entry in found] == [{"options": ["--only"]}] * 2
