"""The tenant of a request: from the path for pages, from the verified token for programs; then identity, then entry.

`/t/<slug>/…` becomes the script prefix and is taken off the path, so `reverse`, admin and API need no slug
(django-tenants' subfolder middleware rebuilds the URL configuration on every request instead: 16 ms).
"""

import re
from collections.abc import Callable
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.core.exceptions import DisallowedHost
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.urls import set_script_prefix
from django.utils.http import urlencode

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.api import is_api
from apps.core.errors import AtomError, NotFound, Unauthorised
from apps.core.ids import parse_id
from apps.tenancy.contracts import Origin
from apps.tenancy.selectors import addresses, tenants
from apps.tenancy.services import identity, page_logins, refusals, stepping_in

_TENANT_PATH = re.compile(r"^/t/([a-z0-9][a-z0-9-]{0,39})(/.*)$")
# A program's doors: bearer tokens only, sessions are not looked at, so CSRF has nothing to protect.
_PROGRAM_PATHS = ("/api/", "/graphql", "/auth/")
GetResponse = Callable[[HttpRequest], HttpResponse]


class TenantPathMiddleware:
    """Splits `/t/<slug>/rest` into the script prefix and the path the URL configuration sees."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set `request.tenant_slug` ('' outside a tenant) and pass on."""
        host = request.get_host()
        if not addresses.is_own_host(host):
            return self._at_own_domain(request, host)
        match = _TENANT_PATH.match(request.path_info)
        request.tenant_slug = match.group(1) if match else ""  # type: ignore[attr-defined]
        if not match:
            set_script_prefix("/")
            return self.get_response(request)
        prefix = f"/t/{match.group(1)}"
        request.path_info = match.group(2)
        request.META["SCRIPT_NAME"] = prefix
        request.META["PATH_INFO"] = match.group(2)
        request.urlconf = "atom_project.tenant_urls"
        set_script_prefix(prefix + "/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix("/")

    def _at_own_domain(self, request: HttpRequest, host: str) -> HttpResponse:
        """A workspace under its own name: its pages are at `/`, and no other workspace exists there."""
        slug = addresses.slug_of_host(host)
        if not slug:
            raise DisallowedHost(f"Nobody is served at {host!r}.")
        if (match := _TENANT_PATH.match(request.path_info)) and match.group(1) != slug:
            raise Http404
        if match or request.path_info == "/tenants":
            return _moved(request, match.group(2) if match else "/")
        request.tenant_slug = "" if "Authorization" in request.headers else slug  # type: ignore[attr-defined]
        request.host_slug = slug  # type: ignore[attr-defined]  # a token of another workspace is refused here
        request.urlconf = "atom_project.tenant_urls"
        set_script_prefix("/")
        return self.get_response(request)


def _moved(request: HttpRequest, path: str) -> HttpResponse:
    """308: the method and the body stay what they were."""
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponsePermanentRedirect(path + ("?" + query if query else ""))
    response.status_code = 308
    response["Cache-Control"] = "no-store"  # names come back to others one day
    return response


def _is_page_visit(request: HttpRequest) -> bool:
    whole = request.method in ("GET", "HEAD") and "HX-Request" not in request.headers
    return whole and bool(request.tenant_slug) and not is_api(request)  # type: ignore[attr-defined]


class IdentityMiddleware:
    """Resolves `request.actor` and enters the tenant for the view. A failure is kept for the door to raise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set `request.actor`, `request.tenant`, `request.identity_error`; enter the tenant around the view."""
        actor, error = None, None
        request.origin = Origin(  # type: ignore[attr-defined]  # for logins, tokens and the security log
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_USER_AGENT", ""),
            getattr(request, "request_id", ""),
        )
        try:
            actor = self._resolve(request)
        except AtomError as problem:
            if moved := self._moved_to(request, problem):
                return moved
            error = self._explained(request, problem)
        request.actor = actor.with_request(getattr(request, "request_id", "")) if actor else None  # type: ignore[attr-defined]
        request.tenant = actor.tenant if actor else None  # type: ignore[attr-defined]
        request.identity_error = error  # type: ignore[attr-defined]
        if error is not None and error.code == "SECOND_FACTOR_REQUIRED" and _is_page_visit(request):
            return redirect("/login/second-factor?" + urlencode({"next": request.get_full_path()}))
        with tenant_context.entered(actor.tenant if actor else None):
            return self.get_response(request)

    def _moved_to(self, request: HttpRequest, problem: AtomError) -> HttpResponse | None:
        """Where a workspace that has another slug now is found, for its members."""
        slug: str = request.tenant_slug  # type: ignore[attr-defined]
        user_id = (
            parse_id(str(request.session.get(SESSION_KEY, ""))) if slug and isinstance(problem, NotFound) else None
        )
        new = addresses.new_slug_of(slug, user_id) if user_id else ""
        return _moved(request, f"/t/{new}{request.path_info}") if new else None

    def _explained(self, request: HttpRequest, problem: AtomError) -> AtomError:
        """The same error, or why the workspace is closed."""
        slug: str = request.tenant_slug  # type: ignore[attr-defined]
        if slug:
            return refusals.explained(problem, slug=slug, user_id=parse_id(str(request.session.get(SESSION_KEY, ""))))
        return refusals.explained(problem, token=request.headers.get("Authorization", "").partition(" ")[2].strip())

    def _resolve(self, request: HttpRequest) -> Actor | None:
        slug: str = request.tenant_slug  # type: ignore[attr-defined]
        if slug:
            return self._member(request, slug)
        if request.path_info.startswith(_PROGRAM_PATHS):
            return self._bearer(request)
        return None

    def _bearer(self, request: HttpRequest) -> Actor | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Unauthorised("Authorization must be “Bearer <token>”.", code="TOKEN_INVALID")
        return identity.from_bearer(
            token.strip(),
            tenant_hint=getattr(request, "host_slug", "") or request.headers.get("X-Tenant-Id", ""),
            role_hint=request.headers.get("X-User-Role", ""),
            origin=request.origin,  # type: ignore[attr-defined]
        )

    def _member(self, request: HttpRequest, slug: str) -> Actor | None:
        user_id: UUID | None = parse_id(str(request.session.get(SESSION_KEY, "")))
        if user_id is None:
            return None
        if not request.user.is_authenticated:  # the session's hash no longer fits: password changed, person gone
            return None
        actor = identity.from_page(
            user_id,
            slug,
            is_strong=bool(request.session.get(page_logins.STRONG)),
            only_tenant=str(request.session.get(page_logins.ONLY_TENANT, "")),
            role_hint=request.headers.get("X-User-Role", ""),
        )
        if actor is None:
            return self._operator(request, slug)
        page_logins.touch(str(request.session.session_key), actor)
        return actor

    def _operator(self, request: HttpRequest, slug: str) -> Actor:
        """An operator who stepped in finds the tenant's admin; for everybody else there is nothing here."""
        found = None
        if request.path_info.startswith(stepping_in.ADMIN_PATH) and request.user.is_staff:
            found = stepping_in.actor_in(request.user, request.session, tenants.by_slug(slug))
        if found is None:
            raise NotFound("There is no such workspace, or you are not a member of it.")
        return found
