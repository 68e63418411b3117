"""Every route × every kind of caller × {own, another tenant's, nobody's id}. A new route is covered, or fails.

The shop owns one object of each kind. Its own people may do what their scopes say; mallory, admin of another tenant,
is answered for the shop's ids exactly as for ids that nobody has; strangers and the operator get in nowhere.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import orjson
import pytest
import time_machine
from django.test import Client

from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.tenancy.models import User
from tests.integration.isolation import objects, routes
from tests.integration.isolation.conftest import Cast
from tests.integration.isolation.routes import Route
from tests.support import cast
from tests.support.shop import Shop

ALL = routes.every()
GUARDED = [route for route in ALL if not route.public]
WITH_IDS = [route for route in GUARDED if set(route.parts) - set(objects.PLAIN)]
WRITES = ("POST", "PUT", "PATCH", "DELETE")
ENOUGH_FIELDS: dict[str, dict[str, Any]] = {
    # a body that is good enough to get as far as the object
    "catalog/columns": {"description": "x"},
    "/versions": {},
}
QUERIES = (("/diff", "?from=1&to=1"),)
# What a refusal is allowed to differ in.
VOLATILE = re.compile(
    rb'"(request_id|instance)": ?"[^"]*",?|csrf[-\w]*"[^>]*>|[0-9a-f]{8}-[0-9a-f-]{27}|\d+(\.\d+)? ?ms'
)


def _name(route: Route) -> str:
    return route.template or "home"


def _ask(client: Any, route: Route, method: str, values: dict[str, Any], prefix: str = "", **extra: str) -> Any:
    """As from outside: no tenant is entered but by what the request itself says."""
    address = prefix + route.address(values) + next((query for part, query in QUERIES if part in route.template), "")
    client.cookies.pop("messages", None)  # what the last form said is no part of this answer
    with tenant_context.entered(None):
        if not route.is_api:
            return client.generic(method, address, b"", "application/x-www-form-urlencoded", **extra)
        body = next((fields for part, fields in ENOUGH_FIELDS.items() if part in route.template), {})
        sent = b"" if method == "GET" else orjson.dumps(body)
        return client.generic(method, address, sent, route.content_type, **extra)


def _client(route: Route, who: Actor) -> tuple[Any, str]:
    """A program's client for the API; a browser's, below the tenant's path, for pages."""
    assert who.tenant is not None
    return (_program(who), "") if route.is_api else (_browser(who.id), f"/t/{who.tenant.slug}")


@cache
def _program(who: Actor) -> Any:
    return cast.api_client(who)


@cache
def _browser(user_id: UUID) -> Client:
    client = Client(raise_request_exception=False)
    with tenant_context.entered(None):
        client.force_login(User.objects.get(id=user_id))
    return client


def _seen(response: Any) -> tuple[int, bytes]:
    body = response.content if not response.streaming else b"".join(response.streaming_content)
    return response.status_code, VOLATILE.sub(b"", body) if response.status_code >= 400 else body[:200]


@cache
def _operator() -> UUID:
    with tenant_context.entered(None):
        return User.objects.get(email="operator@atom.test").id


@pytest.fixture
def inside(shop: Shop) -> Iterator[None]:
    with tenant_context.entered(shop.tenant):
        yield


@pytest.mark.parametrize("route", ALL, ids=_name)
def test_every_variable_part_of_an_address_has_an_object_in_the_table(route: Route) -> None:
    unknown = [part for part in route.parts if not objects.is_known(route, part)]
    assert unknown == [], f"say in isolation/objects.py what stands behind {unknown} of {route.template}"


@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_without_a_login_nobody_gets_in(route: Route, shop: Shop, inside: None) -> None:
    for method in route.methods:
        values = objects.values_of(route, shop)
        response = _ask(Client(), route, method, values, "" if route.is_api else f"/t/{shop.tenant.slug}")
        if route.is_api:
            assert response.status_code == 401, method
        else:
            assert response.status_code in (302, 303, 401, 403), method
            assert response.status_code == 403 or "/login" in response.headers.get("Location", "/login")


@pytest.mark.parametrize("route", [route for route in GUARDED if route.is_api], ids=_name)
def test_an_expired_token_opens_nothing(route: Route, shop: Shop, inside: None) -> None:
    client = _program(shop.admin)
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        for method in route.methods:
            response = _ask(client, route, method, objects.values_of(route, shop))
            assert (response.status_code, response.json()["code"]) == (401, "TOKEN_EXPIRED"), method


@pytest.mark.parametrize("route", [route for route in GUARDED if any(route.scopes.values())], ids=_name)
def test_a_role_without_the_scope_is_refused(route: Route, shop: Shop, people: Cast, inside: None) -> None:
    for who in people:
        client, prefix = _client(route, who)
        for method in route.methods:
            if who.has(route.scopes[method] or "") or route.scopes[method] is None:
                continue
            response = _ask(client, route, method, objects.values_of(route, shop), prefix)
            assert response.status_code == 403, (who.role, method, response.content[:300])


@pytest.mark.parametrize("route", [route for route in GUARDED if "GET" in route.methods], ids=_name)
def test_a_role_with_the_scope_reads_its_own(route: Route, shop: Shop, people: Cast, inside: None) -> None:
    if set(route.parts) & objects.SIGNED:
        return  # opened by their signature, not by a role
    for who in people:
        if route.scopes["GET"] is not None and not who.has(route.scopes["GET"]):
            continue
        client, prefix = _client(route, who)
        response = _ask(client, route, "GET", objects.values_of(route, shop), prefix)
        # a query string may be missing, a page may lead on, an action may want POST: none of them is a refusal
        # and what somebody else asked for (an approval) a member does not find
        fits = (200, 302, 303, 400, 405, 422) if who is people.admin else (200, 302, 303, 400, 404, 405, 422)
        assert response.status_code in fits, (who.role, response.content[:300])
        if route.parts and route.is_api and who is people.admin:
            assert response.status_code in (200, 400), response.content[:300]


@pytest.mark.parametrize("route", WITH_IDS, ids=_name)
def test_anothers_id_is_answered_like_one_that_nobody_has(
    route: Route, shop: Shop, mallory: Actor, inside: None
) -> None:
    theirs, nobodys = objects.values_of(route, shop), objects.unknown(route)
    client, prefix = _client(route, mallory)
    for method in route.methods:
        for_theirs = _seen(_ask(client, route, method, theirs, prefix))
        for_nobodys = _seen(_ask(client, route, method, nobodys, prefix))
        assert for_theirs == for_nobodys, method
        # a page's form that finds nothing may lead back with a message instead
        assert for_theirs[0] in ((404, 400, 405, 422) if route.is_api else (303, 404, 400, 405, 422)), (
            method,
            for_theirs,
        )
        if method == "GET":
            assert for_theirs[0] in (404, 405), for_theirs


@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_a_member_of_another_tenant_is_not_let_in_by_path_or_header(
    route: Route, shop: Shop, mallory: Actor, inside: None
) -> None:
    values = objects.values_of(route, shop)
    method = route.methods[0]
    assert _ask(_browser(mallory.id), route, method, values, f"/t/{shop.tenant.slug}").status_code in (403, 404)
    if route.is_api:
        named = {"HTTP_X_TENANT_ID": str(shop.tenant.id)}
        assert _ask(_program(mallory), route, method, values, **named).status_code == 403


@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_the_operator_is_no_member(route: Route, shop: Shop, inside: None) -> None:
    values = objects.values_of(route, shop)
    response = _ask(_browser(_operator()), route, route.methods[0], values, f"/t/{shop.tenant.slug}")
    assert response.status_code in (403, 404)
