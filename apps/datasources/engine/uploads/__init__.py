"""Making sense of files nobody here has seen: dialect, header, names, types, partition. Texts in, choices out."""
