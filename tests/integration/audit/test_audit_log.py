"""`audit.log`: each entry once, in order, whatever dies when."""

import fcntl
from pathlib import Path
from threading import Event, Thread
from typing import Any

import orjson
import pytest

from apps.audit.connectors import audit_log
from apps.audit.connectors.audit_log import AuditLog
from apps.audit.models import Entry
from apps.audit.services import relay, trail
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.tenant import TenantRef
from atom_project.config import config
from tests.integration.audit.tampering import grow


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log folder and a state folder of the test's own."""
    monkeypatch.setattr(config, "log_dir", tmp_path / "log")
    monkeypatch.setattr(config, "state_dir", tmp_path / "state")
    return tmp_path / "log"


def relayed(tenant: TenantRef) -> None:
    with tenant_context.entered(tenant):
        relay.relay_log("", tenant)


def lines(folder: Path, name: str = "audit.log") -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / name).read_bytes().splitlines()]


def numbers(folder: Path, tenant: TenantRef) -> list[int]:
    return [line["seq"] for line in lines(folder) if line["tenant"] == str(tenant.id)]


def test_a_line_says_who_did_what_to_what_and_holds_no_name(folder: Path, acme: TenantRef, alice: Actor) -> None:
    with tenant_context.entered(acme), trail.asked_from("203.0.113.9"):
        trail.record(
            alice.with_request("req-12345678"), "test.logged", object_type="thing", object_id="7", decision="allow",
            sha256="ab" * 32, summary={"changes": {"name": ["a", "b"]}},
        )  # fmt: skip
    relayed(acme)
    line = lines(folder)[-1]
    expected = {
        "tenant": str(acme.id), "action": "test.logged", "object_type": "thing", "object_id": "7", "decision": "allow",
        "outcome": "ok", "request_id": "req-12345678", "sha256": "ab" * 32,
        "summary": {"changes": {"name": ["a", "b"]}},
    }  # fmt: skip
    assert {name: line[name] for name in expected} == expected
    assert line["at"]
    assert line["actor"] not in (None, str(alice.id))
    assert "alice" not in (folder / "audit.log").read_text()
    assert "203.0.113.9" not in (folder / "audit.log").read_text()


def test_entries_are_written_once_however_often_the_relay_comes(folder: Path, fresh_tenant: TenantRef) -> None:
    grow(fresh_tenant, 3)
    relayed(fresh_tenant)
    relayed(fresh_tenant)
    grow(fresh_tenant, 2)
    relayed(fresh_tenant)
    with tenant_context.entered(fresh_tenant):
        assert numbers(folder, fresh_tenant) == list(Entry.objects.order_by("seq").values_list("seq", flat=True))


