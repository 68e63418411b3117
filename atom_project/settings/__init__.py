"""Settings by profile: embedded (default), production, test."""
