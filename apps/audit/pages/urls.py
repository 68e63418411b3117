"""Page routes of the audit app."""

from django.urls import URLPattern, URLResolver, path

from apps.audit.pages import log

app_name = "audit"
urlpatterns: list[URLPattern | URLResolver] = [
    path("operations/audit/", log.log, name="log"),
    path("operations/audit/verify", log.check, name="verify"),
]
