"""Pure thinking of `datasources`: SQL, pruning, sizes, profiling maths. No Django, no I/O, no clock."""
