"""The access log: one whole line a request, whatever becomes of its file, and nothing in it that a person typed."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest

from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.gateway.services import access_log

Api = Callable[[Actor | None], Any]


def lines(path: Path) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_a_request_leaves_one_line_without_its_query_string(api: Api, bob: Actor) -> None:
    file = access_log._file()
    assert file is not None
    request_id = str(new_id())
    answer = api(bob).get("/api/v1/data/tables?named=hunter2", headers={"X-Request-ID": request_id})
    found = [line for line in lines(Path(file.baseFilename)) if line.get("request_id") == request_id]
    assert len(found) == 1
    expected = {
        "event": "request", "method": "GET", "path": "/api/v1/data/tables", "route": "api/v1/data/tables",
        "status": answer.status_code, "tenant": "acme", "actor_id": str(bob.id),
    }  # fmt: skip
    assert {name: found[0][name] for name in expected} == expected
    assert "hunter2" not in str(found[0])


def test_a_file_rotated_from_outside_is_begun_anew(tmp_path: Path) -> None:
    file = access_log._File(tmp_path / "web.log")
    file.append(b'{"n":1}\n')
    (tmp_path / "web.log").rename(tmp_path / "web.log.1")
    file.append(b'{"n":2}\n')
    file.close()
    assert lines(tmp_path / "web.log.1") == [{"n": 1}]
    assert lines(tmp_path / "web.log") == [{"n": 2}]


def test_lines_of_many_threads_stay_whole(tmp_path: Path) -> None:
    file = access_log._File(tmp_path / "web.log")

    def write(thread: int) -> None:
        for number in range(200):
            file.append(orjson.dumps({"thread": thread, "n": number, "text": "ü" * 200}) + b"\n")

    threads = [Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    file.close()
    assert sorted((line["thread"], line["n"]) for line in lines(tmp_path / "web.log")) == [
        (thread, number) for thread in range(8) for number in range(200)
    ]


def test_a_disk_that_is_full_is_reported_and_ends_no_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = access_log._File(tmp_path / "web.log")
    file.stream.close()
    file.stream = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 - the handler closes it
    file.append(b'{"n":1}\n')
    assert "the access log takes no line" in capsys.readouterr().err
    with suppress(OSError):
        file.close()
