"""API routes of the tenancy app."""

from django.urls import path

from apps.tenancy.api import views

app_name = "tenancy_api"
AUTH = [
    path("login", views.LoginView.as_view(), name="login"),
    path("refresh", views.RefreshView.as_view(), name="refresh"),
    path("logout", views.LogoutView.as_view(), name="logout"),
]
urlpatterns = [
    *(path(f"auth/{pattern.pattern}", pattern.callback, name=f"{pattern.name}-api") for pattern in AUTH),
    path("auth/me", views.WhoAmIView.as_view(), name="me"),
]
