"""Pure dashboard thinking: what to show, which SQL asks for it, where it stands, how it is drawn."""
