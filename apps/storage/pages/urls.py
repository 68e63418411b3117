"""Page routes of the storage app."""

from django.urls import URLPattern, URLResolver

app_name = "storage"
urlpatterns: list[URLPattern | URLResolver] = []
