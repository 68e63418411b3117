"""What BigQuery would say about a statement it refuses, with the reason code of its REST interface."""


class BigQuerySqlError(ValueError):
    """`reason` is BigQuery's: invalidQuery, notFound, notImplemented."""

    def __init__(
        self, message: str, *, reason: str = "invalidQuery", line: int | None = None, column: int | None = None
    ):
        super().__init__(message)
        self.reason = reason
        self.line = line
        self.column = column
