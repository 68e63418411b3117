"""What travels through Redis, and the text it becomes."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.realtime.engine import frames, ids


def test_a_frame_survives_the_way_there_and_back() -> None:
    sent = frames.head(frames.MESSAGE, b"t1", b"workflow.1") + b"5-1" + frames.SEP + b'{"a":"\\u001f"}'
    assert frames.decode(sent) == frames.Frame(frames.MESSAGE, b"t1", b"workflow.1", b"5-1", b'{"a":"\\u001f"}')


def test_a_foreign_publication_is_no_frame() -> None:
    assert frames.decode(b"hello") is None


def test_a_message_carries_topic_id_msg_and_at() -> None:
    text = frames.message_text("room.a", (1_700_000_000_123, 4), '{"n":1}')
    assert orjson.loads(text) == {
        "topic": "room.a",
        "id": "1700000000123-4",
        "msg": {"n": 1},
        "at": "2023-11-14T22:13:20.123Z",
    }


@given(st.tuples(st.integers(0, 10**14), st.integers(0, 10**6)))
def test_an_id_reads_back_as_it_was_spelled(stream_id: tuple[int, int]) -> None:
    assert ids.parse(ids.spell(stream_id)) == stream_id


@pytest.mark.parametrize("text", ["", "-", "x-1", "1-x", "-1", "1--1", "9" * 20, "１-1"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert ids.parse(text) is None
