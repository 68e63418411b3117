"""API routes of the dashboards app."""

from django.urls import URLPattern, URLResolver, path

from apps.dashboards.api import views

app_name = "dashboards_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("dashboards", views.DashboardList.as_view(), name="list"),
    path("dashboards/generate", views.Generate.as_view(), name="generate"),
    path("dashboards/estimate", views.Estimate.as_view(), name="estimate"),
    path("dashboards/<uuid:dashboard_id>", views.DashboardDetail.as_view(), name="detail"),
    path("dashboards/<uuid:dashboard_id>/cards/<slug:card>/data", views.CardData.as_view(), name="card-data"),
]
