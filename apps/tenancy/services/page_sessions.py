"""Browser sessions in our own table (SESSION_ENGINE): whose they are is a column, so they can be listed and ended."""

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

from apps.core import clock
from apps.core.ids import new_id, parse_id
from apps.tenancy.models import PageSession

ABOUT = "about"  # in the session's data: what was known when it began; survives a change of key


class SessionStore(DatabaseSessions):
    """Django's database sessions with the columns of PageSession filled from the session's data."""

    @classmethod
    def get_model_class(cls) -> type[PageSession]:
        """Where sessions are kept."""
        return PageSession

    def create_model_instance(self, data: dict[str, Any]) -> PageSession:
        """The row of this session."""
        row = cast("PageSession", super().create_model_instance(data))
        about = data.get(ABOUT) or {}
        row.public_id = parse_id(str(about.get("id", ""))) or new_id()
        row.user_id = parse_id(str(data.get(SESSION_KEY, "")))
        row.device, row.region = str(about.get("device", "")), str(about.get("region", ""))
        row.last_seen_at = clock.now()
        return row
