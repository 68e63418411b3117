"""Removing a tenant for good: asking for it, doing it, proving that nothing is left, the receipt."""
