"""What a client may say on the socket, and what becomes of everything else."""

import orjson
import pytest

from apps.realtime.engine import protocol


def test_a_bare_topic_is_a_subscription() -> None:
    assert protocol.parse('{"topic":"workflow.1"}') == protocol.Subscribe("workflow.1")


def test_a_subscription_resumes_after_an_id() -> None:
    said = protocol.parse('{"subscribe":{"topic":"notifications","since":"1700000000000-3"},"ref":7}')
    assert said == protocol.Subscribe("notifications", (1_700_000_000_000, 3), False, 7)


@pytest.mark.parametrize("since", [0, "0", "0-0"])
def test_zero_asks_for_everything_kept(since: object) -> None:
    said = protocol.parse(orjson.dumps({"topic": "a", "since": since}))
    assert isinstance(said, protocol.Subscribe)
    assert said.since == (0, 0)


def test_a_publish_keeps_the_message_as_json() -> None:
    said = protocol.parse('{"publish":{"topic":"room","msg":{"a":[1,null]}}}')
    assert said == protocol.Publish("room", b'{"a":[1,null]}')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"fly":{}}',
        '{"subscribe":{"topic":""}}',
        '{"subscribe":{"topic":"a..b"}}',
        '{"subscribe":{"topic":"a\\u001fb"}}',
        '{"subscribe":{"topic":"a","since":"yesterday"}}',
        '{"subscribe":{"topic":"' + "a" * 200 + '"}}',
        '{"publish":{"topic":"a"}}',
        '{"publish":{"topic":"a","msg":1},"unsubscribe":{"topic":"a"}}',
        '{"auth":{"token":7}}',
        '{"ping":{},"ref":{"deep":1}}',
    ],
)
def test_anything_else_is_malformed_and_says_why(text: str) -> None:
    said = protocol.parse(text)
    assert isinstance(said, protocol.Malformed)
    assert said.detail


def test_an_answer_repeats_the_reference() -> None:
    assert orjson.loads(protocol.error("BAD_TOPIC", "no", "r1", topic="x")) == {
        "type": "error",
        "code": "BAD_TOPIC",
        "detail": "no",
        "topic": "x",
        "ref": "r1",
    }
