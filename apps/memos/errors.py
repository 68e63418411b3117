"""Errors of the memos app."""

from apps.core.errors import Conflict


class NothingToReport(Conflict):
    """No confirmed table has a figure over time, or the week holds no data."""

    default_code = "NOTHING_TO_REPORT"


class PacketNotReconciled(Conflict):
    """The figures of the packet contradict each other: the data changed while it was read."""

    default_code = "PACKET_NOT_RECONCILED"
    transient = True
