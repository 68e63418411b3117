"""Getting in and out: login, one-click demo login, logout, choosing a workspace."""

from django.contrib import messages
from django.contrib.auth import login as begin_session
from django.contrib.auth import logout as end_session
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core import tenant as tenant_context
from apps.core.errors import AtomError
from apps.core.pages import render_page, unread
from apps.tenancy.models import User
from apps.tenancy.pages.forms import LoginForm
from apps.tenancy.selectors import memberships
from apps.tenancy.services import page_logins, second_factors, sessions
from atom_project.config import Profile, config

_BACKEND = "apps.tenancy.backends.EmailBackend"
PENDING = "pending_login"  # in the session: a password was right, a code is missing


@unread("password")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """`/login`: the form; 422 with the form again, 303 on success."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(destination(request))
        return _form(request, LoginForm())
    form = LoginForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        is_in = _enter(request, form.cleaned_data["email"], form.cleaned_data["password"])
    except AtomError as error:
        form.add_error(None, error.message)
        return _form(request, form, status=429 if error.status == 429 else 422)
    if not is_in:
        return redirect("/login/second-factor?" + urlencode({"next": destination(request)}))
    return redirect(destination(request), permanent=False)


@require_safe
def admin_login(request: HttpRequest) -> HttpResponse:
    """`/admin/login/`: the one door of all."""
    return redirect("/login?" + urlencode({"next": request.GET.get("next") or "/admin/"}))


@never_cache
@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """`/login/demo`: be one of the demo people. Exists where the demo password is ours to know, never in production."""
    password = config.atom_demo_password.get_secret_value()
    people = {person.email: person for person in memberships.demo_people()}
    person = people.get(request.POST.get("email", ""))
    if config.profile is Profile.PRODUCTION or not password or person is None:
        raise Http404
    try:
        if not _enter(request, person.email, password):
            return redirect("/login/second-factor?" + urlencode({"next": f"/t/{person.slug}/"}))
    except AtomError as error:
        messages.error(request, error.message)
        return redirect("/login")
    return redirect(f"/t/{person.slug}/")


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """`/logout`: by a form only, so no link can log a person out."""
    if isinstance(request.user, User):
        only = str(request.session.get(page_logins.ONLY_TENANT, ""))
        page_logins.record(request.user, "auth.logout", origin=request.origin, only_tenant=only)  # type: ignore[attr-defined]
    with tenant_context.entered(None):  # sessions belong to the installation, also below a tenant's path
        end_session(request)
    return redirect("/")


@never_cache
def tenants(request: HttpRequest) -> HttpResponse:
    """`/tenants`: the workspaces of the person; with only one, straight into it. As a fragment: the menu."""
    if not request.user.is_authenticated:
        return redirect("/login")
    only = str(request.session.get(page_logins.ONLY_TENANT, ""))
    found = memberships.workspaces_of(request.user.pk, only_tenant=only)
    if len(found) == 1 and "HX-Request" not in request.headers and "choose" not in request.GET:
        return redirect(f"/t/{found[0].slug}/")
    context = {"workspaces": found, "is_operator": request.user.is_staff}
    return render_page(request, "tenancy/tenants.html", context, fragment="tenancy/partials/_workspaces.html")


def _enter(request: HttpRequest, email: str, password: str) -> bool:
    """Begin the session; False when a code is asked for first."""
    user = sessions.authenticate(email, password, origin=request.origin)  # type: ignore[attr-defined]
    if second_factors.is_set(user):
        request.session.cycle_key()
        request.session[PENDING] = second_factors.challenge(user, "")
        return False
    enter(request, user)
    return True


def enter(request: HttpRequest, user: User, *, is_strong: bool = False, only_tenant: str = "") -> None:
    """Begin the browser's session as `user`, under a new key, and write it down."""
    origin = request.origin  # type: ignore[attr-defined]
    if only_tenant or request.session.get(page_logins.ONLY_TENANT):
        request.session.flush()  # what another kind of session knew must not live on in this one
    begin_session(request, user, backend=_BACKEND)
    request.session.pop(PENDING, None)
    page_logins.remember(request.session, user, origin=origin, is_strong=is_strong, only_tenant=only_tenant)
    page_logins.record(user, "auth.login", origin=origin, only_tenant=only_tenant)


def _form(request: HttpRequest, form: LoginForm, *, status: int = 200) -> HttpResponse:
    people = memberships.demo_people() if config.profile is not Profile.PRODUCTION else []
    context = {"form": form, "next": request.GET.get("next", ""), "demo_people": people}
    return render_page(request, "tenancy/login.html", context, status=status)


def destination(request: HttpRequest) -> str:
    """Where to go after the door: a place of ours that was asked for, else the workspaces."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure()):
        return wanted
    return "/tenants"
