"""Proving a chain whole, or naming the first broken row: hashed in the database, piece by piece, in flat memory.

1. Every row carries the next number, the hash of the one before and its own digest.
2. Every anchor kept outside holds, names a row that is there, and that row has the anchored hash.
3. Every readable name still fits the pseudonym that the chain holds.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from apps.audit.contracts import Anchor, Finding, Verification
from apps.audit.services import anchors
from apps.core import tenant as tenant_context

PIECE: Final = 50_000
_LIVE: Final = "SELECT e.seq, e.hash, e.prev_hash, audit_digest(e.prev_hash, e) AS digest FROM audit_entry e WHERE true"
_PIECE: Final = """
    WITH piece AS ({rows} AND seq > %(seq)s AND seq <= %(seq)s + %(piece)s ORDER BY seq),
    linked AS (SELECT seq, hash, prev_hash, digest,
                      lag(hash, 1, %(hash)s) OVER w AS before_hash, lag(seq, 1, %(seq)s) OVER w AS before_seq
                 FROM piece WINDOW w AS (ORDER BY seq))
    SELECT min(seq) FILTER (WHERE hash <> digest OR prev_hash <> before_hash OR seq <> before_seq + 1),
           count(*), max(seq), (SELECT hash FROM piece ORDER BY seq DESC LIMIT 1)
      FROM linked
"""


@dataclass(frozen=True, slots=True)
class Walk:
    """How far the links of a chain hold; `last_hash` is that of the last row when all do."""

    entries: int
    last_seq: int
    last_hash: bytes
    first_broken: int | None


def verify_chain() -> Verification:
    """Check the chain of the current tenant (or the platform's). Cost: one index scan and one digest a row."""
    chain = anchors.chain_name(tenant_context.current())
    walk = walk_chain(_LIVE, {}, "SELECT coalesce(max(seq), 0) FROM audit_entry")
    if walk.first_broken is not None:
        return Verification(walk.entries, walk.last_seq, walk.first_broken, Finding.ROW_BROKEN)
    return _against_anchors(walk, chain) or _against_people(walk, chain)


def walk_chain(rows: str, values: dict[str, Any], last: str) -> Walk:
    """Piece after piece up to the row that was last at the start; stops at the first broken one.

    `rows` selects seq, hash, prev_hash and digest and ends in a condition, `last` the number to end at.
    """
    with connection.cursor() as cursor:
        cursor.execute(last, values)
        end = cursor.fetchone()[0]
        entries, seq, hash_ = 0, 0, b""
        while seq < end:
            cursor.execute(_PIECE.format(rows=rows), {**values, "seq": seq, "hash": hash_, "piece": PIECE})
            broken, count, upto, piece_hash = cursor.fetchone()
            entries += count
            if broken is not None or not count:
                return Walk(entries, end, hash_, broken if broken is not None else seq + 1)
            seq, hash_ = upto, bytes(piece_hash)
    return Walk(entries, end, hash_, None)


def _against_anchors(walk: Walk, chain: str) -> Verification | None:
    """What an anchor contradicts, oldest first; None when all agree."""
    kept = anchors.kept(chain)
    if any(anchor is None for anchor, _ in kept):
        return Verification(walk.entries, walk.last_seq, finding=Finding.ANCHOR_BROKEN)
    proven = [anchor for anchor, _ in kept if anchor is not None]
    hashes = _hashes_of([anchor.seq for anchor in proven])
    for anchor in proven:
        if anchor.seq not in hashes:
            return Verification(walk.entries, walk.last_seq, walk.last_seq + 1, Finding.TAIL_CUT)
        if hashes[anchor.seq] != anchor.hash:
            return Verification(walk.entries, walk.last_seq, anchor.seq, Finding.HISTORY_REWRITTEN)
    expected = _last_anchored_digest()
    if expected and expected not in {digest for _, digest in kept}:
        return Verification(walk.entries, walk.last_seq, finding=Finding.ANCHOR_MISSING)
    return None


def _hashes_of(numbers: list[int]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, encode(hash, 'hex') FROM audit_entry WHERE seq = ANY(%s)", [numbers])
        return dict(cursor.fetchall())


def _last_anchored_digest() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256 FROM audit_entry WHERE action = %s ORDER BY seq DESC LIMIT 1", [anchors.ANCHORED])
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def _against_people(walk: Walk, chain: str) -> Verification:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_false_people() LIMIT 1")
        false = cursor.fetchone()
        if false:
            named = "SELECT min(seq) FROM audit_entry WHERE actor_ref = %(ref)s OR address_ref = %(ref)s"
            cursor.execute(named, {"ref": false[0]})
            first = cursor.fetchone()[0]
            return Verification(walk.entries, walk.last_seq, first, Finding.PERSON_EDITED)
    last = _newest(chain)
    return Verification(
        walk.entries, walk.last_seq, anchored_seq=last.seq if last else 0, anchored_at=last.at if last else ""
    )


def _newest(chain: str) -> Anchor | None:
    kept = anchors.kept(chain)
    return kept[-1][0] if kept else None
