"""The second factor at the door: the code after the password, and setting it up where a workspace asks for it."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.core.errors import AtomError
from apps.core.pages import render_page, unread
from apps.tenancy.models import User
from apps.tenancy.pages import doors
from apps.tenancy.pages.forms import CodeForm, ConfirmPasswordForm
from apps.tenancy.services import accounts, page_logins, resets, second_factors

_SETUP = "second_factor_setup"  # in the session: the password was asked again for setting one up
_SETUP_SECONDS = 900


@unread("password")
@never_cache
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """`/login/second-factor`: the code that is missing, or the setting up; whichever the person needs."""
    if request.session.get(doors.PENDING):
        return _code(request)
    if not request.user.is_authenticated:
        return redirect("/login")
    user = request.user
    if request.session.get(page_logins.ONLY_TENANT):
        return redirect("/tenants")
    return _stronger(request, user) if second_factors.is_set(user) else _set_up(request, user)


@unread("password")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, token: str) -> HttpResponse:
    """`/login/second-factor/remove/<token>`: by a link an admin sent, and the password."""
    form = ConfirmPasswordForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            resets.remove_factor(token, form.cleaned_data["password"], origin=request.origin)  # type: ignore[attr-defined]
        except AtomError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Your second factor is removed. Log in, and set another one up.")
            return _see_other("/login")
        status = 422
    return render_page(request, "tenancy/factor_remove.html", {"form": form}, status=status)


def _code(request: HttpRequest) -> HttpResponse:
    """After the password: the pending login and its code."""
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user, _ = second_factors.answered(request.session[doors.PENDING])
                second_factors.check(user, form.cleaned_data["code"], origin=request.origin)  # type: ignore[attr-defined]
            except AtomError as error:
                if error.code == "CHALLENGE_INVALID":
                    request.session.pop(doors.PENDING, None)
                    messages.error(request, error.message)
                    return redirect("/login")
                form.add_error("code", error.message)
                status = 429 if error.status == 429 else 422
            else:
                doors.enter(request, user, is_strong=True)
                return _see_other(doors.destination(request))
    context = {"form": form, "next": doors.destination(request), "is_login": True}
    return render_page(request, "tenancy/second_step.html", context, status=status)


def _stronger(request: HttpRequest, user: User) -> HttpResponse:
    """Logged in without a code (it was set up since, or elsewhere): one code makes the session a strong one."""
    if request.session.get(page_logins.STRONG):
        return redirect(doors.destination(request))
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                second_factors.check(user, form.cleaned_data["code"], origin=request.origin)  # type: ignore[attr-defined]
            except AtomError as error:
                form.add_error("code", error.message)
            else:
                request.session.cycle_key()
                request.session[page_logins.STRONG] = True
                return _see_other(doors.destination(request))
    context = {"form": form, "next": doors.destination(request), "is_login": False}
    return render_page(request, "tenancy/second_step.html", context, status=status)


def _set_up(request: HttpRequest, user: User) -> HttpResponse:
    """Password, then the picture and a first code, then the recovery codes, this once."""
    if not _was_asked(request):
        return _ask_password(request, user)
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                codes = second_factors.confirm(user, form.cleaned_data["code"], origin=request.origin)  # type: ignore[attr-defined]
            except AtomError as error:
                form.add_error("code", error.message)
            else:
                request.session.pop(_SETUP, None)
                request.session.cycle_key()
                request.session[page_logins.STRONG] = True
                shown: dict[str, Any] = {"codes": codes, "next": doors.destination(request)}
                return render_page(request, "tenancy/recovery_codes.html", shown)
    address = second_factors.pending_address(user)
    context: dict[str, Any] = {
        "form": form,
        "picture": second_factors.qr_code(address),
        "secret": address.partition("secret=")[2].partition("&")[0],
        "next": doors.destination(request),
    }
    return render_page(request, "tenancy/factor_setup.html", context, status=status)


def _ask_password(request: HttpRequest, user: User) -> HttpResponse:
    form, status = ConfirmPasswordForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                accounts.check_password(user, form.cleaned_data["password"], origin=request.origin)  # type: ignore[attr-defined]
            except AtomError as error:
                form.add_error("password", error.message)
            else:
                request.session[_SETUP] = signing.dumps(str(user.id), salt=_SETUP)
                second_factors.begin(user)
                return _see_other(request.get_full_path())
    context = {"form": form, "next": doors.destination(request)}
    return render_page(request, "tenancy/factor_password.html", context, status=status)


def _was_asked(request: HttpRequest) -> bool:
    try:
        said = signing.loads(request.session.get(_SETUP, ""), salt=_SETUP, max_age=_SETUP_SECONDS)
    except signing.BadSignature:
        return False
    return bool(said == str(request.user.pk))


def _see_other(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response
