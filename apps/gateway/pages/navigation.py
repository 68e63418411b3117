"""The one table of what the side bar shows. An entry appears when its page exists and the caller may see it."""

from dataclasses import dataclass
from functools import cache

from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.permissions import Scope


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the navigation: title, icon of the sprite, URL name, scope, key after `g`."""

    title: str | Promise
    icon: str
    url_name: str
    scope: Scope | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A place as the caller sees it."""

    title: str
    icon: str
    url: str
    key: str
    current: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    entries: tuple[Entry, ...]


SECTIONS: tuple[tuple[str | Promise, tuple[Place, ...]], ...] = (
    ("", (Place(_("Home"), "home", "gateway:home", None, "h"),)),
    (
        _("Studio"),
        (
            Place(_("SQL"), "code", "studio:sql", Scope.STUDIO_READ, "s"),
            Place(_("Schema"), "schema", "studio:schema", Scope.STUDIO_READ, ""),
            Place(_("Tables"), "table", "studio:tables", Scope.STUDIO_READ, ""),
        ),
    ),
    (
        _("Data"),
        (
            Place(_("Datasources"), "database", "datasources:list", Scope.DATASOURCE_VIEWER, "d"),
            Place(_("Catalog"), "columns", "datasources:catalog", Scope.CATALOG_READ, "c"),
            Place(_("Recommendations"), "checklist", "datasources:recommendations", Scope.CATALOG_READ, "r"),
            Place(_("PII review"), "shield-lock", "datasources:pii", Scope.CATALOG_READ, ""),
        ),
    ),
    (
        _("Autopilot"),
        (
            Place(_("Dashboards"), "layout-dashboard", "dashboards:list", Scope.DASHBOARD_READ, "b"),
            Place(_("Memos"), "news", "memos:list", Scope.MEMO_READ, "m"),
            Place(_("Feedback"), "message-circle", "artifacts:feedback", Scope.ARTIFACT_READ, "f"),
        ),
    ),
    (
        _("Operations"),
        (
            Place(_("Approvals"), "checklist", "policies:approvals", Scope.APPROVALS_READ, "a"),
            Place(_("Workflows"), "route", "workflows:list", Scope.WORKFLOW_READ, "w"),
            Place(_("Decisions"), "shield-check", "policies:decisions", Scope.AUDIT_READ, ""),
            Place(_("Costs"), "coin", "policies:costs", Scope.AUDIT_READ, ""),
            Place(_("Audit"), "history", "audit:log", Scope.AUDIT_READ, "l"),
        ),
    ),
    (
        _("Settings"),
        (
            Place(_("My profile"), "user-circle", "tenancy:profile", None, ""),
            Place(_("Security"), "lock", "tenancy:security", None, ""),
            Place(_("Tokens"), "key", "tenancy:tokens", None, ""),
            Place(_("Members"), "users", "tenancy:members", Scope.MEMBERS_READ, ""),
            Place(_("Sign-in"), "login", "tenancy:sign-in", Scope.SETTINGS_MANAGE, ""),
            Place(_("Workspace"), "settings", "tenancy:workspace", Scope.TENANT_MANAGE, ""),
            Place(_("Policies"), "adjustments", "policies:settings", Scope.QUERIES_RUN, "p"),
        ),
    ),
)


def sections_for(actor: Actor, path: str) -> list[Section]:
    """The navigation as `actor` sees it; the entry with the longest URL that begins `path` is current."""
    prefix = get_script_prefix()
    shown = [
        (title, [(place, prefix + _path_of(place.url_name)) for place in places if _visible(place, actor)])
        for title, places in SECTIONS
    ]
    current = _current([url for _title, places in shown for _place, url in places], path, prefix)
    return [
        Section(str(title), tuple(_entry(place, url, current) for place, url in places))
        for title, places in shown
        if places
    ]


def _entry(place: Place, url: str, current: str) -> Entry:
    return Entry(str(place.title), place.icon, url, place.key, url == current)


def _visible(place: Place, actor: Actor) -> bool:
    return exists(place.url_name) and (place.scope is None or actor.has(place.scope))


def _current(urls: list[str], path: str, home: str) -> str:
    fitting = [url for url in urls if (path == url if url == home else path.startswith(url))]
    return max(fitting, key=len, default="")


def exists(url_name: str) -> bool:
    """Whether a page without arguments has this name."""
    return _found(url_name) is not None


def _path_of(url_name: str) -> str:
    return _found(url_name) or ""


@cache
def _found(url_name: str) -> str | None:
    """Path below the script prefix, or None; the URL configuration does not change while we run."""
    try:
        return reverse(url_name)[len(get_script_prefix()) :]
    except NoReverseMatch:
        return None
