"""API routes of the datasources app."""

from django.urls import URLPattern, URLResolver, path

from apps.datasources.api import catalog, datasources, queries, secrets, warehouse

app_name = "datasources_api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("connectors", datasources.KindsView.as_view(), name="connectors"),
    path("connectors/<slug:type_name>/connect", datasources.ConnectView.as_view(), name="connect"),
    path("datasources", datasources.DatasourcesView.as_view(), name="datasources"),
    path("datasources/<uuid:datasource_id>", datasources.DatasourceView.as_view(), name="datasource"),
    path("datasources/<uuid:datasource_id>/archive", datasources.ArchiveView.as_view(), name="archive"),
    path("datasources/<uuid:datasource_id>/test", datasources.TestView.as_view(), name="test"),
    path("datasources/<uuid:datasource_id>/secrets", secrets.SecretsView.as_view(), name="secrets"),
    path("datasources/<uuid:datasource_id>/secrets/<slug:key>", secrets.SecretView.as_view(), name="secret"),
    path("datasources/<uuid:datasource_id>/versions", datasources.VersionsView.as_view(), name="versions"),
    path("datasources/<uuid:datasource_id>/events", datasources.EventsView.as_view(), name="events"),
    path("queries/run", queries.RunView.as_view(), name="run"),
    path("queries/preview", queries.PreviewView.as_view(), name="preview"),
    path("queries/approve-run", queries.ApproveRunView.as_view(), name="approve_run"),
    path("warehouse/tables", warehouse.TablesView.as_view(), name="tables"),
    path("warehouse/tables/<uuid:table_id>", warehouse.TableView.as_view(), name="table"),
    path("warehouse/uploads", warehouse.UploadsView.as_view(), name="uploads"),
    path("warehouse/uploads/<uuid:upload_id>", warehouse.UploadView.as_view(), name="upload"),
    path("warehouse/uploads/<uuid:upload_id>/load", warehouse.LoadView.as_view(), name="load"),
    path("warehouse/demo", warehouse.DemoView.as_view(), name="demo"),
    *catalog.urlpatterns,
]
