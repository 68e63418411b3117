"""Pure parts of the hub: stream ids, topic names, the wire protocol, bounded queues. No Django, no I/O, no clock."""
