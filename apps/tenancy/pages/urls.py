"""Page routes of the tenancy app."""

from django.urls import URLPattern, URLResolver, path

from apps.tenancy.pages import doors, settings

app_name = "tenancy"
urlpatterns: list[URLPattern | URLResolver] = [
    path("login", doors.login, name="login"),
    path("login/demo", doors.demo_login, name="demo-login"),
    path("logout", doors.logout, name="logout"),
    path("tenants", doors.tenants, name="tenants"),
    path("settings/profile/", settings.profile, name="profile"),
    path("settings/members/", settings.members, name="members"),
]
