"""Page routes of the workflows app."""

from django.urls import URLPattern, URLResolver, path

from apps.workflows.pages import runs

app_name = "workflows"
urlpatterns: list[URLPattern | URLResolver] = [
    path("operations/workflows/", runs.index, name="list"),
    path("operations/workflows/<uuid:run_id>/", runs.detail, name="run"),
    path("operations/workflows/<uuid:run_id>/cancel", runs.cancel, name="cancel"),
    path("operations/workflows/<uuid:run_id>/recover", runs.recover, name="recover"),
]
