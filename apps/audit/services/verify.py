"""Proving a chain whole, or naming the first broken row: one scan in the database."""

from dataclasses import dataclass

from django.db import connection

# Every row must carry the hash of the one before, its own digest, and the next number.
_FIRST_BROKEN = """
    WITH linked AS (
        SELECT e AS entry, e.seq, e.hash, e.prev_hash,
               lag(e.hash) OVER w AS before_hash, lag(e.seq) OVER w AS before_seq
          FROM audit_entry e WINDOW w AS (ORDER BY e.seq))
    SELECT min(seq) FILTER (WHERE hash <> audit_digest(prev_hash, entry)
                               OR prev_hash <> coalesce(before_hash, ''::bytea)
                               OR seq <> coalesce(before_seq, 0) + 1),
           count(*), max(seq)
      FROM linked
"""


@dataclass(frozen=True, slots=True)
class Verification:
    """Outcome of a verification: `first_broken` is None when the chain is whole."""

    entries: int
    last_seq: int
    first_broken: int | None

    @property
    def whole(self) -> bool:
        """Whether every link holds."""
        return self.first_broken is None


def verify_chain() -> Verification:
    """Check the chain of the current tenant (or the platform's). Cost: one scan and one digest a row."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_BROKEN)
        first_broken, entries, last_seq = cursor.fetchone()
    return Verification(entries, last_seq or 0, first_broken)
