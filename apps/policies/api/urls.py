"""API routes of the policies app."""

from django.urls import URLPattern, URLResolver, path

from apps.policies.api import approvals, checks, costs, pii, settings

app_name = "policies_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("approvals", approvals.ApprovalsView.as_view(), name="approvals"),
    path("approvals/decide", approvals.DecideManyView.as_view(), name="decide"),
    path("approvals/<uuid:approval_id>", approvals.ApprovalView.as_view(), name="approval"),
    path("approvals/<uuid:approval_id>/approve", approvals.ApproveView.as_view(), name="approve"),
    path("approvals/<uuid:approval_id>/reject", approvals.RejectView.as_view(), name="reject"),
    path("approvals/<uuid:approval_id>/withdraw", approvals.WithdrawView.as_view(), name="withdraw"),
    path("costs", costs.CostsView.as_view(), name="costs"),
    path("costs/shares", costs.SharesView.as_view(), name="cost_shares"),
    path("costs/budget", costs.BudgetView.as_view(), name="budget"),
    path("costs/export", costs.ExportView.as_view(), name="cost_export"),
    path("costs/<uuid:entry_id>/release", costs.ReleaseView.as_view(), name="cost_release"),
    path("policies/sql/check", checks.CheckView.as_view(), name="check_sql"),
    path("pii/classify", pii.ClassifyView.as_view(), name="pii_classify"),
    path("policies/settings", settings.SettingsView.as_view(), name="settings"),
    path("policies/settings/versions", settings.VersionsView.as_view(), name="settings_versions"),
    path("policies/settings/restore", settings.RestoreView.as_view(), name="settings_restore"),
    path("policies/decisions", settings.DecisionsView.as_view(), name="decisions"),
]
