"""What only a browser needs of Django: session, CSRF, login, messages, framing, htmx.

A program's request (`/api/…` with a bearer token, no tenant in its path) passes them by: it has no session that
anything could ride on, and together they cost a tenth of the time of a small query.
"""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django_htmx.middleware import HtmxMiddleware


def is_of_a_program(request: HttpRequest) -> bool:
    """Whether a bearer token speaks, and nothing of a browser."""
    return (
        "HTTP_AUTHORIZATION" in request.META
        and request.path_info.startswith("/api/")
        and not getattr(request, "tenant_slug", "")
    )


class _OfPages:
    """Passes programs on to the next layer. The view hooks stay: CSRF finds API views exempt by itself."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Work for pages alone."""
        if is_of_a_program(request):
            answer: HttpResponseBase = self.get_response(request)
            return answer
        return super().__call__(request)  # type: ignore[misc,no-any-return]  # the layer this is mixed into


class Sessions(_OfPages, SessionMiddleware):
    """The session, by cookie."""


class Csrf(_OfPages, CsrfViewMiddleware):
    """The CSRF token."""


class Login(_OfPages, AuthenticationMiddleware):
    """`request.user`, lazily."""


class Messages(_OfPages, MessageMiddleware):
    """One-time messages."""


class Framing(_OfPages, XFrameOptionsMiddleware):
    """X-Frame-Options."""


class Htmx(_OfPages, HtmxMiddleware):
    """`request.htmx`."""
