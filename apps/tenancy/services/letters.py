"""Mail of the doors: written down in the transaction of what it tells, sent by a worker, tried again until it left.

The row holds no link; the worker signs one when it sends. So a request does the same for an address that nobody has,
and neither the database nor the broker ever holds a key. Mail goes to people of this installation only.
"""

from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection
from django.template.loader import render_to_string

from apps.core import tenant as tenant_context
from apps.core.ids import new_id, parse_id
from apps.core.tenant import TenantRef
from apps.tenancy.models import Invitation, Letter, Membership, User
from apps.tenancy.services import links, security_log
from atom_project.config import config

_PLATFORM: Final = UUID(int=0)
_SUBJECTS: Final = {
    "invitation": "You are invited to {workspace}",
    "added": "You now have access to {workspace}",
    "reset": "Your new password",
    "factor_reset": "Your second factor",
    "password_changed": "Your password was changed",
}
log = structlog.get_logger(__name__)


def post(kind: str, address: str, *, subject_id: UUID | None = None, **facts: str) -> None:
    """Have a letter sent soon; call it inside the transaction of the change, with no tenant entered."""
    row = Letter.objects.create(kind=kind, address=address, subject_id=subject_id, facts=facts)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.tenancy_wakeup (id, created_at, updated_at, tenant_id, kind, ref, due_at, attempts)"
            " VALUES (%s, now(), now(), %s, 'tenancy.letter', %s, now(), 0)",
            [new_id(), _PLATFORM, str(row.id)],
        )


def deliver(ref: str, tenant: TenantRef | None = None) -> None:  # noqa: ARG001 - the shape of a handler
    """Handler of the wake-up: send, then forget the letter. A failure is raised, and the wake-up comes again."""
    with tenant_context.entered(None):
        letter = Letter.objects.filter(id=parse_id(ref) or _PLATFORM).first()
        if letter is None:
            return
        facts = _facts(letter)
        if facts is not None:
            _send(letter, facts)
        letter.delete()
    security_log.forget_old()  # a worker's moment; by index, and mostly nothing to do


def kept_in() -> str:
    """The folder where letters stay because no mail server is set; empty where one is."""
    return settings.EMAIL_FILE_PATH if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend") else ""


def _send(letter: Letter, facts: dict[str, Any]) -> None:
    subject = _SUBJECTS[letter.kind].format(workspace=facts.get("workspace", "")).replace("\n", " ").replace("\r", " ")
    body = render_to_string(f"tenancy/mail/{letter.kind}.txt", {**facts, "base_url": config.base_url})
    with get_connection() as server:  # closed also where it does not let us in
        EmailMessage(f"ATOM: {subject}"[:200], body, to=[letter.address], connection=server).send()
    log.info("letter.sent", kind=letter.kind)


def _facts(letter: Letter) -> dict[str, Any] | None:
    """What the letter says, as things stand now; None when there is nothing (left) to say."""
    if letter.kind == "invitation":
        return _of_invitation(letter)
    if letter.kind == "added":
        found = (
            Membership.objects.select_related("tenant")
            .filter(id=letter.subject_id or _PLATFORM, is_active=True)
            .first()
        )
        slug = found.tenant.slug if found else ""
        return (
            {**letter.facts, "workspace": found.tenant.name, "link": f"{config.base_url}/t/{slug}/"} if found else None
        )
    user = User.objects.filter(email=letter.address, is_active=True).first()
    if user is None:
        return None
    if letter.kind == "reset":
        return {"link": links.reset(user)}
    return {"link": links.factor_reset(user)} if letter.kind == "factor_reset" else dict(letter.facts)


def _of_invitation(letter: Letter) -> dict[str, Any] | None:
    row = Invitation.objects.select_related("tenant").filter(id=letter.subject_id or _PLATFORM).first()
    if row is None or row.accepted_at or row.withdrawn_at:
        return None
    inviter = User.objects.filter(id=row.invited_by or _PLATFORM).first()
    return {
        "workspace": row.tenant.name,
        "role": row.role,
        "inviter": str(inviter or "An admin"),
        "until": row.expires_at,
        "link": links.invitation(row),
    }
