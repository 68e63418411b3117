"""API routes of the memos app."""

from django.urls import URLPattern, URLResolver, path

from apps.memos.api import views

app_name = "memos_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("memos", views.MemoList.as_view(), name="list"),
    path("memos/generate", views.Generate.as_view(), name="generate"),
    path("memos/<uuid:memo_id>", views.MemoDetail.as_view(), name="detail"),
    path("memos/<uuid:memo_id>/packet", views.MemoPacket.as_view(), name="packet"),
    path("memos/<uuid:memo_id>/wow", views.MemoWow.as_view(), name="wow"),
    path("memos/<uuid:memo_id>/recheck", views.MemoRecheck.as_view(), name="recheck"),
]
