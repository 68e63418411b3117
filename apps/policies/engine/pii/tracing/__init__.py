"""Where protected columns go in a statement: to which outputs, and into which conditions. For both dialects."""
