"""API routes of the workflows app."""

from django.urls import URLPattern, URLResolver, path

from apps.workflows.api import views

app_name = "workflows_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("workflows/queue", views.QueueView.as_view(), name="queue"),
    path("workflows/runs", views.RunListView.as_view(), name="runs"),
    path("workflows/runs/<uuid:workflow_id>", views.RunView.as_view(), name="run"),
    path("workflows/retry", views.RetryView.as_view(), name="retry"),
    path("workflows/dead-letters", views.DeadLetterListView.as_view(), name="dead-letters"),
    path("workflows/dead-letters/<uuid:letter_id>/requeue", views.RequeueView.as_view(), name="requeue"),
    path("workflows/<uuid:workflow_id>/cancel", views.CancelView.as_view(), name="cancel"),
    path("workflows/<uuid:workflow_id>/recover", views.RecoverView.as_view(), name="recover"),
]
