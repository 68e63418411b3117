"""BigQuery: sqlglot's tree, allow-lists over it, and the text generated from it, which is what runs."""
