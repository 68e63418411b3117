"""Page routes of the memos app."""

from django.urls import URLPattern, URLResolver

app_name = "memos"
urlpatterns: list[URLPattern | URLResolver] = []
