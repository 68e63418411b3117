"""Pure thinking of the workflow engine: graph, states, keys, retries. No Django, no I/O, no clock."""
