"""Every route: named scopes, an answer for strangers, and no way around the identity middleware."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from apps.core.rest import scope_of

PUBLIC_PAGES = {
    "": "landing page, or home below a tenant's path (which asks for the login itself)",
    "login": "how one gets in",
    "logout": "how one gets out",
    "login/demo": "one-click login of the embedded profile; refuses elsewhere",
    "tenants": "chooser; asks for the login itself",
    "login/second-factor": "the code after the password; asks for the login itself",
    "login/second-factor/remove/<str:token>": "a signed link and the password",
    "login/sso": "names a workspace",
    "login/sso/<slug:slug>": "off to the workspace's own provider",
    "login/sso/callback": "back from it; only with the state of a sign-in begun in this browser",
    "password/forgot": "the same answer for everybody",
    "password/reset/<str:uid>/<str:token>": "a signed link",
    "invitations/<str:token>": "a signed link",
    "invitations/<str:token>/leave": "logs out",
    "removed/<str:token>": "receipt of a purge: the token is the permission, there is nobody left to log in",
}
METHODS = ("get", "post", "put", "patch", "delete")


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, path)
        else:
            yield path, entry.callback


def _routes() -> list[tuple[str, Any]]:
    found = _walk(get_resolver("atom_project.urls").url_patterns)
    return [(path, view) for path, view in found if not path.startswith("admin/")]


def test_every_api_view_names_a_scope_for_every_method_or_says_it_is_public() -> None:
    missing = []
    for path, view in _routes():
        cls = getattr(view, "view_class", None)
        if cls is None or not hasattr(cls, "required_scopes"):
            continue
        for method in METHODS:
            if hasattr(cls, method) and not cls.public:
                try:
                    scope_of(cls, method.upper())
                except TypeError as error:
                    missing.append(f"{path}: {error}")
    assert missing == []


def test_api_views_are_all_of_the_base_class() -> None:
    doors = ("api/schema", "api/docs", "api/redoc")
    ours = [(path, view) for path, view in _routes() if path.startswith("api/") and not path.startswith(doors)]
    assert [path for path, view in ours if not hasattr(getattr(view, "view_class", None), "public")] == []


def test_every_page_names_its_scope() -> None:
    doors = ("api/", "auth/", ".well-known/", "health", "ready", "metrics", "graphql", "static/", "ws/")
    wrong = [
        path
        for path, view in _routes()
        if not path.startswith(doors) and path not in PUBLIC_PAGES and not hasattr(view, "required_scope")
    ]
    assert wrong == []
