"""The socket of programs: the protocol, permissions, resume, presence and limits, against a real web process."""

import time

import pytest
from websockets.sync.client import connect

from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.realtime.services.publisher import publish
from tests.integration.realtime.conftest import Open, Socket


def test_a_subscription_receives_a_message(sockets: Open, alice: Actor, acme: TenantRef, topic: str) -> None:
    with sockets(alice) as socket:
        assert socket.ask(subscribe={"topic": topic}, ref=1) == {
            "type": "subscribed", "topic": topic, "last_id": "0-0", "gap": False, "ref": 1,
        }  # fmt: skip
        message_id = publish(acme.id, topic, {"n": 1})
        heard = socket.hear()
        assert (heard["topic"], heard["id"], heard["msg"]) == (topic, message_id, {"n": 1})
        assert set(heard) == {"topic", "id", "msg", "at"}


def test_a_bare_topic_subscribes_and_a_client_publish_reaches_others(
    sockets: Open, alice: Actor, bob: Actor, topic: str
) -> None:
    with sockets(alice) as one, sockets(bob) as other:
        assert one.ask(topic=topic)["type"] == "subscribed"
        done = other.ask(publish={"topic": topic, "msg": "hello"}, ref="p")
        assert (done["type"], done["ref"]) == ("published", "p")
        heard = one.hear()
        assert (heard["msg"], heard["id"]) == ("hello", done["id"])


def test_after_unsubscribing_nothing_arrives(sockets: Open, alice: Actor, acme: TenantRef, topic: str) -> None:
    with sockets(alice) as socket:
        socket.ask(topic=topic)
        assert socket.ask(unsubscribe={"topic": topic})["type"] == "unsubscribed"
        publish(acme.id, topic, {"n": 1})
        assert socket.silence()


def test_a_resumed_subscription_gets_what_it_missed_in_order_and_once(
    sockets: Open, alice: Actor, acme: TenantRef, topic: str
) -> None:
    sent = [publish(acme.id, topic, {"n": number}) for number in range(500)]
    with sockets(alice) as socket:
        ack = socket.ask(subscribe={"topic": topic, "since": sent[99]})
        assert (ack["gap"], ack["last_id"]) == (False, sent[-1])
        publish(acme.id, topic, {"n": 500})
        heard = [socket.hear()["msg"]["n"] for _ in range(401)]
        assert heard == list(range(100, 501))
        assert socket.silence()


def test_resuming_from_before_what_is_kept_says_that_there_is_a_gap(
    sockets: Open, alice: Actor, acme: TenantRef, topic: str
) -> None:
    publish(acme.id, topic, {"n": 1})
    with sockets(alice) as socket:
        assert socket.ask(subscribe={"topic": topic, "since": "1-0"})["gap"] is True
        assert socket.hear()["msg"] == {"n": 1}


def test_another_tenants_topic_of_the_same_name_is_another_topic(
    sockets: Open, alice: Actor, mallory: Actor, acme: TenantRef, topic: str
) -> None:
    with sockets(mallory) as stranger, sockets(alice) as owner:
        stranger.ask(subscribe={"topic": topic, "since": 0})
        owner.ask(topic=topic)
        publish(acme.id, topic, {"secret": True})
        assert owner.hear()["msg"] == {"secret": True}
        assert stranger.silence()
        assert stranger.ask(subscribe={"topic": topic, "since": 0})["last_id"] == "0-0"


def test_a_viewer_follows_but_does_not_publish(sockets: Open, carol: Actor, topic: str) -> None:
    with sockets(carol) as socket:
        assert socket.ask(topic=topic)["type"] == "subscribed"
        refused = socket.ask(publish={"topic": topic, "msg": 1})
        assert (refused["type"], refused["code"], refused["topic"]) == ("error", "PERMISSION_DENIED", topic)


def test_nobody_publishes_progress_but_the_product(sockets: Open, alice: Actor) -> None:
    with sockets(alice) as socket:
        assert socket.ask(publish={"topic": f"workflow.{new_id()}", "msg": 1})["code"] == "PERMISSION_DENIED"


def test_a_persons_notifications_are_theirs_alone(sockets: Open, alice: Actor, bob: Actor) -> None:
    with sockets(bob) as socket:
        assert socket.ask(topic=f"notifications.{alice.id}")["code"] == "NOT_FOUND"
        assert socket.ask(topic=f"notifications.{bob.id}")["type"] == "subscribed"


@pytest.mark.parametrize(("said", "code"), [("nonsense", "BAD_MESSAGE"), ('{"topic":"studio.x"}', "BAD_TOPIC")])
def test_a_bad_message_gets_a_typed_error_and_the_socket_stays(
    sockets: Open, alice: Actor, said: str, code: str
) -> None:
    with sockets(alice) as socket:
        socket.raw.send(said)
        assert socket.hear()["code"] == code
        assert socket.ask(ping={}, ref=2) == {"type": "pong", "ref": 2}


def test_the_synthetic_heartbeat_is_marked_and_comes_within_two_seconds(sockets: Open, alice: Actor) -> None:
    with sockets(alice) as socket:
        started = time.monotonic()
        socket.ask(topic="naksha.telemetry")
        heard = socket.hear()
        assert time.monotonic() - started < 2
        assert heard["msg"]["simulated"] is True


def test_a_live_message_silences_the_synthetic_heartbeat(sockets: Open, mallory: Actor, globex: TenantRef) -> None:
    with sockets(mallory) as socket:
        socket.ask(topic="naksha.telemetry")
        publish(globex.id, "naksha.telemetry", {"rate": 3})
        while "simulated" in socket.hear()["msg"]:
            pass
        assert socket.silence(2.5)


def test_presence_lists_who_is_there_and_announces_changes(sockets: Open, alice: Actor, bob: Actor, topic: str) -> None:
    with sockets(alice) as one:
        one.ask(subscribe={"topic": topic, "presence": True})
        assert [member["name"] for member in one.hear()["members"]] == ["Alice"]
        with sockets(bob) as other:
            other.ask(subscribe={"topic": topic, "presence": True})
            assert {member["name"] for member in one.hear()["members"]} == {"Alice", "Bob"}
        assert [member["name"] for member in one.hear()["members"]] == ["Alice"]


def test_a_socket_follows_at_most_a_hundred_topics(sockets: Open, alice: Actor, topic: str) -> None:
    with sockets(alice) as socket:
        answers = []
        for number in range(101):
            answers.append(socket.ask(topic=f"{topic}.{number}"))
            time.sleep(0.012)  # below the message rate
        assert [answer["type"] for answer in answers] == ["subscribed"] * 100 + ["error"]
        assert answers[-1]["code"] == "LIMIT_REACHED"


def test_a_client_that_floods_is_warned_and_then_closed(sockets: Open, alice: Actor) -> None:
    with sockets(alice) as socket:
        for _ in range(400):
            try:
                socket.say(ping={})
            except Exception:
                break
        assert socket.close_code() == 4429


@pytest.mark.parametrize("first", ['{"auth":{"token":"eyJhbGciOiJub25lIn0.e30."}}', '{"topic":"a"}', "nonsense"])
def test_without_a_good_token_first_the_socket_is_closed(served: str, first: str) -> None:
    with connect(f"ws://{served}/ws/realtime") as raw:
        raw.send(first)
        assert Socket(raw).close_code() == 4401


def test_an_unknown_address_is_refused(served: str) -> None:
    with pytest.raises(Exception, match="403"):
        connect(f"ws://{served}/ws/other").close()
