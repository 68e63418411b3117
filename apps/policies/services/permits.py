"""A permit on its way to another process: sealed under the tenant's data key, for one actor, one text, one use.

`issue` turns a decision of the gate into a token fit for a task's arguments; `redeem` turns it back where the work is
done. A token opens in its own tenant alone, tells nobody its SQL, cannot be changed, ends, and works once: its number
is inserted before the permit exists, so of two workers one gets it, and a message delivered again finds it used. What
may have changed meanwhile is asked again: the gate of real execution and the tenant's policy.
"""

import base64
import binascii
import dataclasses
import random
import typing
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction
from pydantic import TypeAdapter, ValidationError

from apps.audit.services import trail
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Forbidden, Unavailable
from apps.core.ids import new_id
from apps.core.tenant import require
from apps.policies._seal import SEAL
from apps.policies.contracts import Allow, ExecutionRequest, Permit, Rewrite
from apps.policies.models import PermitUse
from apps.policies.services import selfcheck, settings
from apps.policies.services.reviews import sha256
from apps.policies.services.secrets import SecretsManager

LIFETIME: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=24)
_PREFIX: Final = "permit.v1."
_NAME: Final = "gate-permit"
_KINDS: Final[dict[str, type[Allow] | type[Rewrite]]] = {"allow": Allow, "rewrite": Rewrite}
_SWEEP_ONE_IN: Final = 100
_made: dict[type[Any], dict[str, TypeAdapter[Any]]] = {}


def issue(permit: Permit, *, lifetime: timedelta = LIFETIME) -> str:
    """The token of a permit, good once and for `lifetime` (a day at most). Its tenant must be entered."""
    owner = permit.request.actor.tenant
    if owner is None or owner.id != require().id:
        raise Forbidden("A permit is sealed in its own tenant.", code="PERMIT_INVALID")
    document = {
        "id": str(new_id()),
        "until": (clock.now() + min(lifetime, LONGEST)).isoformat(),
        "kind": permit.outcome,
        "settings": settings.current().version,
        "permit": _plain(type(permit), permit),
    }
    sealed = SecretsManager().enclosed(_NAME, orjson.dumps(document))
    return _PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def redeem(token: str, *, actor: Actor, sql: str) -> Permit:
    """The permit again, for the actor it was given to and exactly this SQL; raises Forbidden, and records why."""
    try:
        return _redeemed(token, actor, sql)
    except Forbidden as error:
        trail.record_refusal(actor, "gate.permit_refused", reason=error.message, object_type="permit")
        raise


def _redeemed(token: str, actor: Actor, sql: str) -> Permit:
    document = _opened(token)
    permit = _rebuilt(document, actor)
    if permit.sql != sql or permit.query_hash != sha256(sql):
        raise _refused("The permit is for another statement.")
    if document["settings"] != settings.current().version:
        raise _refused("The tenant's policy has changed since.")
    closed = selfcheck.closed_because(permit.request) if permit.request.target.is_real else None
    if closed:
        raise Forbidden(closed.message, code="REAL_EXECUTION_OFF", next_steps=[closed.remedy])
    _use(UUID(document["id"]), datetime.fromisoformat(document["until"]))
    return permit


def _opened(token: str) -> dict[str, Any]:
    if not token.startswith(_PREFIX):
        raise _refused("This is no permit.")
    text = token.removeprefix(_PREFIX)
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        document: dict[str, Any] = orjson.loads(SecretsManager().disclosed(_NAME, sealed))
    except (binascii.Error, ValueError) as error:
        raise _refused("The permit was changed on its way.") from error
    except Unavailable as error:
        if error.code != "SECRET_UNREADABLE":
            raise
        raise _refused("The permit was changed on its way, or is another tenant's.") from error
    if datetime.fromisoformat(document["until"]) <= clock.now():
        raise _refused("The permit has expired.")
    return document


def _rebuilt(document: dict[str, Any], actor: Actor) -> Permit:
    kind = _KINDS[document["kind"]]
    try:
        values = {name: adapter.validate_python(document["permit"][name]) for name, adapter in _adapters(kind).items()}
    except (KeyError, ValidationError) as error:
        raise _refused("The permit is of another version of ATOM.") from error
    request: ExecutionRequest = values["request"]
    given = request.actor
    if (given.id, given.kind, given.name, given.tenant) != (actor.id, actor.kind, actor.name, actor.tenant):
        raise _refused("The permit was given to somebody else.")
    values["request"] = dataclasses.replace(request, actor=actor)  # with the rights of now
    return kind(seal=SEAL, **values)


def _use(number: UUID, until: datetime) -> None:
    try:
        with transaction.atomic():
            PermitUse.objects.create(id=number, expires_at=until)
    except IntegrityError:
        raise _refused("The permit has been used.") from None
    if random.randrange(_SWEEP_ONE_IN) == 0:  # noqa: S311 - when to tidy up is no secret
        PermitUse.objects.filter(expires_at__lt=clock.now() - LONGEST).delete()


def _plain(kind: type[Any], permit: Permit) -> dict[str, Any]:
    return {name: adapter.dump_python(getattr(permit, name), mode="json") for name, adapter in _adapters(kind).items()}


def _adapters(kind: type[Any]) -> dict[str, TypeAdapter[Any]]:
    """How each field of a decision is written and read; a field added to it travels by itself."""
    if kind not in _made:
        types = typing.get_type_hints(kind)
        _made[kind] = {each.name: TypeAdapter(types[each.name]) for each in dataclasses.fields(kind)}
    return _made[kind]


def _refused(message: str) -> Forbidden:
    return Forbidden(message, code="PERMIT_INVALID", next_steps=["Ask the gate again."])
