"""Page routes of the audit app."""

from django.urls import URLPattern, URLResolver, path

from apps.audit.pages import log

app_name = "audit"
urlpatterns: list[URLPattern | URLResolver] = [
    path("operations/audit/", log.log, name="log"),
    path("operations/audit/export", log.download, name="export"),
    path("operations/audit/verify", log.check, name="verify"),
    path("operations/audit/retention", log.keep, name="retention"),
    path("operations/audit/<uuid:entry_id>", log.entry, name="entry"),
]
