"""Django configuration of the core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Errors, ids, clock, paging, problem+json, base models, Actor, tenant context, database backend."""

    name = "apps.core"
    label = "core"
