"""Tables of storage."""

from apps.storage.models.buckets import Bucket

__all__ = ["Bucket"]
