"""The closed sets of words artifacts use."""

from enum import StrEnum


class ArtifactKind(StrEnum):
    """What an artifact is."""

    ANSWER = "answer"
    DASHBOARD = "dashboard"
    MEMO = "memo"
    PROFILE = "profile"
    PACKAGE = "package"
    EXPORT = "export"


class NodeKind(StrEnum):
    """What a point of the lineage graph is, from the source to the reader."""

    DATASOURCE = "datasource"
    TABLE = "table"
    COLUMN = "column"
    QUERY = "query"
    CARD = "card"
    DASHBOARD = "dashboard"
    MEMO = "memo"


class FeedbackKind(StrEnum):
    """What a feedback is about."""

    ANSWER = "answer"
    DASHBOARD = "dashboard"
    MEMO = "memo"
    QUERY = "query"


class Polarity(StrEnum):
    """Whether it helped."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
