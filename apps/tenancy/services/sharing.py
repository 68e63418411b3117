"""Sharing single objects: `share(actor, obj, person, level)`, taken back, restricted. By django-guardian, audited."""

from typing import Any
from uuid import UUID

from django.apps import apps as django_apps
from django.db.models import Model, QuerySet
from guardian.shortcuts import assign_perm, remove_perm

from apps.audit.services import trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, Forbidden, NotFound
from apps.core.permissions import Scope
from apps.tenancy.models import Membership, ObjectGrant, RestrictedObject, User
from apps.tenancy.registry import Shareable
from apps.tenancy.selectors import shares
from apps.tenancy.selectors.shares import Level


def share(actor: Actor, kind: str, object_id: UUID, member_id: UUID, level: Level) -> None:
    """Let a member of the tenant view or edit one object; raises Forbidden, NotFound."""
    known, obj = shares.object_for(actor, kind, object_id)
    _check(actor, known, obj)
    person = _member(actor, member_id)
    with trail.unit_of_work():
        for each in _with_companion(known, obj):
            assign_perm(_code(each, "view"), person, each)
            (assign_perm if level is Level.EDIT else remove_perm)(_code(each, "change"), person, each)
            _grants(each, person).filter(granted_by=None).update(granted_by=actor.id)
        _record(actor, "object.shared", known, obj, {"member": str(member_id), "level": level})


def unshare(actor: Actor, kind: str, object_id: UUID, member_id: UUID) -> None:
    """Take a grant back; raises NotFound when there is none."""
    known, obj = shares.object_for(actor, kind, object_id)
    _check(actor, known, obj)
    person = _member(actor, member_id)
    with trail.unit_of_work():
        counts = [_grants(each, person).delete()[0] for each in _with_companion(known, obj)]
        if not any(counts):
            raise NotFound("It is not shared with this person.")
        _record(actor, "object.unshared", known, obj, {"member": str(member_id)})


def restrict(actor: Actor, kind: str, object_id: UUID, *, wanted: bool) -> None:
    """Close an object to all but those it is shared with (the actor keeps it), or open it to the workspace again."""
    known, obj = shares.object_for(actor, kind, object_id)
    _check(actor, known, obj)
    with trail.unit_of_work():
        for each in _with_companion(known, obj):
            key: dict[str, Any] = {"content_type_id": shares.content_type_id(type(each)), "object_pk": str(each.pk)}
            if wanted:
                RestrictedObject.objects.get_or_create(**key)
                _keep(actor, each)
            else:
                RestrictedObject.objects.filter(**key).delete()
        _record(actor, "object.restricted" if wanted else "object.opened", known, obj, {})


def _with_companion(known: Shareable, obj: Model) -> list[Model]:
    """The object, and what shows the same content under another address (the artifact of a dashboard)."""
    if not known.also:
        return [obj]
    return [obj, django_apps.get_model(known.also)(pk=getattr(obj, known.also_field))]


def _keep(actor: Actor, obj: Model) -> None:
    person = User(id=actor.id, is_active=True)
    for verb in ("view", "change"):
        assign_perm(_code(obj, verb), person, obj)


def _check(actor: Actor, known: Shareable, obj: Model) -> None:
    actor.require(Scope.MEMBERS_READ)
    if actor.id is None:
        raise Forbidden("Only a person shares.")
    shares.require_edit(actor, obj, known.write_scope)


def _member(actor: Actor, member_id: UUID) -> User:
    with tenant_context.entered(None):
        row = Membership.objects.filter(id=member_id, tenant_id=actor.tenant_id, is_active=True).first()
    if row is None:
        raise NotFound("There is no such member.")
    if row.user_id == actor.id:
        raise Conflict("You have this already.", code="OWN_SHARE")
    return User(id=row.user_id, is_active=True)


def _grants(obj: Model, person: User) -> QuerySet[ObjectGrant]:
    return ObjectGrant.objects.filter(
        content_type_id=shares.content_type_id(type(obj)), object_pk=str(obj.pk), user_id=person.id
    )


def _code(obj: Model, verb: str) -> str:
    return f"{obj._meta.app_label}.{verb}_{obj._meta.model_name}"


def _record(actor: Actor, action: str, known: Shareable, obj: Model, summary: dict[str, str]) -> None:
    trail.record(actor, action, object_type=known.kind, object_id=str(obj.pk), summary=summary)
