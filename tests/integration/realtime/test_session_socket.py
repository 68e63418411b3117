"""The socket of pages: the session cookie proves, only our own origin may open it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from apps.core.actor import Actor
from tests.integration.realtime.conftest import Socket
from tests.support import cast


@contextmanager
def page_socket(served: str, actor: Actor, *, slug: str = "acme", origin: str = "") -> Iterator[Socket]:
    cookie = cast.page_client(actor).cookies["atom_session"].value
    with connect(
        f"ws://{served}/t/{slug}/ws/realtime",
        additional_headers={"Cookie": f"atom_session={cookie}", "Origin": origin or f"http://{served}"},
    ) as raw:
        yield Socket(raw)


def test_a_members_session_opens_the_socket_of_the_workspace(served: str, alice: Actor, topic: str) -> None:
    with page_socket(served, alice) as socket:
        assert socket.hear()["tenant"] == "acme"
        assert socket.ask(topic=topic)["type"] == "subscribed"


def test_a_strangers_session_does_not(served: str, mallory: Actor) -> None:
    with page_socket(served, mallory) as socket:
        assert socket.close_code() == 4401


def test_another_origin_is_refused_before_the_socket_opens(served: str, alice: Actor) -> None:
    with pytest.raises(InvalidStatus) as refused, page_socket(served, alice, origin="http://evil.test"):
        pass
    assert refused.value.response.status_code == 403


def test_no_session_no_socket(served: str) -> None:
    with connect(f"ws://{served}/t/acme/ws/realtime", additional_headers={"Origin": f"http://{served}"}) as raw:
        assert Socket(raw).close_code() == 4401
