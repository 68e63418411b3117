"""Pure parts of storage: names of objects, signed grants."""
