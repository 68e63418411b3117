"""Which fields of a table dashboards, memos and questions should use, and how tables hang together. Pure."""
