"""Templates, layout engine, native rendering."""
