"""Django configuration of the memos app."""

from django.apps import AppConfig


class MemosConfig(AppConfig):
    """Memo packet, generation, validation, week-over-week."""

    name = "apps.memos"
    label = "memos"
