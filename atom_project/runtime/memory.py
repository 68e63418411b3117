"""How a long-lived process collects garbage: what start-up made stays for good, trees of SQL come and go in bulk."""

import gc


def settle() -> None:
    """Keep collections from walking Django's start-up objects, and from running every few hundred allocations.

    After start-up; a forked child calls it again for what was loaded since. Reading SQL makes tens of thousands of
    objects that die by reference count: at Python's own thresholds a profile spends a tenth of its time looking for
    cycles among them.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
