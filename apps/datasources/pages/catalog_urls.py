"""Routes of the catalog's pages."""

from django.urls import URLPattern, path

from apps.datasources.pages import catalog, personal_data, recommendations

urlpatterns: list[URLPattern] = [
    path("data/catalog/", catalog.index, name="catalog"),
    path("data/catalog/profile", catalog.profile, name="catalog_profile"),
    path("data/catalog/profile/<uuid:run_id>/", catalog.progress, name="catalog_progress"),
    path("data/catalog/columns/<uuid:column_id>", catalog.edit_column, name="catalog_column"),
    path("data/catalog/<uuid:table_id>/", catalog.detail, name="catalog_table"),
    path("data/catalog/<uuid:table_id>/sample", catalog.sample, name="catalog_sample"),
    path("data/catalog/<uuid:table_id>/cost", catalog.cost, name="catalog_cost"),
    path("data/recommendations/", recommendations.index, name="recommendations"),
    path("data/recommendations/decide", recommendations.decide, name="recommendations_decide"),
    path("data/pii/", personal_data.index, name="pii"),
    path("data/pii/decide", personal_data.decide, name="pii_decide"),
]
