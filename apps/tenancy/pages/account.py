"""Settings: the person's own way in. Password and second factor, sessions, personal tokens, the security log."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import AtomError, NotFound
from apps.core.pages import page, render_page, unread
from apps.core.permissions import Scope
from apps.tenancy.models import PersonalToken, SecurityEvent, User
from apps.tenancy.pages.forms import CodeForm, PasswordForm, TokenForm
from apps.tenancy.selectors import logins
from apps.tenancy.selectors.logins import Session
from apps.tenancy.services import accounts, page_logins, personal_tokens, sessions


@dataclass(frozen=True, slots=True)
class SecurityContext:
    """Password and second factor."""

    form: Form
    factor_form: Form
    is_set: bool
    codes_left: int
    by_provider: bool
    fresh_codes: list[str]


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token with what its state is now."""

    row: PersonalToken
    state: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class TokensContext:
    """One's own tokens, or everybody's."""

    lines: list[TokenLine]
    form: Form
    fresh: str
    everybodys: bool
    can_see_all: bool


@unread("current", "password")
@never_cache
@sensitive_post_parameters("current", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@page()
def security(request: HttpRequest) -> HttpResponse:
    """`settings/security/`; POST changes the password."""
    form, status = PasswordForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _change_password(request, form.cleaned_data)
                messages.success(request, "Your password is changed; every other login has ended.")
                return _back("tenancy:security")
            except AtomError as error:
                form.add_error("current" if error.code == "PASSWORD_WRONG" else "password", error.message)
                status = 429 if error.status == 429 else 422
    return _security(request, form, CodeForm(prefix="factor"), status=status)


@never_cache
@sensitive_post_parameters()
@require_POST
@page()
def factor(request: HttpRequest) -> HttpResponse:
    """`settings/security/second-factor`: remove it, or renew its recovery codes; takes a code."""
    actor, form = _actor(request), CodeForm(request.POST, prefix="factor")
    if form.is_valid():
        code, origin = form.cleaned_data["code"], request.origin  # type: ignore[attr-defined]
        try:
            if request.POST.get("action") == "codes":
                codes = accounts.renew_recovery_codes(actor, code, origin=origin)
                return _security(request, PasswordForm(), CodeForm(prefix="factor"), fresh_codes=codes)
            accounts.remove_second_factor(actor, code, origin=origin)
            request.session[page_logins.STRONG] = False
            messages.success(request, "Your second factor is removed.")
            return _back("tenancy:security")
        except AtomError as error:
            form.add_error("code", error.message)
    return _security(request, PasswordForm(), form, status=422)


@require_safe
@page()
def list_sessions(request: HttpRequest) -> HttpResponse:
    """`settings/sessions/`."""
    actor = _actor(request)
    found: list[Session] = []
    if not actor.by_provider:
        found = logins.sessions_of(actor, session_key=str(request.session.session_key))
    return render_page(request, "tenancy/sessions.html", {"sessions": found, "by_provider": actor.by_provider})


@require_POST
@page()
def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """`settings/sessions/<id>/end`."""
    actor, origin = _actor(request), request.origin  # type: ignore[attr-defined]
    try:
        try:
            page_logins.end(actor, session_id, origin=origin)
        except NotFound:
            sessions.end_api_login(actor, session_id, origin=origin)
        messages.success(request, "That session has ended.")
    except AtomError as error:
        messages.error(request, error.message)
    return _back("tenancy:sessions")


@require_POST
@page()
def end_others(request: HttpRequest) -> HttpResponse:
    """`settings/sessions/end-others`: everything but this browser."""
    try:
        key, origin = str(request.session.session_key), request.origin  # type: ignore[attr-defined]
        accounts.log_out_everywhere(_actor(request), origin=origin, except_session=key)
        messages.success(request, "Every other browser and program is logged out.")
    except AtomError as error:
        messages.error(request, error.message)
    return _back("tenancy:sessions")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page()
def tokens(request: HttpRequest) -> HttpResponse:
    """`settings/tokens/`; POST makes one and shows it, this once."""
    actor = _actor(request)
    form = TokenForm(request.POST or None, scopes=sorted(actor.scopes))
    fresh, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = personal_tokens.make(actor, **form.cleaned_data, origin=request.origin)  # type: ignore[attr-defined]
                fresh, status = made.text, 200
                form = TokenForm(scopes=sorted(actor.scopes))
            except AtomError as error:
                form.add_error(None, error.message)
    everybodys = request.GET.get("of") == "all" and actor.has(Scope.MEMBERS_MANAGE)
    rows = logins.tokens_for(actor, everybodys=everybodys)
    lines = [TokenLine(row, _state(row), row.membership.user_id == actor.id) for row in rows]
    context = TokensContext(lines, form, fresh, everybodys, actor.has(Scope.MEMBERS_MANAGE))
    return render_page(request, "tenancy/tokens.html", context, status=status)


@require_POST
@page()
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """`settings/tokens/<id>/revoke`."""
    try:
        personal_tokens.revoke(_actor(request), token_id, origin=request.origin)  # type: ignore[attr-defined]
        messages.success(request, "The token is revoked.")
    except AtomError as error:
        messages.error(request, error.message)
    return _back("tenancy:tokens")


@require_safe
@page()
def log(request: HttpRequest) -> HttpResponse:
    """`settings/security-log/`: one's own, or with `?of=all` the tenant's."""
    actor = _actor(request)
    of_tenant = actor.has(Scope.AUDIT_READ) and (request.GET.get("of") == "all" or actor.by_provider)
    events: list[SecurityEvent] = []
    cursor = None
    if of_tenant or not actor.by_provider:
        found = logins.events_for(actor, of_tenant=of_tenant, cursor=request.GET.get("cursor") or None)
        events, cursor = found.items, found.next_cursor
    context = {
        "events": events,
        "next_cursor": cursor,
        "of_tenant": of_tenant,
        "can_see_all": actor.has(Scope.AUDIT_READ),
        "by_provider": actor.by_provider,
    }
    return render_page(request, "tenancy/security_log.html", context)


def _security(
    request: HttpRequest, form: Form, factor_form: Form, *, status: int = 200, fresh_codes: list[str] | None = None
) -> HttpResponse:
    actor = _actor(request)
    known: dict[str, Any] = {"is_set": False, "recovery_codes_left": 0}
    if not actor.by_provider:
        known = accounts.second_factor_of(actor)
    context = SecurityContext(
        form, factor_form, known["is_set"], known["recovery_codes_left"], actor.by_provider, fresh_codes or []
    )
    return render_page(request, "tenancy/security.html", context, status=status)


def _change_password(request: HttpRequest, given: dict[str, str]) -> None:
    key = str(request.session.session_key)
    origin = request.origin  # type: ignore[attr-defined]
    user: User = accounts.change_password(
        _actor(request), current=given["current"], new=given["password"], origin=origin, keep_session=key
    )
    page_logins.renew_hash(request.session, user)


def _state(row: PersonalToken) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at <= clock.now() else "active"


def _back(name: str) -> HttpResponse:
    response = redirect(reverse(name))
    response.status_code = 303
    return response


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]
