"""Owner checks of the topics this app declares itself."""

from apps.core.actor import Actor


def is_own(actor: Actor, *, person: str) -> bool:
    """Whether the topic names the caller."""
    return actor.id is not None and person in (str(actor.id), actor.id.hex)
