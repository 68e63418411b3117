"""The only code of this app that touches files."""
