"""Django configuration of the datasources app."""

from django.apps import AppConfig

from apps.core import components, home
from apps.policies.registry import register_names, register_sealed_values
from apps.tenancy.registry import register_meter, register_provisioning_step, register_store, register_wakeup


class DatasourcesConfig(AppConfig):
    """The registry, connectors, execution, workers, catalog, profiler, recommendations."""

    name = "apps.datasources"
    label = "datasources"

    def ready(self) -> None:
        """Tell the shell what to ask of this app."""
        registry = "apps.datasources.pages.registry_home"
        register_names("datasource", "apps.datasources.selectors.registry.names_of")
        register_names("datasource:all", "apps.datasources.selectors.registry.all_names")
        home.register_step("connect", f"{registry}.connect_step", order=10)
        home.register_step("load", f"{registry}.load_step", order=20)
        home.register_search(f"{registry}.search", order=20)
        disk = "apps.datasources.services.provisioning"
        register_provisioning_step("warehouse", f"{disk}.provision", f"{disk}.undo", order=60)
        register_wakeup("datasources.recognise", "apps.datasources.services.recognition.nightly")
        register_store("warehouse", f"{disk}.count")
        register_meter("warehouse", level=f"{disk}.held_bytes")
        components.register("warehouse", f"{disk}.health", required=True)
        register_sealed_values("datasources", "apps.datasources.services.credentials.reseal_all")
        here = "apps.datasources.pages.catalog_home"
        home.register_step("profile", f"{here}.profile_step", order=30)
        home.register_step("confirm", f"{here}.confirm_step", order=40)
        home.register_items(home.Slot.ATTENTION, f"{here}.attention", order=40)
        home.register_items(home.Slot.FRESHNESS, f"{here}.freshness", order=30)
        home.register_search(f"{here}.search", order=30)
