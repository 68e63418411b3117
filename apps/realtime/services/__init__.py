"""What the hub does: publish, fan out, admit, keep presence, beat."""
