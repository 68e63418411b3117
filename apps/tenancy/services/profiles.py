"""A person's own settings: name, time zone, theme. Global to the person, so written outside any tenant."""

from apps.audit.services import trail
from apps.core.actor import Actor
from apps.core.errors import Forbidden
from apps.tenancy.enums import Theme
from apps.tenancy.models import User


def update(actor: Actor, *, name: str, timezone: str, theme: Theme) -> None:
    """Change the actor's own profile; recorded in the workspace they are in."""
    if actor.id is None:
        raise Forbidden("Only a person has a profile.")
    with trail.in_public():
        User.objects.filter(id=actor.id).update(name=name, timezone=timezone, theme=theme)
        summary = {"timezone": timezone, "theme": theme.value}
        trail.record(actor, "profile.updated", object_type="user", object_id=actor.id, summary=summary)
