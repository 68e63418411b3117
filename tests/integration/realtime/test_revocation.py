"""What was granted can be taken back: at once where ATOM says so, within a minute in any case."""

import pytest

from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from apps.realtime.services.publisher import close_sockets
from apps.tenancy.models import Membership
from tests.integration.realtime.conftest import Open


def test_an_order_closes_the_sockets_of_one_person_and_of_nobody_else(
    sockets: Open, alice: Actor, bob: Actor, acme: TenantRef
) -> None:
    with sockets(bob) as theirs, sockets(alice) as mine:
        close_sockets(acme.id, actor_id=bob.id)
        assert theirs.close_code() == 4401
        assert mine.ask(ping={})["type"] == "pong"


def test_an_order_closes_all_sockets_of_a_tenant(
    sockets: Open, mallory: Actor, globex: TenantRef, alice: Actor
) -> None:
    with sockets(mallory) as theirs, sockets(alice) as others:
        close_sockets(globex.id)
        assert theirs.close_code() == 4401
        assert others.ask(ping={})["type"] == "pong"


def test_an_order_closes_a_socket_that_is_busy_at_that_moment(sockets: Open, bob: Actor, acme: TenantRef) -> None:
    for _ in range(20):
        with sockets(bob) as socket:
            for number in range(40):
                socket.say(subscribe={"topic": f"room.busy{number}"})
            close_sockets(acme.id, actor_id=bob.id)
            assert socket.close_code(timeout=5) == 4401


@pytest.mark.slow
def test_a_membership_that_ends_closes_the_socket_within_a_minute(sockets: Open, bob: Actor) -> None:
    with sockets(bob) as socket:
        with tenant_context.entered(None):
            Membership.objects.filter(user_id=bob.id).update(is_active=False)
        try:
            assert socket.close_code(timeout=60) == 4401
        finally:
            with tenant_context.entered(None):
                Membership.objects.filter(user_id=bob.id).update(is_active=True)
