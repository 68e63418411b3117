"""Pages behind the links that come by mail: a forgotten password, an invitation. The token stays out of the log."""

from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.core import tenant as tenant_context
from apps.core.errors import AtomError
from apps.core.pages import render_page, unread
from apps.tenancy.models import User
from apps.tenancy.pages import doors
from apps.tenancy.pages.forms import ForgotForm, NewPasswordForm, WelcomeByProviderForm, WelcomeForm
from apps.tenancy.services import invitations, letters, page_logins, resets


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """`/password/forgot`: the same answer whether the address is known or not."""
    form, status, sent = ForgotForm(request.POST or None), 200, False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                resets.ask(form.cleaned_data["email"], origin=request.origin)  # type: ignore[attr-defined]
                sent, status = True, 200
            except AtomError as error:
                form.add_error(None, error.message)
                status = error.status
    context = {"form": form, "sent": sent, "folder": letters.kept_in()}
    return render_page(request, "tenancy/forgot.html", context, status=status)


@unread("password")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """`/password/reset/<uid>/<token>`: choose the password; every other login ends."""
    try:
        if request.method != "POST":
            resets.look(uid, token, origin=request.origin)  # type: ignore[attr-defined]
            return render_page(request, "tenancy/reset.html", {"form": NewPasswordForm()})
    except AtomError as error:
        return _dead(request, error)
    form = NewPasswordForm(request.POST)
    if form.is_valid():
        try:
            resets.finish(uid, token, form.cleaned_data["password"], origin=request.origin)  # type: ignore[attr-defined]
        except AtomError as error:
            if error.code == "LINK_INVALID":
                return _dead(request, error)
            form.add_error("password", error.message)
        else:
            messages.success(request, "Your password is changed. Log in with it.")
            return _see_other("/login")
    return render_page(request, "tenancy/reset.html", {"form": form}, status=422)


@unread("password")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """`/invitations/<token>`: come in as somebody new, or as who one is."""
    try:
        row, person = invitations.look(token, origin=request.origin)  # type: ignore[attr-defined]
    except AtomError as error:
        return _dead(request, error)
    if person is not None and person.email_proved_at is not None:
        return _as_known(request, token, row, person)
    if request.user.is_authenticated and request.user.pk != (person.pk if person else None):
        return render_page(request, "tenancy/invitation_other.html", {"row": row, "user": request.user})
    by_provider = bool(row.subject) and person is None
    form = (WelcomeByProviderForm if by_provider else WelcomeForm)(request.POST or None, initial={"name": row.name})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _welcome(request, token, form.cleaned_data, slug=row.tenant.slug, by_provider=by_provider)
            except AtomError as error:
                form.add_error("password" if "password" in form.fields else None, error.message)
    return render_page(request, "tenancy/invitation.html", {"row": row, "form": form}, status=status)


@require_POST
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """`/invitations/<token>/leave`: log out, and look at the invitation again."""
    with tenant_context.entered(None):  # sessions belong to the installation, also below a tenant's path
        end_session(request)
    return _see_other(f"/invitations/{token}")


def _welcome(request: HttpRequest, token: str, given: dict[str, str], *, slug: str, by_provider: bool) -> HttpResponse:
    origin = request.origin  # type: ignore[attr-defined]
    user = invitations.accept_new(token, name=given["name"], password=given.get("password", ""), origin=origin)
    if by_provider:
        messages.success(request, "You are in. Sign in once more to begin.")
        return _see_other(f"/login/sso/{slug}")
    doors.enter(request, user)
    return _see_other(f"/t/{slug}/")


def _as_known(request: HttpRequest, token: str, row: object, person: User) -> HttpResponse:
    context = {"row": row, "user": request.user}
    if not request.user.is_authenticated or request.session.get(page_logins.ONLY_TENANT):
        return redirect(f"/login?next=/invitations/{token}")
    if request.user.pk != person.pk:
        return render_page(request, "tenancy/invitation_other.html", context)
    if request.method == "POST":
        try:
            membership = invitations.accept_as(request.user, token, origin=request.origin)  # type: ignore[attr-defined]
        except AtomError as error:
            return _dead(request, error)
        return _see_other(f"/t/{membership.tenant.slug}/")
    return render_page(request, "tenancy/invitation_known.html", context)


def _dead(request: HttpRequest, error: AtomError) -> HttpResponse:
    status = error.status if error.status == 429 else 410
    return render_page(request, "tenancy/dead_link.html", {"reason": error.message}, status=status)


def _see_other(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response
