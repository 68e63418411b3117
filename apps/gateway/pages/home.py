"""The home page of a workspace, and the landing page for strangers: both live at `/`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from apps.core import home
from apps.core.actor import Actor
from apps.core.home import ChecklistStep, Figure, HomeItem, Slot
from apps.core.pages import page, render_page
from apps.tenancy.selectors import memberships
from apps.tenancy.selectors.memberships import DemoPerson
from atom_project.config import Profile, config


@dataclass(frozen=True, slots=True)
class StepLine:
    """A checklist step with its place: done, the next to do, or later."""

    key: str
    step: ChecklistStep
    is_next: bool


@dataclass(frozen=True)
class HomeContext:
    """Everything the home page shows."""

    actor: Actor

    @cached_property
    def steps(self) -> list[StepLine]:
        """The checklist; the first open step is the next."""
        found = home.checklist(self.actor)
        following = next((key for key, step in found if not step.done), "")
        return [StepLine(key, step, key == following) for key, step in found]

    @property
    def steps_done(self) -> int:
        """How many steps are done."""
        return sum(line.step.done for line in self.steps)

    @property
    def is_new(self) -> bool:
        """Whether the checklist is still worth the first place."""
        return self.steps_done < len(self.steps)

    @cached_property
    def figures(self) -> list[Figure]:
        """Key figures."""
        return home.figures(self.actor)

    @cached_property
    def attention(self) -> Sequence[HomeItem]:
        """What needs me."""
        return home.items(Slot.ATTENTION, self.actor)

    @cached_property
    def running(self) -> Sequence[HomeItem]:
        """What is under way."""
        return home.items(Slot.RUNNING, self.actor)

    @cached_property
    def recent(self) -> Sequence[HomeItem]:
        """What was made last."""
        return home.items(Slot.RECENT, self.actor)

    @cached_property
    def freshness(self) -> Sequence[HomeItem]:
        """How old the data is."""
        return home.items(Slot.FRESHNESS, self.actor)


def front_door(request: HttpRequest) -> HttpResponseBase:
    """`/`: the landing page; `/t/<slug>/`: the home page."""
    if getattr(request, "tenant_slug", ""):
        return tenant_home(request)
    return landing(request)


@page()
def tenant_home(request: HttpRequest) -> HttpResponse:
    """`/t/<slug>/`."""
    return render_page(
        request,
        "gateway/home.html",
        {"home": HomeContext(request.actor)},  # type: ignore[attr-defined]
        fragment="gateway/partials/_home.html",
    )


def landing(request: HttpRequest) -> HttpResponse:
    """`/` for strangers; who is logged in goes to their workspaces."""
    if request.user.is_authenticated:
        return redirect("/tenants")
    return render_page(request, "gateway/landing.html", {"demo_people": demo_people()})


def demo_people() -> list[DemoPerson]:
    """The people a visitor may be with one click: in the embedded profile only."""
    return memberships.demo_people() if config.profile is not Profile.PRODUCTION else []
