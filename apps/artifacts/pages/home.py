"""What the home page shows of feedback."""

from django.urls import reverse

from apps.artifacts.selectors import feedback
from apps.core.actor import Actor
from apps.core.home import ChecklistStep
from apps.core.permissions import Scope


def step(actor: Actor) -> ChecklistStep | None:
    """The checklist's last step."""
    if not (actor.has(Scope.FEEDBACK_WRITE) and actor.has(Scope.ARTIFACT_READ)):
        return None
    done = feedback.has_given(actor)
    return ChecklistStep(
        title="Say whether it helped",
        note="Thumbs on a memo's paragraph or a dashboard; kept with the version you saw.",
        done=done,
        href=reverse("artifacts:feedback") if done else reverse("memos:list"),
        action="Read feedback" if done else "Open a memo",
    )
