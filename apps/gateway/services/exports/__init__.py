"""A workspace's data as one archive: in steps that may be repeated, streamed in flat memory, kept for a week."""
