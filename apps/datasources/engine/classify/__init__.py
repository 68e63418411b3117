"""What a table is about: user, transaction, event, state or reference data, with reasons in words. Pure."""
