"""API routes of the artifacts app."""

from django.urls import URLPattern, URLResolver, path

from apps.artifacts.api import views

app_name = "artifacts_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("artifacts", views.ArtifactList.as_view(), name="list"),
    path("artifacts/impact", views.Impact.as_view(), name="impact"),
    path("artifacts/<uuid:artifact_id>", views.ArtifactDetail.as_view(), name="detail"),
    path("artifacts/<uuid:artifact_id>/versions", views.VersionList.as_view(), name="versions"),
    path("artifacts/<uuid:artifact_id>/versions/<int:number>", views.VersionDetail.as_view(), name="version"),
    path("artifacts/<uuid:artifact_id>/lineage", views.Lineage.as_view(), name="lineage"),
    path("artifacts/<uuid:artifact_id>/diff", views.Diff.as_view(), name="diff"),
    path("feedback", views.FeedbackList.as_view(), name="feedback"),
    path("feedback/summary", views.FeedbackSummary.as_view(), name="feedback-summary"),
]
