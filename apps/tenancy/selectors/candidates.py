"""What a login asks about an address, in one prepared statement: the person and the places they may enter.

It is read before the password is hashed, so that an address nobody has costs the same. What changes meanwhile counts
all the same: an access token carries the epochs read here and its membership is looked at on every use.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from apps.core.db import prepared
from apps.tenancy.models import Membership, Tenant, User

M = TypeVar("M", User, Membership, Tenant)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who claims to be this person would be them: in these places, by name, perhaps with a code."""

    user: User
    memberships: list[Membership]
    has_second_factor: bool


def candidate(email: str) -> Candidate | None:
    """The person with this address, whatever their state. A text that no address can be finds nobody."""
    if "\x00" in email:
        return None
    rows = prepared.fetch_all(_statement(), [email.strip().lower()])
    if not rows:
        return None
    confirmed_at, *values = rows[0]
    people, places = len(_columns(User)), len(_columns(Membership))
    user = _instance(User, values[:people])
    memberships = []
    for _, *each in rows:
        if each[people] is None:
            continue
        membership = _instance(Membership, each[people : people + places])
        membership.user, membership.tenant = user, _instance(Tenant, each[people + places :])
        memberships.append(membership)
    return Candidate(user, memberships, confirmed_at is not None)


@cache
def _statement() -> str:
    chosen = ", ".join(f"{alias}.{name}" for alias, model in _MODELS for name in _columns(model))
    return f"""
        SELECT f.confirmed_at, {chosen}
          FROM public.tenancy_user u
          LEFT JOIN (public.tenancy_membership m
                     JOIN public.tenancy_tenant t ON t.id = m.tenant_id AND t.status = 'active')
            ON m.user_id = u.id AND m.is_active AND NOT m.needs_proof
          LEFT JOIN public.tenancy_secondfactor f ON f.user_id = u.id
         WHERE u.email = %s ORDER BY t.name
    """  # noqa: S608 - the names are those of our models


_MODELS = (("u", User), ("m", Membership), ("t", Tenant))


@cache
def _columns(model: type[User | Membership | Tenant]) -> tuple[str, ...]:
    return tuple(str(field.column) for field in model._meta.concrete_fields)


def _instance(model: type[M], values: Sequence[Any]) -> M:
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db("default", names, values)
