"""The second factor: TOTP (RFC 6238, by pyotp) and recovery codes. A person's, so it holds in every workspace.

Six digits are guessed quickly, so failures are counted in the database under the row's lock, whatever Redis does; a
code is good once (`last_step`), also for two calls at the same moment.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final

import pyotp
import segno
from django.core import signing
from django.db import transaction

from apps.audit.services import trail
from apps.core import clock
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.errors import Conflict, InvalidInput, LimitReached, Unauthorised
from apps.tenancy import registry
from apps.tenancy.contracts import Origin
from apps.tenancy.models import RecoveryCode, SecondFactor, User
from apps.tenancy.services import letters, security_log

CHALLENGE_SECONDS: Final = 300
RECOVERY_CODES: Final = 10
_STEP: Final = 30
_DRIFT_STEPS: Final = 1  # clocks of phones are off by some seconds
_FREE_FAILURES: Final = 5
_LOCK: Final = timedelta(minutes=5)
_SALT: Final = "atom.second-factor"
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def is_set(user: User) -> bool:
    """Whether the person has a confirmed second factor."""
    with tenant_context.entered(None):
        return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).exists()


def begin(user: User) -> str:
    """A new secret, not yet in force, and its `otpauth` address; raises Conflict when one is in force."""
    with tenant_context.entered(None), transaction.atomic():
        row, _ = SecondFactor.objects.select_for_update().get_or_create(user=user, defaults={"sealed": b""})
        if row.confirmed_at is not None:
            raise Conflict("A second factor is set already; remove it first.", code="SECOND_FACTOR_SET")
        secret = pyotp.random_base32()
        row.sealed = registry.vault().seal(_name(user), secret)
        row.save(update_fields=["sealed", "updated_at"])
    return address_of(user, secret)


def pending_address(user: User) -> str:
    """The `otpauth` address of the secret that waits to be confirmed; a new one when there is none."""
    with tenant_context.entered(None):
        row = SecondFactor.objects.filter(user=user, confirmed_at=None).first()
        if row is None or not row.sealed:
            return begin(user)
        return address_of(user, _secret(row))


def address_of(user: User, secret: str) -> str:
    """What the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name="ATOM")


def qr_code(address: str) -> str:
    """The address as an SVG data URI, drawn here: nobody else sees the secret."""
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff"))


def confirm(user: User, code: str, *, origin: Origin) -> list[str]:
    """Put the pending secret in force by a first code; answers the recovery codes, this once."""
    with tenant_context.entered(None), transaction.atomic():
        row = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
        if row is None or not row.sealed:
            raise Conflict("Start again: there is no second factor waiting.", code="SECOND_FACTOR_NOT_BEGUN")
        step = _step_of(row, code)
        if step is None:
            raise InvalidInput("This code does not fit. Is the clock of your phone right?", code="CODE_WRONG")
        row.confirmed_at, row.last_step, row.failures = clock.now(), step, 0
        row.save(update_fields=["confirmed_at", "last_step", "failures", "updated_at"])
        codes = _new_codes(row)
    security_log.record("second_factor.set", user_id=user.id, origin=origin)
    return codes


def renew_codes(user: User, *, origin: Origin) -> list[str]:
    """Ten fresh recovery codes; the old ones are void. The caller has had a code."""
    with tenant_context.entered(None), transaction.atomic():
        row = SecondFactor.objects.select_for_update().get(user=user)
        codes = _new_codes(row)
    security_log.record("second_factor.codes", user_id=user.id, origin=origin)
    return codes


def check(user: User, code: str, *, origin: Origin) -> None:
    """Accept a code once; raises Unauthorised, or LimitReached after too many wrong ones."""
    with tenant_context.entered(None):
        with transaction.atomic():
            row = SecondFactor.objects.select_for_update().filter(user=user).exclude(confirmed_at=None).first()
            good = row is not None and _use(row, code)
        outcome = "ok" if good else "refused"
        security_log.record("second_factor.used", user_id=user.id, origin=origin, outcome=outcome)
    if not good:
        raise Unauthorised("This code is not good (any more).", code="CODE_WRONG")


