"""`audit.log`: each entry once, in order, whatever dies when."""

from pathlib import Path
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
