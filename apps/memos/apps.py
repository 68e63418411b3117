"""Django configuration of the memos app."""

from django.apps import AppConfig

from apps.core import home


class MemosConfig(AppConfig):
    """Memo packet, generation, validation, week over week."""

    name = "apps.memos"
    label = "memos"

    def ready(self) -> None:
        """Say what home and the palette show of us."""
        home.register_step("memo", "apps.memos.pages.home.step", order=60)
        home.register_items(home.Slot.RECENT, "apps.memos.pages.home.recent", order=10)
        home.register_search("apps.memos.pages.home.search")
