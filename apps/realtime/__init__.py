"""Topics, the socket, presence, history."""
