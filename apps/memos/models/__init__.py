"""Models of the memos app; all in the tenant's schema."""

from apps.memos.models.memo import Memo, MemoAttempt

__all__ = ["Memo", "MemoAttempt"]
