"""Whatever the owner of the database does to a chain, the verification finds and names."""

from collections.abc import Iterator

import pytest

from apps.audit import registry
from apps.audit.contracts import Finding
from apps.audit.models import Entry
from apps.audit.services import anchors, verify
from apps.core import tenant as tenant_context
from apps.core.tenant import TenantRef
from tests.integration.audit.tampering import REWRITE, as_owner, grow
from tests.support import cast

SWAP = """
UPDATE audit_entry SET seq = CASE seq WHEN 3 THEN -4 ELSE -3 END WHERE seq IN (3, 4);
UPDATE audit_entry SET seq = -seq WHERE seq < 0
"""
ADD = """
INSERT INTO audit_entry SELECT (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(), 'seq', 9))).*
  FROM audit_entry e WHERE seq = 8
"""
TABLES = ("audit_entry", "audit_person")


def verified(tenant: TenantRef) -> verify.Verification:
    with tenant_context.entered(tenant):
        return verify.verify_chain()


@pytest.fixture(scope="module")
def _anchored(world: dict[str, TenantRef]) -> Iterator[TenantRef]:
    """Seven entries of frida and an anchor on the last of them (which makes the eighth)."""
    with cast.temporary_tenant() as tenant:
        frida = cast.actor(f"frida@{tenant.slug}.test", tenant)
        grow(tenant, 7 - _length(tenant), frida)
        with tenant_context.entered(tenant):
            assert anchors.anchor(tenant) is not None
        with as_owner(tenant) as raw:
            for table in TABLES:
                raw.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")
        yield tenant


@pytest.fixture
def chain(_anchored: TenantRef) -> Iterator[TenantRef]:
    """The same chain for each test, put back as it was afterwards."""
    store, name = registry.anchor_store(), _anchored.id.hex
    lines = store.lines(name)
    yield _anchored
    store.forget(name)
    for line in lines:
        store.add(name, line)
    with as_owner(_anchored) as raw:
        for table in TABLES:
            raw.execute(f"TRUNCATE {table}; INSERT INTO {table} TABLE kept_{table}")


def _length(tenant: TenantRef) -> int:
    with tenant_context.entered(tenant):
        return Entry.objects.count()


def test_an_anchored_chain_says_how_far_it_is_vouched_for(chain: TenantRef) -> None:
    found = verified(chain)
    assert (found.whole, found.entries, found.anchored_seq) == (True, 8, 7)


def test_nothing_new_means_no_new_anchor(chain: TenantRef) -> None:
    with tenant_context.entered(chain):
        assert anchors.anchor(chain) is None
    assert len(registry.anchor_store().lines(chain.id.hex)) == 1


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("UPDATE audit_entry SET summary = '{\"a\": 1}' WHERE seq = 3", 3),
        ("UPDATE audit_entry SET at = at + interval '1 hour' WHERE seq = 3", 3),
        ("UPDATE audit_entry SET address_ref = gen_random_uuid() WHERE seq = 3", 3),
        ("UPDATE audit_entry SET version = 1 WHERE seq = 3", 3),
        ("DELETE FROM audit_entry WHERE seq = 3", 4),
        ("DELETE FROM audit_entry WHERE seq = 1", 2),
        (SWAP, 3),
        (ADD, 9),
    ],
    ids=["fact", "time", "address", "form", "a row taken out", "the first taken out", "two swapped", "one added"],
)
def test_a_changed_row_is_the_first_that_is_named(chain: TenantRef, sql: str, first: int) -> None:
    with as_owner(chain) as raw:
        raw.execute(sql)
    found = verified(chain)
    assert (found.finding, found.first_broken) == (Finding.ROW_BROKEN, first)


def test_a_cut_tail_shows_by_its_anchor(chain: TenantRef) -> None:
    with as_owner(chain) as raw:
        raw.execute("DELETE FROM audit_entry WHERE seq > 5")
    found = verified(chain)
    assert (found.finding, found.first_broken) == (Finding.TAIL_CUT, 6)


