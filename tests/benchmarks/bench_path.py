"""The main path on the demo warehouse (1.2 M events), as a program walks it: profile, dashboards, memo; the home page.

Run by `make bench`; needs the embedded servers. A worker thread of this process does the work.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from apps.gateway.connectors.doors import InProcessDoor
from apps.gateway.services import inner_worker, smoke
from apps.tenancy.models import Membership
from tests.benchmarks.report import Report, samples_ms
from tests.support import cast

LIMITS = {
    "profile every table": 20.0,
    "generate the dashboards": 10.0,
    "generate and validate the weekly memo": 10.0,
}


class Walk(smoke.Smoke):
    """The smoke's walk, with the home page measured while everything is there to be shown."""

    home_ms: tuple[float, ...] = ()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """The home page is asked just before the purge."""
        if name.startswith("purge") and not self.home_ms:
            self.home_ms = self._home()
        with super().step(name):
            yield

    def _home(self) -> tuple[float, ...]:
        membership = Membership.objects.select_related("user", "tenant").get(user__email=self.email)
        client = cast.page_client(cast.actor(self.email, membership.tenant.ref))
        address = f"/t/{membership.tenant.slug}/"
        assert client.get(address).status_code == 200
        return tuple(samples_ms(lambda: client.get(address), runs=40))

    email = ""


def run(report: Report) -> None:
    """Seconds of each step, and the 95th percentile of the home page."""
    walk = Walk(InProcessDoor(), lambda line: None)
    with inner_worker.running(), smoke.throw_away_tenant() as (_, email, password):
        walk.email = email
        smoke.walk(walk, email, password)
    for name, seconds in walk.steps:
        report.figure(f"path: {name}", seconds, "s", limit=LIMITS.get(name))
    report.figure("home page, 95th percentile", sorted(walk.home_ms)[37], "ms", limit=150.0)
