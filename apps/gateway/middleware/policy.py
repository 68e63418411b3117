"""The Content-Security-Policy of an answer: strict for pages, empty for data, its own for the two admin sites."""

from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

ADMIN_PATH = "/admin/"
_DATA = ("application/json", "application/problem+json")
_OF_DATA = "default-src 'none'; frame-ancestors 'none'"


class PolicyMiddleware(CSPMiddleware):
    """django-csp, which asks here for the parts of each answer's policy."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Data loads nothing and is framed nowhere; a page gets the policy that is put together for it."""
        if response.headers.get("Content-Type", "").startswith(_DATA):
            response.headers.setdefault(HEADER, _OF_DATA)
            return response
        return super().process_response(request, response)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False, **kwargs: Any
    ) -> PolicyParts:
        """The admin's theme brings Alpine, which evaluates attributes; nothing else may."""
        parts = super().get_policy_parts(request=request, response=response, report_only=report_only, **kwargs)
        if request.path_info.startswith(ADMIN_PATH) and not report_only:
            parts.config = settings.ADMIN_CONTENT_SECURITY_POLICY
        return parts
