"""Signing in by a workspace's own provider: choose the workspace, go there, come back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.core import clock
from apps.core.errors import AtomError, Unauthorised
from apps.core.pages import render_page
from apps.tenancy.connectors.oidc import Attempt
from apps.tenancy.pages import doors
from apps.tenancy.pages.forms import WorkspaceForm
from apps.tenancy.services import letters, sign_in, throttle

_ATTEMPTS = "sign_in"  # in the session: state → what the answer must fit
_GOOD_FOR = 600
_KEPT = 3


@never_cache
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """`/login/sso`: name the workspace."""
    asked = request.GET if "workspace" in request.GET else None
    form = WorkspaceForm(asked)
    if asked is not None and form.is_valid():
        return redirect(f"/login/sso/{form.cleaned_data['workspace']}")
    return render_page(request, "tenancy/sso.html", {"form": form}, status=422 if asked is not None else 200)


@never_cache
@require_safe
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """`/login/sso/<slug>`: off to the provider."""
    try:
        throttle.admit("link", slug, request.META.get("REMOTE_ADDR", ""))
        address, attempt, tenant = sign_in.begin(slug)
    except AtomError as error:
        return _failed(request, error)
    kept = dict(list(request.session.get(_ATTEMPTS, {}).items())[-_KEPT + 1 :])
    kept[attempt.state] = [
        tenant.slug,
        attempt.nonce,
        attempt.verifier,
        clock.now().timestamp(),
        doors.destination(request),
    ]
    request.session[_ATTEMPTS] = kept
    return redirect(address)


@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """`/login/sso/callback`: back from the provider; each attempt is answered once."""
    try:
        slug, attempt, next_place = _attempt(request)
        if "error" in request.GET or not request.GET.get("code"):
            raise Unauthorised("The provider did not let you in.", code="SIGN_IN_REFUSED")
        user = sign_in.finish(
            slug,
            attempt,
            code=request.GET["code"][:2000],
            issuer=request.GET.get("iss", ""),
            origin=request.origin,  # type: ignore[attr-defined]
        )
    except AtomError as error:
        return _failed(request, error)
    if user is None:
        return render_page(request, "tenancy/sso_confirm.html", {"folder": letters.kept_in()})
    tenant = sign_in.tenant_of(slug)
    doors.enter(request, user, is_strong=True, only_tenant=str(tenant.id))
    return redirect(next_place if next_place.startswith(f"/t/{slug}/") else f"/t/{slug}/")


def _attempt(request: HttpRequest) -> tuple[str, Attempt, str]:
    state = request.GET.get("state", "")
    kept = dict(request.session.get(_ATTEMPTS, {}))
    found = kept.pop(state, None)
    request.session[_ATTEMPTS] = kept
    if found is None or clock.now().timestamp() - found[3] > _GOOD_FOR:
        raise Unauthorised("This sign-in was not begun here, or took too long; start again.", code="STATE_INVALID")
    return found[0], Attempt(state, found[1], found[2]), found[4]


def _failed(request: HttpRequest, error: AtomError) -> HttpResponse:
    return render_page(request, "tenancy/sso_failed.html", {"error": error}, status=error.status)
