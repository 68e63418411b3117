"""Reading memos; each fetch checks the caller."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.artifacts.models import ArtifactVersion
from apps.artifacts.selectors import artifacts
from apps.core.actor import Actor
from apps.core.errors import NotFound
from apps.core.permissions import Scope
from apps.memos.models import Memo
from apps.tenancy.selectors import shares


def list_for(actor: Actor, *, datasource_id: UUID | None = None, text: str = "") -> QuerySet[Memo]:
    """Memos the caller may read."""
    actor.require(Scope.MEMO_READ)
    rows = shares.visible(actor, Memo.objects.all())
    if datasource_id is not None:
        rows = rows.filter(datasource_id=datasource_id)
    return rows.filter(headline__icontains=text) if text else rows


def get_for(actor: Actor, memo_id: UUID) -> Memo:
    """One memo; NotFound for a stranger's, and for one that is not shared with the caller."""
    actor.require(Scope.MEMO_READ)
    found = shares.visible(actor, Memo.objects.filter(id=memo_id)).first()
    if found is None:
        raise NotFound("There is no such memo.")
    return found


def content_of(actor: Actor, memo: Memo, version: int | None = None) -> dict[str, Any]:
    """Packet, text and validation of a version, the current one by default."""
    number = memo.version if version is None else version
    content: dict[str, Any] = artifacts.get_version_for(actor, memo.artifact_id, number).content
    return content


def versions_of(actor: Actor, memo: Memo) -> QuerySet[ArtifactVersion]:
    """Its versions, newest first, without content."""
    return artifacts.list_versions(actor, memo.artifact_id)


def week_before(memo: Memo) -> Memo | None:
    """The memo of the seven days before, of the same source and zone."""
    last = memo.last_day - timedelta(days=7)
    return Memo.objects.filter(datasource_id=memo.datasource_id, tz=memo.tz, last_day=last).first()


def any_exist() -> bool:
    """Whether the tenant has a memo at all."""
    return Memo.objects.exists()
