"""Page routes of the artifacts app."""

from django.urls import URLPattern, URLResolver, path

from apps.artifacts.pages import views

app_name = "artifacts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("autopilot/artifacts/<uuid:artifact_id>/", views.detail, name="detail"),
    path("autopilot/feedback/", views.feedback_list, name="feedback"),
    path("autopilot/feedback/give", views.give, name="give"),
]
