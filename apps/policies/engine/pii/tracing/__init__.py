"""Where protected columns go in a statement: to which outputs, and into which conditions. One reading of both dialects."""
