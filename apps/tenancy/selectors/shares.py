"""Who may open or change a single object: what the role gives, what a restriction takes, what a grant gives back.

`visible` narrows a queryset, `may_edit` answers for one object; both are what selectors of the upper apps ask. Grants
are django-guardian's, in a table whose row-level security knows one tenant at a time.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.apps import apps as django_apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from guardian.core import ObjectPermissionChecker
from guardian.shortcuts import get_objects_for_user

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Forbidden, NotFound
from apps.core.permissions import Role
from apps.tenancy import registry
from apps.tenancy.models import Membership, ObjectGrant, RestrictedObject, User
from apps.tenancy.registry import Shareable

Row = TypeVar("Row", bound=Model)


class Level(StrEnum):
    """What a grant lets somebody do."""

    VIEW = "view"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Share:
    """A person an object is shared with."""

    membership_id: UUID
    name: str
    email: str
    role: str
    level: Level


@dataclass(frozen=True, slots=True)
class Shared:
    """An object with those it is shared with."""

    kind: str
    object_id: UUID
    title: str
    is_restricted: bool
    shares: list[Share]


def visible(actor: Actor, rows: QuerySet[Row]) -> QuerySet[Row]:
    """`rows` without the restricted objects that are not shared with the actor. Admins see all. Adds no query."""
    if actor.role == Role.ADMIN or actor.id is None:
        return rows
    model = rows.model
    own = RestrictedObject.objects.filter(
        content_type_id=content_type_id(model), object_pk=Cast(OuterRef("pk"), CharField())
    )
    granted: QuerySet[Row] = get_objects_for_user(
        _person(actor.id), f"{model._meta.app_label}.{_codename(model, Level.VIEW)}", QuerySet(model),
        use_groups=False, accept_global_perms=False, with_superuser=False,
    )  # fmt: skip
    return rows.filter(~Exists(own) | Q(pk__in=granted.values("pk")))


def may_edit(actor: Actor, obj: Model, scope: str) -> bool:
    """Whether the actor may change this object: by a grant, or by `scope` where the object is not restricted."""
    if actor.role == Role.ADMIN or actor.id is None:
        return actor.has(scope)
    if actor.has(scope) and not is_restricted(obj):
        return True
    held = ObjectPermissionChecker(_person(actor.id)).get_user_perms(obj)
    return _codename(type(obj), Level.EDIT) in set(held)


def require_edit(actor: Actor, obj: Model, scope: str) -> None:
    """Raise Forbidden unless the actor may change this object."""
    if not may_edit(actor, obj, scope):
        raise Forbidden("You may look at this but not change it.", extra={"required_scope": str(scope)})


def is_restricted(obj: Model) -> bool:
    """Whether only those it is shared with may open it."""
    return RestrictedObject.objects.filter(content_type_id=content_type_id(type(obj)), object_pk=str(obj.pk)).exists()


def object_for(actor: Actor, kind: str, object_id: UUID) -> tuple[Shareable, Model]:
    """An object of a kind that can be shared, as the actor sees it; NotFound for a stranger's."""
    known = registry.shareables().get(kind)
    if known is None:
        raise NotFound("Objects of this kind are not shared.")
    actor.require(known.read_scope)
    found: Model | None = visible(actor, QuerySet(model_of(known)).filter(pk=object_id)).first()
    if found is None:
        raise NotFound("There is no such object.")
    return known, found


def shared_for(actor: Actor, kind: str, object_id: UUID) -> Shared:
    """The object and whom it is shared with, for the dialog. Two queries, whatever the number of people."""
    known, obj = object_for(actor, kind, object_id)
    rows = ObjectGrant.objects.filter(content_type_id=content_type_id(type(obj)), object_pk=str(obj.pk))
    levels: dict[UUID, Level] = {}
    for user_id, codename in rows.values_list("user_id", "permission__codename"):
        level = Level.EDIT if codename.startswith("change_") else Level.VIEW
        levels[user_id] = Level.EDIT if Level.EDIT in (level, levels.get(user_id)) else level
    return Shared(kind, object_id, str(getattr(obj, known.title_field)), is_restricted(obj), _people(actor, levels))


def _people(actor: Actor, levels: dict[UUID, Level]) -> list[Share]:
    with tenant_context.entered(None):
        rows = Membership.objects.select_related("user").filter(
            user_id__in=levels, tenant_id=actor.tenant_id, is_active=True
        )
        return [
            Share(row.id, str(row.user), row.user.email, row.role, levels[row.user_id])
            for row in rows.order_by("user__email")
        ]


def model_of(shareable: Shareable) -> type[Model]:
    """The model behind a kind."""
    return django_apps.get_model(shareable.model)


def content_type_id(model: type[Model]) -> int:
    """Id of the model's content type; asked once a process."""
    return _content_type_id(model._meta.label)


@cache
def _content_type_id(label: str) -> int:
    return int(ContentType.objects.get_for_model(django_apps.get_model(label)).pk)


def _codename(model: type[Model], level: Level) -> str:
    return f"{'change' if level is Level.EDIT else 'view'}_{model._meta.model_name}"


def _person(user_id: UUID) -> Any:
    """What guardian asks about: an id and that they are active; the row itself is not the tenant's to read."""
    return User(id=user_id, is_active=True)