def test_an_emptied_chain_shows_by_its_anchor(chain: TenantRef) -> None:
    with as_owner(chain) as raw:
        raw.execute("DELETE FROM audit_entry")
    assert verified(chain).finding is Finding.TAIL_CUT


def test_history_written_anew_with_fitting_hashes_shows_by_its_anchor(chain: TenantRef) -> None:
    with as_owner(chain) as raw:
        raw.execute("UPDATE audit_entry SET action = 'forged' WHERE seq = 2")
        raw.execute(REWRITE)
    found = verified(chain)
    assert (found.finding, found.first_broken) == (Finding.HISTORY_REWRITTEN, 7)


def test_another_name_for_a_pseudonym_shows(chain: TenantRef) -> None:
    with as_owner(chain) as raw:
        raw.execute("UPDATE audit_person SET label = 'mallory@globex.test' WHERE kind = 'actor'")
    found = verified(chain)
    assert found.finding is Finding.PERSON_EDITED
    assert found.first_broken is not None


def test_a_person_who_was_added_by_hand_shows(chain: TenantRef) -> None:
    with as_owner(chain) as raw:
        raw.execute(
            "INSERT INTO audit_person (ref, kind, actor_id, label)"
            " SELECT gen_random_uuid(), kind, actor_id, label FROM audit_person LIMIT 1"
        )
    assert verified(chain).finding is Finding.PERSON_EDITED


def test_an_edited_name_passed_off_as_an_old_one_shows(chain: TenantRef) -> None:
    with as_owner(chain) as raw:
        raw.execute("UPDATE audit_person SET label = 'mallory@globex.test', kind = 'legacy' WHERE kind = 'actor'")
    assert verified(chain).finding is Finding.PERSON_EDITED


def test_a_forged_anchor_is_told_from_ours(chain: TenantRef) -> None:
    store = registry.anchor_store()
    line = store.lines(chain.id.hex)[-1]
    store.add(chain.id.hex, line.replace(b'"seq":7', b'"seq":8'))
    assert verified(chain).finding is Finding.ANCHOR_BROKEN


def test_anchors_taken_away_are_missed(chain: TenantRef) -> None:
    registry.anchor_store().forget(chain.id.hex)
    assert verified(chain).finding is Finding.ANCHOR_MISSING


def test_an_anchor_taken_out_of_the_middle_is_missed(chain: TenantRef) -> None:
    grow(chain, 1)
    with tenant_context.entered(chain):
        anchors.anchor(chain)
    store = registry.anchor_store()
    last = store.lines(chain.id.hex)[-1]
    store.forget(chain.id.hex)
    store.add(chain.id.hex, last)
    assert verified(chain).finding is Finding.ANCHOR_BROKEN


def test_an_anchor_line_cut_by_a_kill_is_taken_off_by_the_next(chain: TenantRef) -> None:
    from apps.audit.connectors import anchor_files  # noqa: PLC0415

    with anchor_files._file(chain.id.hex).open("ab") as file:
        file.write(b'{"chain": "')
    grow(chain, 1)
    with tenant_context.entered(chain):
        anchors.anchor(chain)
    assert verified(chain).whole


def test_another_signer_takes_over_and_earlier_anchors_stay_good(
    chain: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_signers", dict(registry._signers))
    monkeypatch.setattr(registry, "_signing", list(registry._signing))
    registry.register_signer("test-reversed", f"{__name__}.Reversed")
    grow(chain, 1)
    with tenant_context.entered(chain):
        made = anchors.anchor(chain)
    assert made is not None
    assert made.algorithm == "test-reversed"
    assert verified(chain).whole


class Reversed:
    """A signer of another kind."""

    algorithm = "test-reversed"

    def sign(self, payload: bytes) -> str:
        return payload[::-1].hex()

    def verify(self, payload: bytes, signature: str) -> bool:
        return self.sign(payload) == signature
