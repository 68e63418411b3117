"""How a long-lived process collects garbage: what start-up made stays for good, trees of SQL come and go in bulk."""

import gc


def settle() -> None:
    """Keep collections from walking Django's start-up objects, and from running every few hundred allocations.

    After start-up; a forked child calls it again for what was loaded since. Trees of SQL are cycles that die young:
    they need collections, but few, and memory stays as flat as with Python's own thresholds (ADR 013).
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
