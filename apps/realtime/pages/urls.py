"""Page routes of the realtime app."""

from django.urls import URLPattern, URLResolver

app_name = "realtime"
urlpatterns: list[URLPattern | URLResolver] = []
