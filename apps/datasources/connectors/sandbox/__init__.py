"""The sandbox warehouse: Parquet files and a manifest, asked in BigQuery SQL, answered by DuckDB."""
