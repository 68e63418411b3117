"""What every page shows around its content: the context processor `shell`. It asks the database nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import get_script_prefix

from apps.core import clock, home
from apps.core.actor import Actor
from apps.core.home import Notice
from apps.core.tenant import TenantRef
from apps.gateway.pages import navigation
from apps.gateway.pages.navigation import Section
from atom_project.config import config

THEMES = ("light", "dark", "auto")
THEME_COOKIE = "atom_theme"


@dataclass
class Shell:
    """The frame of one page; costly parts are made when a template asks for them."""

    request: HttpRequest

    @property
    def actor(self) -> Actor | None:
        """The caller, if known."""
        return getattr(self.request, "actor", None)

    @property
    def tenant(self) -> TenantRef | None:
        """The workspace, if entered."""
        return getattr(self.request, "tenant", None)

    @property
    def env(self) -> str:
        """SIM or LIVE."""
        return config.env

    @cached_property
    def theme(self) -> str:
        """The cookie's choice, else the person's, else as the system has it."""
        chosen = self.request.COOKIES.get(THEME_COOKIE) or getattr(self._person, "theme", "")
        return chosen if chosen in THEMES else "auto"

    @cached_property
    def timezone(self) -> str:
        """The person's zone, else the workspace's."""
        chosen = getattr(self._person, "timezone", "") or (self.tenant.timezone if self.tenant else "UTC")
        return chosen if chosen in clock.zones() else "UTC"

    @property
    def _person(self) -> object:
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def prefix(self) -> str:
        """`/t/<slug>` without a slash at the end; empty outside a workspace."""
        return get_script_prefix().rstrip("/")

    @property
    def home(self) -> str:
        """Address of the workspace's home page."""
        return get_script_prefix()

    @cached_property
    def sections(self) -> list[Section]:
        """The navigation as the caller sees it."""
        return navigation.sections_for(self.actor, self.request.path) if self.actor else []

    @cached_property
    def notices(self) -> Sequence[Notice]:
        """Degraded parts."""
        return home.notices(self.actor)

    @property
    def monogram(self) -> str:
        """Two letters for the workspace."""
        return initials(self.tenant.name if self.tenant else "ATOM")

    @property
    def initials(self) -> str:
        """Two letters for the person."""
        return initials((self.actor.name or self.actor.email) if self.actor else "")

    @property
    def palette_url(self) -> str:
        """Where the palette asks."""
        return get_script_prefix() + "palette"

    @property
    def notices_url(self) -> str:
        """Where the banner of degraded parts renews itself."""
        return get_script_prefix() + "notices"

    @property
    def profile_url(self) -> str:
        """The person's own settings."""
        return get_script_prefix() + "settings/profile/"


def initials(name: str) -> str:
    """`Acme Retail` → AR, `Globex` → GL."""
    parts = [part for part in name.replace("@", " ").replace(".", " ").split() if part[0].isalnum()]
    if not parts:
        return "··"
    return (parts[0][0] + parts[1][0] if len(parts) > 1 else parts[0][:2]).upper()


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor."""
    return {"shell": Shell(request), "request_id": getattr(request, "request_id", "")}
