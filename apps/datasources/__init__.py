"""The registry, connectors, execution, workers, catalog, profiler, recommendations."""
