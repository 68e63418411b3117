"""Pure thinking about artifacts: canonical form, differences, lineage."""
