"""Memos in the tenant's admin: to look at; they change by being written again."""

from apps.audit.admin import register_read_only
from apps.memos.models import Memo, MemoAttempt

register_read_only(
    Memo, *("generated_at", "title", "tz", "version", "significance", "validation_status"), search=("headline",)
)
register_read_only(
    MemoAttempt, *("created_at", "memo_id", "version", "number", "writer", "accepted"), search=("writer",)
)
