"""Page routes of the datasources app."""

from django.urls import URLPattern, URLResolver, path

from apps.datasources.pages import approved, catalog_urls, datasources, warehouse

app_name = "datasources"
urlpatterns: list[URLPattern | URLResolver] = [
    path("data/datasources/", datasources.index, name="list"),
    path("data/datasources/new", datasources.connect, name="connect"),
    path("data/datasources/<uuid:datasource_id>/", datasources.detail, name="detail"),
    path("data/datasources/<uuid:datasource_id>/test", datasources.test, name="test"),
    path("data/datasources/<uuid:datasource_id>/archive", datasources.archive, name="archive"),
    path("data/approved/<uuid:approval_id>", approved.run, name="approved"),
    path("data/warehouse/", warehouse.index, name="warehouse"),
    path("data/warehouse/demo", warehouse.load_demo, name="load_demo"),
    path("data/warehouse/uploads/<uuid:upload_id>/", warehouse.upload, name="upload"),
    path("data/warehouse/uploads/<uuid:upload_id>/load", warehouse.load, name="load"),
    path("data/warehouse/uploads/<uuid:upload_id>/discard", warehouse.discard, name="discard"),
    path("data/warehouse/tables/<uuid:table_id>/drop", warehouse.drop, name="drop"),
    *catalog_urls.urlpatterns,
]
