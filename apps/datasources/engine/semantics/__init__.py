"""What columns mean: from the words of their names and the figures of their profile. Pure."""
