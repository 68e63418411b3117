"""Page routes of the memos app."""

from django.urls import URLPattern, URLResolver, path

from apps.memos.pages import views

app_name = "memos"
urlpatterns: list[URLPattern | URLResolver] = [
    path("autopilot/memos/", views.index, name="list"),
    path("autopilot/memos/generate", views.generate, name="generate"),
    path("autopilot/memos/<uuid:memo_id>/", views.detail, name="memo"),
    path("autopilot/memos/<uuid:memo_id>/versions/<int:number>/", views.version, name="version"),
]
