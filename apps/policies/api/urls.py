"""API routes of the policies app."""

from django.urls import URLPattern, URLResolver, path

from apps.policies.api import checks, pii, views

app_name = "policies_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("approvals", views.ApprovalsView.as_view(), name="approvals"),
    path("approvals/<uuid:approval_id>", views.ApprovalView.as_view(), name="approval"),
    path("approvals/<uuid:approval_id>/approve", views.ApproveView.as_view(), name="approve"),
    path("approvals/<uuid:approval_id>/reject", views.RejectView.as_view(), name="reject"),
    path("policies/sql/check", checks.CheckView.as_view(), name="check_sql"),
    path("pii/classify", pii.ClassifyView.as_view(), name="pii_classify"),
    path("costs", views.CostsView.as_view(), name="costs"),
]
