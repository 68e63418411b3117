"""Django configuration of the memos app."""

from django.apps import AppConfig

from apps.core import home
from apps.core.permissions import Scope
from apps.tenancy import registry
from apps.tenancy.registry import Shareable


class MemosConfig(AppConfig):
    """Memo packet, generation, validation, week over week."""

    name = "apps.memos"
    label = "memos"

    def ready(self) -> None:
        """Say what home and the palette show of us, and that our objects can be shared."""
        registry.register_shareable(
            Shareable(
                "memo",
                "memos.Memo",
                title_field="title",
                read_scope=Scope.MEMO_READ,
                write_scope=Scope.MEMO_GENERATE,
                url_name="memos:memo",
                also="artifacts.Artifact",
                also_field="artifact_id",
            )
        )
        home.register_step("memo", "apps.memos.pages.home.step", order=60)
        home.register_items(home.Slot.RECENT, "apps.memos.pages.home.recent", order=10)
        home.register_search("apps.memos.pages.home.search")
