"""The OpenAPI document and its reader; the reader's script is a file of its own, so the strict policy holds."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class SchemaView(SpectacularAPIView):
    """OpenAPI 3 of every route, as YAML or (`?format=json`) JSON."""

    public = True


class DocsView(SpectacularSwaggerSplitView):
    """The document in Swagger UI, served from our own static files."""

    public = True
    url_name = "gateway_api:schema"
    template_name = "gateway/api_docs.html"