def remove(user: User, *, origin: Origin, detail: str = "") -> None:
    """Do without a second factor again. The caller has had a code, or is an admin who may."""
    with tenant_context.entered(None):
        SecondFactor.objects.filter(user=user).delete()
    security_log.record("second_factor.removed", user_id=user.id, origin=origin, detail=detail)


def send_reset(operator: Actor, user: User) -> None:
    """For an operator: send the person the link that removes their second factor, which asks for their password.

    Recorded on the platform's chain. Raises Conflict where none is set.
    """
    with trail.in_public():
        if not is_set(user):
            raise Conflict("This person has no second factor.", code="SECOND_FACTOR_MISSING")
        letters.post("factor_reset", user.email)
        security_log.record("second_factor.reset_allowed", user_id=user.id, detail="by an operator")
        trail.record(operator, "person.factor_reset_allowed", object_type="user", object_id=user.id)


def codes_left(user: User) -> int:
    """Recovery codes not used yet."""
    with tenant_context.entered(None):
        return RecoveryCode.objects.filter(factor__user=user, used_at=None).count()


def challenge(user: User, tenant: str) -> str:
    """What a program shows together with its code, within five minutes of the password."""
    return signing.dumps({"u": str(user.id), "e": user.epoch, "t": tenant}, salt=_SALT, compress=True)


def answered(text: str) -> tuple[User, str]:
    """Whose challenge this is, and the tenant they asked for; raises Unauthorised."""
    try:
        said = signing.loads(text, salt=_SALT, max_age=CHALLENGE_SECONDS)
        user = User.objects.filter(id=said["u"], is_active=True, epoch=said["e"]).first()
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        user = None
    if user is None:
        raise Unauthorised("The login took too long or is not ours; start again.", code="CHALLENGE_INVALID")
    return user, str(said["t"])


def _use(row: SecondFactor, code: str) -> bool:
    now = clock.now()
    if row.locked_until is not None and row.locked_until > now:
        wait = int((row.locked_until - now).total_seconds()) + 1
        raise LimitReached("Too many wrong codes; wait a little.", code="CODE_THROTTLED", retry_after=wait)
    step = _step_of(row, code)
    if step is None and not _use_recovery_code(row, code):
        row.failures += 1
        if row.failures % _FREE_FAILURES == 0:
            row.locked_until = now + _LOCK * (row.failures // _FREE_FAILURES)
        row.save(update_fields=["failures", "locked_until", "updated_at"])
        return False
    row.last_step, row.failures, row.locked_until = step or row.last_step, 0, None
    row.sealed = _under_the_current_key(row)
    row.save(update_fields=["sealed", "last_step", "failures", "locked_until", "updated_at"])
    return True


def _step_of(row: SecondFactor, code: str) -> int | None:
    """The time step that `code` is good for, later than the last one used; None when there is none."""
    digits = code.replace(" ", "")
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    totp, now = pyotp.TOTP(_secret(row)), int(clock.now().timestamp()) // _STEP
    for step in range(now - _DRIFT_STEPS, now + _DRIFT_STEPS + 1):
        if step > row.last_step and hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def _use_recovery_code(row: SecondFactor, code: str) -> bool:
    plain = code.replace("-", "").replace(" ", "").lower()
    if len(plain) != 10:
        return False
    unused = RecoveryCode.objects.filter(factor=row, code_hash=_hash(row, plain), used_at=None)
    return unused.update(used_at=clock.now()) > 0


def _new_codes(row: SecondFactor) -> list[str]:
    RecoveryCode.objects.filter(factor=row).delete()
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(factor=row, code_hash=_hash(row, code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _hash(row: SecondFactor, code: str) -> str:
    """49 random bits, bound to the row; with five tries in five minutes a slow hash adds nothing."""
    return hashlib.sha256(f"{row.id}|{code}".encode()).hexdigest()


def _under_the_current_key(row: SecondFactor) -> bytes:
    """The sealed secret, sealed again when the master key has changed since."""
    sealed = bytes(row.sealed)
    return registry.vault().seal(f"totp|{row.user_id}", _secret(row)) if registry.vault().is_stale(sealed) else sealed


def _secret(row: SecondFactor) -> str:
    return registry.vault().unseal(f"totp|{row.user_id}", bytes(row.sealed))


def _name(user: User) -> str:
    return f"totp|{user.id}"