@pytest.mark.parametrize("dies_at", ["_replace", "_note_length"])
def test_a_relay_that_dies_half_way_repeats_and_loses_nothing(
    folder: Path, fresh_tenant: TenantRef, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    grow(fresh_tenant, 3)
    relayed(fresh_tenant)
    grow(fresh_tenant, 3)
    place: Any = audit_log if dies_at == "_replace" else AuditLog
    with AuditLog() as file, tenant_context.entered(fresh_tenant), monkeypatch.context() as patch:
        patch.setattr(place, dies_at, _die)
        rows = list(Entry.objects.filter(seq__gt=file.position(fresh_tenant.id.hex)).order_by("seq"))
        with pytest.raises(KeyboardInterrupt):
            file.append(fresh_tenant.id.hex, rows[-1].seq, [relay._line(row, fresh_tenant) for row in rows])
    relayed(fresh_tenant)
    found = numbers(folder, fresh_tenant)
    assert found == list(range(1, len(found) + 1))


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_half_a_line_is_taken_off_and_written_whole(folder: Path, fresh_tenant: TenantRef) -> None:
    grow(fresh_tenant, 2)
    relayed(fresh_tenant)
    with (folder / "audit.log").open("ab") as file:
        file.write(b'{"tenant":"' + str(fresh_tenant.id).encode() + b'","seq":')
    grow(fresh_tenant, 1)
    relayed(fresh_tenant)
    found = numbers(folder, fresh_tenant)
    assert found == list(range(1, len(found) + 1))


def test_a_full_file_is_rotated_and_nothing_is_lost(
    folder: Path, fresh_tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "MAX_BYTES", 200)
    for _ in range(3):
        grow(fresh_tenant, 1)
        relayed(fresh_tenant)
    names = sorted(path.name for path in folder.glob("audit-*.log"))
    assert len(names) >= 2
    found = [line["seq"] for name in [*names, "audit.log"] for line in lines(folder, name)]
    assert found == list(range(1, len(found) + 1))


def test_a_file_rotated_from_outside_is_begun_anew(folder: Path, fresh_tenant: TenantRef) -> None:
    grow(fresh_tenant, 2)
    relayed(fresh_tenant)
    (folder / "audit.log").rename(folder / "audit.log.1")
    grow(fresh_tenant, 1)
    relayed(fresh_tenant)
    assert len(lines(folder)) == 1


@pytest.fixture
def neighbour(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AuditLog:
    """The log as another installation on this machine opens it: the same folder, a state folder of its own."""
    with monkeypatch.context() as patch:
        patch.setattr(config, "state_dir", tmp_path / "neighbour")
        return AuditLog()


def line_of(tenant: str | None, seq: int, *, installation: str = "atom_other") -> bytes:
    return orjson.dumps({"installation": installation, "tenant": tenant, "seq": seq}) + b"\n"


def test_two_installations_that_log_to_one_folder_write_one_after_the_other(
    folder: Path, fresh_tenant: TenantRef, neighbour: AuditLog
) -> None:
    grow(fresh_tenant, 2)
    begun = Event()

    def relay_here() -> None:
        begun.set()
        relayed(fresh_tenant)

    here = Thread(target=relay_here)
    with neighbour as file:
        here.start()
        begun.wait(10)
        with (folder / "audit.log").open("rb") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.append("0" * 32, 7, [line_of("0" * 8 + "-0000-0000-0000-" + "0" * 12, 7)])
        assert numbers(folder, fresh_tenant) == []
    here.join(20)
    with tenant_context.entered(fresh_tenant):
        assert numbers(folder, fresh_tenant) == list(Entry.objects.order_by("seq").values_list("seq", flat=True))


def test_the_platform_of_another_installation_is_not_taken_for_ours(folder: Path, neighbour: AuditLog) -> None:
    with neighbour as file:
        file.append("platform", 10_000_000, [line_of(None, 10_000_000)])
    trail.record(None, "test.of_this_platform")
    relay.relay_log("", None)
    with tenant_context.entered(None):
        last = Entry.objects.latest("seq").seq
    assert lines(folder)[-1]["seq"] == last < 10_000_000


def test_a_long_file_of_others_costs_one_pass_and_one_write_a_chain(
    folder: Path, fresh_tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    chains = [f"00000000-0000-0000-0000-00000000000{digit}" for digit in range(3)]
    (folder / "audit.log").write_bytes(b"".join(line_of(chain, seq) for seq in range(1, 500) for chain in chains))
    written: list[Path] = []
    write = audit_log._replace
    monkeypatch.setattr(audit_log, "_replace", lambda path, text: (written.append(path), write(path, text)))
    with AuditLog() as file:
        assert [file.position(chain.replace("-", "")) for chain in chains] == [499] * 3
    assert len(written) == len(chains) + 1
    with AuditLog():
        assert len(written) == len(chains) + 1


def test_a_beginning_that_fails_holds_no_lock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(AuditLog, "_count_what_was_not_noted", _die)
        with pytest.raises(KeyboardInterrupt):
            AuditLog().__enter__()
    with (folder / "audit.log").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
