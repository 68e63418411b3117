"""API routes of the audit app."""

from django.urls import path

from apps.audit.api import views

app_name = "audit_api"
urlpatterns = [
    path("audit", views.AuditListView.as_view(), name="list"),
    path("audit/export", views.AuditExportView.as_view(), name="export"),
    path("audit/verify", views.AuditVerifyView.as_view(), name="verify"),
    path("audit/retention", views.AuditRetentionView.as_view(), name="retention"),
]
