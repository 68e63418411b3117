"""API routes of the storage app."""

from django.urls import URLPattern, URLResolver, path

from apps.storage.api import signed, views

app_name = "storage_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("storage/buckets", views.BucketsView.as_view(), name="buckets"),
    path("storage/objects", views.ObjectsView.as_view(), name="objects"),
    path("storage/signed-url", views.SignedUrlView.as_view(), name="signed_url"),
    path("storage/object/delete", views.DeleteView.as_view(), name="delete"),
    path("storage/signed/<str:token>", signed.SignedView.as_view(), name="signed"),
]
