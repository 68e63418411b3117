"""BigQuery SQL for the sandbox: analysed, pruned, priced and rewritten for DuckDB. Text and values in, values out."""
