"""How a process collects garbage: what start-up made stays for good, trees of SQL come and go in bulk."""

import gc


def collect_seldom() -> None:
    """Keep collections from running every few hundred allocations.

    Before start-up, an eighth of which they are otherwise. Trees of SQL are cycles that die young: they need
    collections, but few, and memory stays as flat as with Python's own thresholds (ADR 013).
    """
    gc.set_threshold(20_000, 20, 50)


def settle() -> None:
    """Keep collections from walking what start-up made; a forked child calls it again for what was loaded since."""
    gc.freeze()
