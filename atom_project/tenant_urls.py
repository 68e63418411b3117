"""Addresses below `/t/<slug>/`: those of the installation, with the tenant's own admin in place of the operators'."""

from django.urls import path

from apps.audit.admin import tenant_site
from atom_project import urls

urlpatterns = [path("admin/", tenant_site.urls), *urls.shared]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
