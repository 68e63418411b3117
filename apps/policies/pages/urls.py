"""Page routes of the policies app."""

from django.urls import URLPattern, URLResolver, path

from apps.policies.pages import operations

app_name = "policies"
urlpatterns: list[URLPattern | URLResolver] = [
    path("operations/approvals/", operations.approvals, name="approvals"),
    path("operations/approvals/<uuid:approval_id>/decide", operations.decide, name="decide"),
    path("operations/decisions/", operations.decisions, name="decisions"),
    path("operations/costs/", operations.costs, name="costs"),
]
