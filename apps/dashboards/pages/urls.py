"""Page routes of the dashboards app."""

from django.urls import URLPattern, URLResolver, path

from apps.dashboards.pages import boards

app_name = "dashboards"
urlpatterns: list[URLPattern | URLResolver] = [
    path("autopilot/dashboards/", boards.index, name="list"),
    path("autopilot/dashboards/estimate", boards.estimate, name="estimate"),
    path("autopilot/dashboards/generate", boards.generate, name="generate"),
    path("autopilot/dashboards/<uuid:dashboard_id>/", boards.detail, name="board"),
    path("autopilot/dashboards/<uuid:dashboard_id>/versions/<int:number>/", boards.version, name="version"),
]
