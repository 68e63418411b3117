"""A login, whole, against the hash of its password alone (Argon2id at the OWASP setting); and what identity costs."""

import statistics
import time

from django.contrib.auth.hashers import check_password
from django.db import connection

from apps.core.redis import client as redis_client
from apps.tenancy.contracts import Origin
from apps.tenancy.models import ApiLogin, Membership, User
from apps.tenancy.services import identity, personal_tokens, sessions, tokens
from tests.benchmarks.report import Report, median_ms
from tests.support import cast

EMAIL = "bob@acme.test"
RUNS = 40
WARM_UP = 20


def run(report: Report) -> None:
    """Both figures. Logins and hashes take turns, so that a busy machine weighs on both."""
    for key in redis_client().scan_iter("atom:login:*"):
        redis_client().delete(key)
    origin = Origin("127.0.0.1", "bench/1", "bench")
    stored = User.objects.get(email=EMAIL).password
    ours, floor = [], []
    for _ in range(WARM_UP):  # until the plans of the pool's connections are kept
        sessions.login(EMAIL, cast.PASSWORD, origin=origin)
        connection.close()
    for _ in range(RUNS):
        floor.append(median_ms(lambda: check_password(cast.PASSWORD, stored), runs=1, warm_up=0))
        connection.close()  # a request begins with a connection of the pool
        time.sleep(0.02)  # which has cleaned it, in a thread of its own
        ours.append(median_ms(lambda: sessions.login(EMAIL, cast.PASSWORD, origin=origin), runs=1, warm_up=0))
    report.ratio("a login / its password hash alone", sorted(ours)[RUNS // 2], sorted(floor)[RUNS // 2], limit=1.2)
    _unknown(report, origin)
    _identity(report)
    ApiLogin.objects.filter(device="bench/1").delete()


def _unknown(report: Report, origin: Origin) -> None:
    """A refused login for an address that exists against one that does not: time tells nothing."""

    def refused(email: str) -> None:
        try:
            sessions.authenticate(email, "wrong", origin=origin)
        except Exception:
            redis_client().flushdb()

    known, unknown = [], []
    for _ in range(RUNS):
        known.append(median_ms(lambda: refused(EMAIL), runs=1, warm_up=0))
        unknown.append(median_ms(lambda: refused("nobody@nowhere.test"), runs=1, warm_up=0))
    middle = RUNS // 2
    report.ratio("a refused login: known / unknown address", sorted(known)[middle], sorted(unknown)[middle], limit=1.1)


def _identity(report: Report) -> None:
    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()

    membership = Membership.objects.select_related("user").get(user__email=EMAIL)
    token = tokens.issue(membership).token
    actor = identity.from_bearer(token)
    personal = personal_tokens.make(actor, name="bench", scopes=["catalog:read"], days=1).text

    def of_a_request(given: str) -> float:
        """Each begins outside any tenant, where a request's connection does; identity leaves it in one."""
        takes = []
        for _ in range(300):
            bare()
            takes.append(median_ms(lambda: identity.from_bearer(given), runs=1, warm_up=0))
        return statistics.median(takes)

    floor = median_ms(bare, runs=300)
    report.ratio("identity by an access token / a bare round trip", of_a_request(token), floor, limit=3.0)
    report.ratio("identity by a personal token / a bare round trip", of_a_request(personal), floor, limit=3.0)
