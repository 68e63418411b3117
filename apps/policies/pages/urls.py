"""Page routes of the policies app."""

from django.urls import URLPattern, URLResolver, path

from apps.policies.pages import approvals, costs, decisions, settings

app_name = "policies"
urlpatterns: list[URLPattern | URLResolver] = [
    path("operations/approvals/", approvals.inbox, name="approvals"),
    path("operations/approvals/decide", approvals.decide_many, name="decide_many"),
    path("operations/approvals/<uuid:approval_id>/", approvals.approval, name="approval"),
    path("operations/approvals/<uuid:approval_id>/decide", approvals.decide, name="decide"),
    path("operations/approvals/<uuid:approval_id>/withdraw", approvals.withdraw, name="withdraw"),
    path("operations/decisions/", decisions.decisions, name="decisions"),
    path("operations/costs/", costs.costs, name="costs"),
    path("operations/costs/hour", costs.hour, name="hour"),
    path("operations/costs/export", costs.export, name="cost_export"),
    path("operations/costs/<uuid:entry_id>/release", costs.release, name="cost_release"),
    path("settings/policies/", settings.policies, name="settings"),
    path("settings/policies/versions/<int:version>/restore", settings.restore, name="settings_restore"),
]
